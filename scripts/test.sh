#!/usr/bin/env bash
# Builds everything and runs all tests. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

help() {
  cat <<'TEXT'
Builds andrea-train (Release, in build/) and runs its tests.

  scripts/test.sh [--fast | --asan] [--skip-install] [--ci]

  --fast          only the tests labelled fast: seconds instead of minutes
  --asan          the fast tests again under AddressSanitizer and UndefinedBehaviorSanitizer, in build/asan
  --skip-install  install nothing; name what is missing with the line that installs it
  --ci            warnings are errors, no advice at the end (.ci/run uses it)

Missing Debian packages are named, then installed with apt-get, as root or through sudo.
ANDREA_BUILD_DIR names another build folder than build/. The exit code is ctest's: 0 when every test passed.
TEXT
}

which_tests=all skip_install=0 ci=0
while (($#)); do
  case $1 in
    --fast | --asan) which_tests=${1#--} ;;
    --skip-install) skip_install=1 ;;
    --ci) ci=1 ;;
    -h | --help)
      help
      exit 0
      ;;
    *) usage_error "Unknown option: $1" ;;
  esac
  shift
done

options=() ctest_options=(--output-on-failure --no-tests=error --parallel "$(build_jobs)")
if ((ci)); then options=(-DANDREA_WERROR=ON); fi
if [[ -t 1 ]]; then ctest_options+=(--progress); fi

title "Packages"
install_packages
case $which_tests in
  all)
    title "Build: Release, in $build_dir"
    build_in "$build_dir" release "${options[@]}" --
    title "All tests"
    test_dir=$build_dir
    next=("scripts/test.sh --asan       the fast tests again, with every memory access checked"
      "scripts/quickstart.sh        real text and five minutes of training")
    ;;
  fast)
    title "Build: Release, in $build_dir, the fast tests alone"
    build_in "$build_dir" release "${options[@]}" -- fast_tests
    title "The fast tests"
    test_dir=$build_dir ctest_options+=(-L fast)
    next=("scripts/test.sh              all tests, the slow ones too")
    ;;
  asan)
    title "Build: with AddressSanitizer and UndefinedBehaviorSanitizer, in $build_dir/asan"
    build_in "$build_dir/asan" asan "${options[@]}" -- fast_tests
    title "The fast tests under the sanitizers"
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1
    export UBSAN_OPTIONS=print_stacktrace=1
    test_dir=$build_dir/asan ctest_options+=(-L fast)
    next=("scripts/test.sh              all tests at full speed")
    ;;
esac

status=0
ctest --test-dir "$test_dir" "${ctest_options[@]}" || status=$?
if ((ci)); then exit "$status"; fi
if ((status)); then
  say "" "A test failed; its output stands above. Run it alone with:"
  say "  ctest --test-dir $test_dir --rerun-failed --output-on-failure"
else
  say "" "Next:"
  for line in "${next[@]}"; do say "  $line"; done
fi
exit "$status"
