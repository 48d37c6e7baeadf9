#!/usr/bin/env bash
# Fuzzing with libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

minutes=10 skip_install=0
targets=()
while (($#)); do
  case $1 in
    --minutes)
      if (($# < 2)); then usage_error "$1 wants a value"; fi
      minutes=$2
      shift
      ;;
    --skip-install) skip_install=1 ;;
    config | log | text | model | checkpoint | replay) targets+=("$1") ;;
    *)
      cat <<'TEXT'
Feeds any bytes to what reads files: configs, event logs, text, tokenizer models, checkpoints, the logs of others.

  scripts/fuzz.sh [--minutes N] [--skip-install] [config] [log] [text] [model] [checkpoint] [replay]

  --minutes N     for each target (default: 10)
  --skip-install  install nothing (needs clang and libomp-dev); name what is missing

All six targets when none is named. What was found stays in build/fuzz/corpus/TARGET and is begun with the next time; an
input that breaks something is kept as build/fuzz/crash-*.
TEXT
      if [[ $1 == -h || $1 == --help ]]; then exit 0; else exit 2; fi
      ;;
  esac
  shift
done
if ((${#targets[@]} == 0)); then targets=(config log text model checkpoint replay); fi

title "Packages"
packages+=(clang libomp-dev)
install_packages
title "Build: clang, in $build_dir/fuzz"
cd "$root"
fuzz=$build_dir/fuzz
build_in "$build_dir/asan" asan -- $(printf 'fuzz_%s ' "${targets[@]}")
cmake -S . -B "$fuzz" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++ -DANDREA_LIBFUZZER=ON \
  -DCMAKE_CXX_FLAGS="-O1 -g1 -fsanitize=fuzzer-no-link" -DANDREA_SANITIZE=ON >"$build_dir/fuzz.log"
ninja -C "$fuzz" $(printf 'fuzz_%s ' "${targets[@]}")
for target in "${targets[@]}"; do
  title "$target: $minutes minutes"
  mkdir -p "$fuzz/corpus/$target"
  "$build_dir/asan/bin/fuzz_$target" --write-seeds "$fuzz/corpus/$target"
  (cd "$fuzz" && "$fuzz/bin/fuzz_$target" -max_total_time=$((minutes * 60)) -max_len=65536 -timeout=20 -rss_limit_mb=4096 \
    -print_final_stats=1 "corpus/$target") 2>&1 | grep -vE '^#[0-9]+\s+(NEW|REDUCE|pulse|RELOAD)|NEW_FUNC'
done
say "" "Nothing broke."
