// bench_kernels [--json] [--bf16] [12M|120M [THREADS]]: every kernel at the sizes of a model, as parts of the
// peak measured beside it; products beside oneDNN's (onednn.h). With --json a line each for bench/report.py.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "bench/bench.h"
#include "bench/onednn.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"

using namespace andrea;
using bench::Matrix;
using bench::Model;

namespace {

Numbers numbers = Numbers::fp32;  // of activations

// Activations of that kind.
struct Acts {
  Matrix memory;  // of bf16 half of it is used; pairs of small numbers then
  Acts(Index r, Index c) : memory(r, c) {
    if (numbers == Numbers::bf16)
      for (float& word : memory.data) {
        const uint32_t half = std::bit_cast<uint32_t>(word) >> 16;
        word = std::bit_cast<float>(half << 16 | half);
      }
  }
  operator ActMat() { return {memory.data.data(), memory.rows, memory.cols, memory.cols, numbers}; }
  operator CActMat() { return ActMat(*this); }
};
Weight packed(CMat w) {
  Weight weight(w.rows, w.cols, numbers);
  weight.set(w);
  return weight;
}

bool json = false;
std::string model_name;
double step_seconds = 0;  // sum over all rows of seconds * count
double step_flops = 0;

// `count`: how often a training step of the model calls it. `bytes`: what must be read and written at least
// once; without FLOPs the measure.
template <class Run>
void row(const std::string& name, double count, double flops, double bytes, const Run& run,
         const std::vector<std::function<void()>>& onednn = {}) {
  const double peak = bench::peak_gflops(numbers);
  const auto [seconds, ratio] = bench::in_turn(run, onednn);
  step_seconds += seconds * count;
  step_flops += flops * count;
  if (json) {
    fmt::print(
        R"({{"kernel":"{}","model":"{}","isa":"{}","precision":"{}","threads":{},"count":{},"seconds":{:.6g},"flops":{:.6g},)"
        R"("bytes":{:.6g},"peak_gflops":{:.5g},"onednn_ratio":{}}})"
        "\n",
        name, model_name, name_of(isa()), numbers == Numbers::bf16 ? "bf16" : "fp32", threads(), count,
        seconds, flops, bytes, peak, ratio ? fmt::format("{:.4g}", *ratio) : "null");
  } else if (flops > 0) {
    fmt::print("{:<34} {:9.3f} ms x {:3} {:9.1f} GFLOP/s {:5.1f} % of peak{}\n", name, seconds * 1e3, count,
               flops / seconds / 1e9, 100 * flops / seconds / 1e9 / peak,
               ratio ? fmt::format("  oneDNN {:5.3f} times as long", *ratio) : "");
  } else {
    fmt::print("{:<34} {:9.3f} ms x {:3} {:9.1f} GB/s\n", name, seconds * 1e3, count, bytes / seconds / 1e9);
  }
  std::fflush(stdout);
}

void products(const Model& m, const char* what, double count, Index O, Index C) {
  const Index N = m.B * m.T;
  Acts x(N, C), y(N, O);
  Matrix w(O, C);
  const Weight weight = packed(w);
  const double flops = 2.0 * double(N) * double(O) * double(C);
  const double bytes = 4.0 * double(N * C + O * C + N * O);
  const std::string name = fmt::format("{} {}x{}x{}", what, N, O, C);
  const auto theirs = [&](bench::Product product) {
    return bench::onednn_products(product, N, O, C, numbers);
  };
  row(
      name, count, flops, bytes, [&] { matmul(y, x, weight); }, theirs(bench::Product::forward));
  row(
      name + " dx", count, flops, bytes, [&] { matmul_input_backward(x, y, weight); },
      theirs(bench::Product::input_gradient));
  row(
      name + " dw", count, flops, bytes, [&] { matmul_weight_backward(w, y, x); },
      theirs(bench::Product::weight_gradient));
}

void attention_rows(const Model& m) {
  const Index N = m.B * m.T;
  Acts qkv(N, 3 * m.C), out(N, m.C), dqkv(N, 3 * m.C), dout(N, m.C);
  Matrix lse(m.B * m.H, m.T);
  const double causal =
      double(N) * double(m.T + 1) / 2 * double(m.C);  // products of one pass over the seen keys
  const double bytes = 4.0 * double(4 * N * m.C);
  row("attention", double(m.L), 4 * causal, bytes, [&] { attention(out, lse, qkv, m.T, m.H); });
  row("attention backward", double(m.L), 10 * causal, 2 * bytes,
      [&] { attention_backward(dqkv, dout, out, lse, qkv, m.T, m.H); });
}

void elementwise_rows(const Model& m) {
  const Index N = m.B * m.T;
  Acts y(N, m.C), dy(N, m.C);
  Matrix x(N, m.C), dx(N, m.C), gain(1, m.C), dgain(1, m.C), mean(1, N), rstd(1, N);
  const double bytes = 4.0 * double(N * m.C), norms = 2 * double(m.L) + 1;
  row("norm", norms, 0, 2 * bytes, [&] { norm(y, mean.flat(), rstd.flat(), x, gain.flat()); });
  row("norm backward", norms, 0, 4 * bytes,
      [&] { norm_backward(dx, dgain.flat(), dy, x, gain.flat(), mean.flat(), rstd.flat()); });
}

void loss_rows(const Model& m) {
  const Index N = m.B * m.T;
  Acts x(N, m.C), dx(N, m.C);
  Matrix stream(N, m.C), head(m.V, m.C), dhead(m.V, m.C), losses(1, N);
  for (float& w : head.data) w *= 0.02f;
  const Weight weight = packed(head);
  std::vector<uint16_t> ids(static_cast<size_t>(N));
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = uint16_t(i * 7919 % size_t(m.V));
  const CIds view(ids.data(), N);
  const double flops = 2.0 * double(N) * double(m.V) * double(m.C);
  const double of_loss = 4.0 * double(N * m.C + m.V * m.C);
  row("loss alone", 0, flops, of_loss, [&] { cross_entropy(losses.flat(), {}, {}, x, weight, view, 0); });
  row("loss with gradients", 1, 3 * flops, 3 * of_loss,
      [&] { cross_entropy(losses.flat(), dx, dhead, x, weight, view, 1e-3f); });
  Matrix positions(m.T, m.C);
  const double bytes = 4.0 * double(N * m.C);
  row("embedding", 1, 0, 3 * bytes, [&] { embedding(stream, head, positions, view, m.T); });
  row("embedding backward", 1, 0, 5 * bytes,
      [&] { embedding_backward(dhead, positions, stream, view, m.T); });
}

void parameter_rows(const Model& m) {
  const Index n = 2 * m.V * m.C + m.T * m.C + 12 * m.L * m.C * m.C;
  Matrix w(1, n), first(1, n), second(1, n), grad(1, n);
  std::memset(second.data.data(), 0, second.data.size() * sizeof(float));
  const double bytes = 4.0 * double(n);
  Weight one(4 * m.C, m.C, numbers);
  row("weights packed", double(n) / double(one.outputs() * one.inputs()), 0,
      bytes * double(one.outputs() * one.inputs()) / double(n) * 3,
      [&] { one.set(CMat(w.data.data(), one.outputs(), one.inputs())); });
  row("sum of squares", 1, 0, bytes, [&] { sum_of_squares(grad.flat()); });
  row("all finite", 1, 0, bytes, [&] { all_finite(grad.flat()); });
  row("AdamW", 1, 0, 7 * bytes, [&] {
    adamw(w.flat(), first.flat(), second.flat(), grad.flat(), {1e-4f, 0.9f, 0.999f, 1e-8f, 0.1f, 1, 100});
  });
}

void table(const Model& m) {
  model_name = m.name;
  if (!json) fmt::print("\n{}, batch {} x {}, {}, {} threads\n", m.name, m.B, m.T, name_of(isa()), threads());
  step_seconds = step_flops = 0;
  products(m, "qkv", double(m.L), 3 * m.C, m.C);
  products(m, "attention out", double(m.L), m.C, m.C);
  products(m, "mlp up", double(m.L), 4 * m.C, m.C);
  products(m, "mlp down", double(m.L), m.C, 4 * m.C);
  attention_rows(m);
  elementwise_rows(m);
  loss_rows(m);
  parameter_rows(m);
  if (json) return;
  fmt::print("sum of a training step: {:.3f} s, {:.1f} GFLOP/s, {:.1f} % of peak\n", step_seconds,
             step_flops / step_seconds / 1e9,
             100 * step_flops / step_seconds / 1e9 / bench::peak_gflops(numbers));
}

}  // namespace

int main(int argc, char** argv) {
  json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  if (json) --argc, ++argv;
  if (argc > 1 && std::strcmp(argv[1], "--bf16") == 0) numbers = Numbers::bf16, --argc, ++argv;
  set_threads(argc > 2 ? std::atoi(argv[2]) : usable_cpus());
  const Model models[] = {{"12M", 384, 12, 6}, {"120M", 768, 12, 12}};
  for (const Model& m : models)
    if (argc < 2 || std::strcmp(argv[1], m.name) == 0) table(m);
}
