#!/usr/bin/env bash
# Is one version of the kernels faster than another?  Both in one program, in turn, for each shape of a model; the ratio is the
# median of pairs, which a noisy machine disturbs little.
#
#   bench/pairs.sh OTHER-TREE [12M|120M [ROUNDS [ONLY]]]     for example: git worktree add ../before HEAD~1; bench/pairs.sh ../before
#
# OTHER-TREE is another checkout, this one comes after it.  Both have to lay out weights alike.  ONLY: the rows whose name has
# this in it.  Needs a build in build/ (or ANDREA_BUILD_DIR) and a processor with AVX2.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
other=${1:?the folder of another checkout}
shift
build=${ANDREA_BUILD_DIR:-$here/build}
[ -e "$other/src/kernels/vector/product.cc" ] || { echo "$other is no checkout: it has no src/kernels/vector/product.cc" >&2; exit 2; }
[ -e "$build/libandrea_kernels.a" ] || { echo "no build in $build: cmake --preset release && cmake --build build" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '#include "kernels/table.h"
namespace andrea::ANDREA_ISA { extern const KernelTable kTable; }' > "$work/table_of_this.h"
for version in before after; do
  tree=$here; [ $version = before ] && tree=$other
  for file in "$tree"/src/kernels/vector/*.cc; do
    printf '%s\0' "g++ -std=c++20 -O3 -DNDEBUG -mavx2 -mfma -fno-math-errno -fopenmp -DANDREA_ISA=$version -I'$tree/src' \
      -include '$work/table_of_this.h' -c '$file' -o '$work/$version.$(basename "$file").o'"
  done
done | xargs -0 -P "$(nproc)" -I{} sh -c {}
g++ -std=c++20 -O2 -fopenmp -I"$here" -I"$here/src" "$here/bench/pairs.cc" "$work"/*.o "$build/libandrea_kernels.a" \
  "$build/libandrea_base.a" -lfmt -lspdlog -lxxhash -o "$work/pairs"
"$work/pairs" "$@"
