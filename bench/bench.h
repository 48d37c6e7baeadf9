// Measuring for the benches. Machines differ and are shared, so every figure comes with the peak of the same
// minute.
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <optional>
#include <vector>

#include "base/aligned.h"
#include "base/threads.h"
#include "kernels/kernels.h"

namespace andrea::bench {

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Seconds of one run() : the median of at least `least` runs and `seconds` of running, after one to warm up.
template <class Run>
double median_seconds(const Run& run, int least = 5, double seconds = 0.5) {
  run();
  std::vector<double> times;
  for (const double start = now(); int(times.size()) < least || now() - start < seconds;) {
    const double before = now();
    run();
    times.push_back(now() - before);
  }
  return median(times);
}

// Run in turn with each of the others, so that noise meets both, and each finds the caches as the other left
// them: median seconds, and how many times as long the fastest of the others takes, the median of pairs.
struct Beside {
  double seconds;
  std::optional<double> ratio;
};
inline Beside in_turn(const std::function<void()>& run, const std::vector<std::function<void()>>& others) {
  if (others.empty()) return {median_seconds(run), {}};
  Beside best{};
  for (const auto& other : others) {
    run(), other();
    std::vector<double> times, ratios;
    for (const double start = now(); times.size() < 9 || now() - start < 1;) {
      const double first = now();
      run();
      const double second = now();
      other();
      times.push_back(second - first), ratios.push_back((now() - second) / (second - first));
    }
    const double ratio = median(ratios);
    if (!best.ratio || ratio < *best.ratio) best = {median(times), ratio};
  }
  return best;
}

// A model, and B rows of T tokens of a micro-batch.
struct Model {
  const char* name;
  Index C, H, L, B = 2, T = 1024, V = 8449;
};

// The i-th of numbers between -1 and 1, always the same.
inline float number(size_t i) { return float(i * 2654435761u % 2001) / 1000 - 1; }

// Such numbers, and the views that kernels take of them.
struct Matrix {
  Index rows, cols;
  AlignedFloats data;
  Matrix(Index r, Index c) : rows(r), cols(c), data(size_t(r * c)) {
    for (size_t i = 0; i < data.size(); ++i) data[i] = number(i);
  }
  operator Mat() { return {data.data(), rows, cols}; }
  operator CMat() const { return {data.data(), rows, cols}; }
  operator ActMat() { return Mat(*this); }
  operator CActMat() { return Mat(*this); }
  Vec flat() { return {data.data(), rows * cols}; }
};

// Multiply-adds in registers only, on all threads, with the instructions of the kernels: GFLOP/s. What a
// product of numbers of this kind could reach at most.
inline double peak_gflops(Numbers numbers) {
  constexpr int64_t kRounds = 2'000'000;
  double best = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const double before = now();
    std::vector<double> flops(static_cast<size_t>(threads()));
    parallel_for(threads(),
                 [&](int64_t t) { flops[size_t(t)] = multiply_add_in_registers(kRounds, numbers); });
    const double seconds = now() - before;
    best = std::max(best, std::accumulate(flops.begin(), flops.end(), 0.0) / seconds / 1e9);
  }
  return best;
}

}  // namespace andrea::bench
