// bench_step [--json] [--bf16] 12M|120M ROWS STEPS: a whole training step (forward, loss, backward, clipping,
// AdamW) on random tokens; bench/report.py measures PyTorch's in turn with it.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/rng.h"
#include "bench/bench.h"
#include "kernels/isa.h"
#include "model/gpt.h"

using namespace andrea;

int main(int argc, char** argv) {
  const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  if (json) --argc, ++argv;
  const bool bf16 = argc > 1 && std::strcmp(argv[1], "--bf16") == 0;
  if (bf16) --argc, ++argv;
  const Numbers numbers = bf16 ? Numbers::bf16 : Numbers::fp32;
  if (argc != 4) return fmt::print(stderr, "bench_step 12M|120M ROWS STEPS\n"), 2;
  set_threads(usable_cpus());
  const bool small = std::strcmp(argv[1], "12M") == 0;
  const ModelShape shape{8449, 1024, small ? 384 : 768, 12, small ? 6 : 12};
  const Index rows = std::atoi(argv[2]), T = shape.context, N = rows * T;
  Tensors weights(shape), grads(shape), m(shape), v(shape);
  initialise(weights, 1);
  PackedWeights packed(weights, numbers);
  Activations activations(shape, rows, T, numbers);
  std::vector<uint16_t> ids, targets;
  Rng rng = stream(1, Purpose::test, 0);
  for (Index n = 0; n < N; ++n)
    ids.push_back(uint16_t(rng.below(8449))), targets.push_back(uint16_t(rng.below(8449)));

  double mean_loss = 0, parts[4] = {};
  int64_t step = 0;
  const auto train_step = [&] {
    const double t0 = bench::now();
    grads.zero();
    packed.set();
    forward(activations, packed, {ids.data(), N});
    const double t1 = bench::now();
    loss(activations, packed, {targets.data(), N}, &grads, 1.0f / float(N));
    const double t2 = bench::now();
    backward(activations, packed, {ids.data(), N}, grads);
    const double t3 = bench::now();
    const double norm = std::sqrt(sum_of_squares(grads.flat()));
    adamw(weights.flat(), m.flat(), v.flat(), grads.flat(),
          {3e-4f, 0.9f, 0.95f, 1e-8f, 0.1f, float(std::min(1.0, 1 / norm)), ++step});
    const double t4 = bench::now();
    parts[0] += t1 - t0, parts[1] += t2 - t1, parts[2] += t3 - t2, parts[3] += t4 - t3;
    mean_loss = 0;
    for (Index n = 0; n < N; ++n) mean_loss += double(activations.losses.data[n]) / double(N);
  };
  const double peak = bench::peak_gflops(numbers);
  const double seconds = bench::median_seconds(train_step, std::atoi(argv[3]), 0);
  const double gflops = flops_per_token(shape) * double(N) / seconds / 1e9;
  if (json) {
    fmt::print(
        R"({{"step":"{}","rows":{},"isa":"{}","precision":"{}","threads":{},"seconds":{:.6g},"tokens_per_second":{:.6g},"gflops":{:.6g},)"
        R"("peak_gflops":{:.6g},"forward":{:.6g},"loss":{:.6g},"backward":{:.6g},"update":{:.6g}}})"
        "\n",
        argv[1], rows, name_of(isa()), bf16 ? "bf16" : "fp32", threads(), seconds, double(N) / seconds,
        gflops, peak, parts[0] / double(step), parts[1] / double(step), parts[2] / double(step),
        parts[3] / double(step));
    return 0;
  }
  fmt::print(
      "andrea {} B{} {} threads, {} on {}: loss {:.3f} median {:.3f} s  tok/s {:.0f}  GFLOP/s {:.0f} = "
      "{:.0f} % of "
      "peak\n",
      argv[1], rows, threads(), bf16 ? "bf16" : "fp32", name_of(isa()), mean_loss, seconds,
      double(N) / seconds, gflops, 100 * gflops / peak);
  fmt::print("  forward {:.3f} s, loss {:.3f} s, backward {:.3f} s, clip and AdamW {:.3f} s\n",
             parts[0] / double(step), parts[1] / double(step), parts[2] / double(step),
             parts[3] / double(step));
}
