#!/usr/bin/env bash
# Is one version of the kernels faster than another?  Both in one program, in turn, for each shape of a model; the ratio is the
# median of pairs, which a noisy machine disturbs little.
#
#   bench/pairs.sh OTHER-TREE [12M|120M|quickstart|study [ROUNDS [ONLY]]]
#
#   for example: git worktree add ../before HEAD~1; bench/pairs.sh ../before
#
# OTHER-TREE is another checkout, this one comes after it.  Both must lay out weights alike.  ONLY: the rows whose name has this in
# it.  Needs a configured build in build/ (or ANDREA_BUILD_DIR) and a processor with AVX2.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 1 ] || { sed -n '5p' "$0" >&2; exit 2; }
other=$1
shift
build=${ANDREA_BUILD_DIR:-$here/build}
[ -e "$other/src/kernels/vector/product.cc" ] || { echo "$other is no checkout: it has no src/kernels/vector/product.cc" >&2; exit 2; }
cmp -s "$other/src/kernels/table.h" "$here/src/kernels/table.h" ||
  { echo "the two have different kernels (src/kernels/table.h), so one program cannot hold both" >&2; exit 2; }
[ -e "$build/CMakeCache.txt" ] || { echo "no build in $build: ./scripts/test.sh makes one" >&2; exit 2; }
cmake --build "$build" --target andrea_kernels andrea_base >/dev/null

work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
echo '#include "kernels/table.h"
namespace andrea::ANDREA_ISA { extern const KernelTable kTable; }' > "$work/table_of_this.h"
for version in before after; do
  tree=$here; [ $version = before ] && tree=$other
  for file in "$tree"/src/kernels/vector/*.cc; do printf '%s\0' $version "$tree/src" "$file"; done
done | xargs -0 -n 3 -P "$(nproc)" sh -c 'g++ -std=c++20 -O3 -DNDEBUG -mavx2 -mfma -fno-math-errno -fopenmp -DANDREA_ISA=$0 -I"$1" \
  -include "$work/table_of_this.h" -c "$2" -o "$work/$0.$(basename "$2").o"'
g++ -std=c++20 -O2 -fopenmp -I"$here" -I"$here/src" "$here/bench/pairs.cc" "$work"/*.o "$build/libandrea_kernels.a" \
  "$build/libandrea_base.a" -lfmt -lspdlog -lxxhash -o "$work/pairs"
"$work/pairs" "$@"
