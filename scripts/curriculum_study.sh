#!/usr/bin/env bash
# Is the bandit worth it? Fetches the text, builds, and trains under each way of choosing text. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

help() {
  cat <<'TEXT'
Trains the same models on the same seven arms under each curriculum.policy and reward, five seeds each, and compares.

  scripts/curriculum_study.sh WORK-FOLDER [options of scripts/curriculum_study.py: --sizes, --seeds, --jobs, --report-only]

Hours: it can be stopped with Ctrl-C and started again with the same words. What it finds is in WORK-FOLDER/report.md,
what each policy read in WORK-FOLDER/pulls-SIZE.svg; docs/curriculum.md tells how each of them works.
TEXT
}
case ${1:-} in -h | --help) help; exit 0 ;; esac
if (($# < 1)) || [[ $1 == -* ]]; then usage_error "The work folder is missing"; fi
work=$(realpath -m "$1")
shift

title "Packages"
install_packages
title "Build"
build_in "$build_dir" release -- andrea-train
if [[ ! -e $root/corpus/standard/SOURCES.tsv ]]; then
  title "Text: the standard set"
  python3 "$root/scripts/fetch_corpus.py" standard
fi
if [[ ! -e $work/corpus/shuffled.txt ]]; then # the last one written
  title "Text: seven arms"
  python3 "$root/scripts/study_corpus.py" "$root/corpus/standard" "$work/corpus"
fi
title "Training: finished runs are listed as they end"
python3 "$root/scripts/curriculum_study.py" "$build_dir/bin" "$work" "$@"
say "" "The report is in $work/report.md. Go on, or add seeds, with the same command."
