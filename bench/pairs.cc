// The kernels of two source trees in one program, in turn, shape after shape: what is left of a noisy machine
// is the ratio of two runs that follow one another. Built and started by bench/pairs.sh.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench.h"
#include "kernels/isa.h"
#include "kernels/table.h"
#include "kernels/weight.h"

namespace andrea::before {
extern const KernelTable kTable;
}
namespace andrea::after {
extern const KernelTable kTable;
}

using namespace andrea;
using bench::Matrix;
using bench::Model;

namespace {

const Model kModels[] = {{"12M", 384, 12, 6},
                         {"120M", 768, 12, 12},
                         {"quickstart", 192, 6, 4, 4, 256},  // configs/quickstart.yaml
                         {"study", 64, 4, 4, 8, 128}};       // scripts/curriculum_study.py, small

int rounds = 15;
std::string only;
double totals[2] = {};

using Matrices = std::vector<Matrix>;  // one of each layer, so that they come from memory as in a step
Matrices matrices(Index count, Index rows, Index cols) { return Matrices(size_t(count), Matrix(rows, cols)); }

// How long a word takes from core to core and back: where that changes, the machine has moved.
double round_trip_ns() {
  constexpr int kTrips = 100'000;
  alignas(64) static std::atomic<int> word;
  word = 0;
  std::thread other([] {
    for (int i = 0; i < kTrips; ++i) {
      while (word.load(std::memory_order_acquire) != 2 * i + 1) {
      }
      word.store(2 * i + 2, std::memory_order_release);
    }
  });
  const double start = bench::now();
  for (int i = 0; i < kTrips; ++i) {
    while (word.load(std::memory_order_acquire) != 2 * i) {
    }
    word.store(2 * i + 1, std::memory_order_release);
  }
  other.join();
  return (bench::now() - start) / kTrips * 1e9;
}

void row(const std::string& name, Index count, double flops,
         const std::function<void(const KernelTable&, size_t)>& run) {
  if (name.find(only) == std::string::npos) return;
  const KernelTable* tables[] = {&before::kTable, &after::kTable};
  size_t layer = 0;
  for (const KernelTable* t : tables) run(*t, layer++ % size_t(count));
  std::vector<double> times[2], ratios;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 2; ++i) {
      const int which = (i + round) % 2;
      const double start = bench::now();
      run(*tables[which], layer++ % size_t(count));
      times[which].push_back(bench::now() - start);
    }
    ratios.push_back(times[1].back() / times[0].back());
  }
  const double peak = bench::peak_gflops(Numbers::fp32) * 1e9;
  std::string line = fmt::format("{:<18}", name);
  for (int i = 0; i < 2; ++i) {
    std::sort(times[i].begin(), times[i].end());
    const double best = times[i].front(), middle = times[i][size_t(rounds) / 2];
    line += fmt::format("  {:8.3f} ms, median {:8.3f} = {:5.1f} %", best * 1e3, middle * 1e3,
                        100 * flops / middle / peak);
    totals[i] += middle * double(count);
  }
  std::sort(ratios.begin(), ratios.end());
  fmt::print("{}  {:.3f}\n", line, ratios[size_t(rounds) / 2]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "12M";
  if (argc > 2) rounds = std::atoi(argv[2]);
  if (argc > 3) only = argv[3];
  const auto model =
      std::find_if(std::begin(kModels), std::end(kModels), [&](const Model& m) { return m.name == wanted; });
  if (model == std::end(kModels) || rounds < 1)
    return fmt::print(stderr,
                      "pairs.sh OTHER-TREE [12M|120M|quickstart|study [ROUNDS [ONLY]]], ROUNDS at least 1\n"),
           2;
  const auto usable = usable_isas();
  if (std::find(usable.begin(), usable.end(), Isa::avx2) == usable.end())
    return fmt::print(stderr, "pairs.sh compares the kernels for AVX2, which this processor lacks\n"), 2;
  set_isa(Isa::avx2);  // by which Weight lays out, and the peak is measured
  set_threads(usable_cpus());
  const Index C = model->C, L = model->L, H = model->H, T = model->T, N = model->B * T, V = model->V;
  fmt::print("{} threads, {} rounds; from core to core and back {:.0f} ns\n{:<18}  {:<36}  {:<36}  ratio\n",
             threads(), rounds, round_trip_ns(), "", "before: best", "after: best");
  const auto product = [&](const std::string& name, Index O, Index I) {
    Matrices x = matrices(L, N, I), y = matrices(L, N, O);
    Matrix w(O, I), dw(O, I);
    for (float& number : w.data) number *= 0.02f;
    Weight weight(O, I, Numbers::fp32);
    weight.set(w);
    const double flops = 2.0 * double(N) * double(O) * double(I);
    row(name, L, flops, [&](const KernelTable& t, size_t l) { t.matmul(y[l], x[l], weight); });
    row(name + " dx", L, flops,
        [&](const KernelTable& t, size_t l) { t.matmul_input_backward(x[l], y[l], weight); });
    row(name + " dw", L, flops,
        [&](const KernelTable& t, size_t l) { t.matmul_weight_backward(dw, y[l], x[l]); });
  };
  product("qkv", 3 * C, C), product("attention out", C, C);
  product("mlp up", 4 * C, C), product("mlp down", C, 4 * C);

  Matrices qkv = matrices(L, N, 3 * C), out = matrices(L, N, C), dout = out, dqkv = qkv;
  Matrices lse = matrices(L, N / T * H, T);
  const double causal = double(N) * double(T + 1) / 2 * double(C);
  row("attention", L, 4 * causal,
      [&](const KernelTable& t, size_t l) { t.attention(out[l], lse[l], qkv[l], T, H); });
  for (size_t l = 0; l < size_t(L); ++l) before::kTable.attention(out[l], lse[l], qkv[l], T, H);
  row("attention backward", L, 10 * causal, [&](const KernelTable& t, size_t l) {
    t.attention_backward(dqkv[l], dout[l], out[l], lse[l], qkv[l], T, H);
  });

  Matrix x(N, C), dx(N, C), head(V, C), dhead(V, C), losses(1, N);
  for (float& number : head.data) number *= 0.02f;
  Weight weight(V, C, Numbers::fp32);
  weight.set(head);
  std::vector<uint16_t> ids;
  for (Index i = 0; i < N; ++i) ids.push_back(uint16_t(i * 7919 % V));
  row("loss", 1, 6.0 * double(N) * double(V) * double(C), [&](const KernelTable& t, size_t) {
    t.cross_entropy(losses.flat(), ActMat(dx), dhead, x, weight, CIds(ids.data(), N), 1e-3f);
  });
  if (totals[0] == 0) return fmt::print(stderr, "no row has '{}' in its name\n", only), 2;
  fmt::print("sum of medians: {:.1f} ms, {:.1f} ms\nfrom core to core and back {:.0f} ns\n", totals[0] * 1e3,
             totals[1] * 1e3, round_trip_ns());
}
