#!/usr/bin/env bash
# The storms at full count: what ctest runs in a short form. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

case ${1:-} in
  '') ;;
  *)
  cat <<'TEXT'
Lets a tiny run be hit by everything that happens to long ones, and compares its end with the undisturbed run's.

  scripts/storms.sh

  1. kill -9 two hundred times at random moments, most of them while it saves or logs
  2. the world: a second trainer, signals at any moment, the log cut by hand, the folder moved or read-only, the clock set back
  3. every system call on the run folder fails in turn: full disk, I/O errors, short writes, no descriptors
  4. every file of the run folder and the token stores damaged in 160 places
  5. an hour of a tiny run: memory, threads and open files stay the same, the log's EMA is that of its losses

Needs a finished build (scripts/test.sh). Takes about an hour and a half on 2 cores. The exit code is 0 when nothing was lost.
TEXT
    if [[ $1 == -h || $1 == --help ]]; then exit 0; else exit 2; fi
    ;;
esac
export ANDREA_BUILD_DIR=$build_dir OMP_WAIT_POLICY=passive
title "Two hundred kills"
python3 -B "$root/tests/storms/kill_storm.py" 200
title "The world outside"
python3 -B "$root/tests/storms/world.py"
title "Failing system calls"
python3 -B "$root/tests/storms/failing_calls.py"
title "Damaged files"
python3 -B "$root/tests/storms/damage.py"
title "An hour"
python3 -B "$root/tests/storms/soak.py" 60
say "" "Nothing was lost." "Next:  scripts/fuzz.sh      any bytes as config, log, checkpoint, text and tokenizer model"
