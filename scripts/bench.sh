#!/usr/bin/env bash
# How fast the kernels and whole training steps are on this machine. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

options=() skip_install=0
while (($#)); do
  case $1 in
    --quick) options+=(--quick) ;;
    --skip-install) skip_install=1 ;;
    --torch | --json | --run)
      if (($# < 2)); then usage_error "$1 wants a value"; fi
      options+=("$1" "$2")
      shift
      ;;
    *)
      cat <<'TEXT'
Measures kernels by shape and whole training steps of ANDREA-12M and 120M, each as a part of the peak (multiply-adds in registers alone)
of the same minute, and products beside oneDNN's. Machines are shared: where the peak moved by more than 15 %, no ratio is printed.

  scripts/bench.sh [--quick] [--torch PYTHON] [--run RUN] [--json FILE] [--skip-install]

  --quick          12M alone, one round: under a minute, without --torch
  --torch PYTHON   PyTorch's step (bench/torch_gpt.py) in turn with ours, 8 rows of 1024 tokens, three rounds, half an hour: a Python
                   that has torch
  --run RUN        how much of a finished run's time went beside its steps: samples, scores, evaluations, checkpoints
  --json FILE      the figures, for bench/roofline.py
  --skip-install   install nothing; without libdnnl-dev there is no oneDNN to compare with

Takes about four minutes without --torch. Leave the machine alone meanwhile.
TEXT
      if [[ $1 == -h || $1 == --help ]]; then exit 0; else exit 2; fi
      ;;
  esac
  shift
done

title "Packages"
if ((!skip_install)); then packages+=(libdnnl-dev); fi
install_packages
title "Build: Release, in $build_dir"
build_in "$build_dir" release -- bench_kernels bench_step
title "Speed"
python3 -B "$root/bench/report.py" "$build_dir/bin" "${options[@]}"
say "" "Next:  bench/roofline.py FILE > roofline.svg      a picture of --json FILE" "       docs/performance.md                        what was measured before, and what was tried"
