#!/usr/bin/env bash
# Builds the kernels and their tests for arm64 and runs them under qemu. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

skip_install=0
while (($#)); do
  case $1 in
    --skip-install) skip_install=1 ;;
    *)
      cat <<'TEXT'
Builds the kernels (NEON) and their tests with Debian's cross-compiler for arm64 and runs them under qemu's user mode.

  scripts/test_arm64.sh [--skip-install]

  --skip-install  install nothing (needs g++-aarch64-linux-gnu, qemu-user, doctest-dev); name what is missing

Takes a few minutes; on an arm64 machine scripts/test.sh does all of it and more. The exit code is 0 when every test passed.
TEXT
      if [[ $1 == -h || $1 == --help ]]; then exit 0; else exit 2; fi
      ;;
  esac
  shift
done

title "Packages"
packages=(g++-aarch64-linux-gnu qemu-user doctest-dev)
install_packages

title "Build: arm64, in $build_dir/arm64"
out=$build_dir/arm64
mkdir -p "$out/include" "$out/objects"
ln -sfn /usr/include/doctest "$out/include/doctest" # of all that lies there, that header alone
cd "$root"
flags=(-std=c++20 -O2 -fopenmp -fno-math-errno -Isrc -I. -isystem "$out/include")
compile() { # ISA FLAG FILE...
  local isa=$1 flag=$2
  printf '%s\n' "${@:3}" | ISA=$isa FLAGS="${flags[*]} -DANDREA_ISA=$isa $flag" OUT=$out xargs -P "$(build_jobs)" -I{} bash -c \
    'echo "  $1 ($ISA)"; read -ra flags <<<"$FLAGS"
    aarch64-linux-gnu-g++ "${flags[@]}" -c "$1" -o "$OUT/objects/$ISA.${1//\//.}.o"' _ {}
}
compile portable "" src/base/threads.cc src/base/rng.cc src/kernels/*.cc src/kernels/vector/*.cc tests/every_isa_main.cc \
  tests/unit/kernels/*_test.cc tests/grad/kernels_grad_test.cc
compile amx_model -DANDREA_TILES src/kernels/vector/*.cc
aarch64-linux-gnu-g++ -static -fopenmp -Wl,--no-warnings "$out"/objects/*.o -o "$out/test_kernels"

title "Tests under qemu"
OMP_WAIT_POLICY=passive qemu-aarch64 "$out/test_kernels"
say "" "The kernels pass on arm64." "Next:  scripts/test.sh        all tests on this machine"
