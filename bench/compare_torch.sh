#!/bin/sh
# compare_torch.sh BENCH_STEP PYTHON TORCH_GPT [SIZE ROWS STEPS ROUNDS]: our training step and PyTorch's, in turn, on
# the same machine; each prints its median. The ratio of neighbours counts, not the figures.
set -eu
step=$1 python=$2 peer=$3 size=${4:-12M} rows=${5:-2} steps=${6:-5} rounds=${7:-3}
for round in $(seq "$rounds"); do
  "$step" "$size" "$rows" "$steps"
  "$python" "$peer" "$size" fp32 "$rows" "$steps"
done
