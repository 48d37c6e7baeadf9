// Measuring for the benches. Machines differ and are shared, so every figure comes with the peak of the same
// minute.
#pragma once
#include <algorithm>
#include <chrono>
#include <vector>

#include "base/threads.h"
#include "kernels/simd.h"

namespace andrea::bench {

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
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
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

// fp32 multiply-adds in registers only, on all threads: GFLOP/s. What a product could reach at most.
inline double peak_gflops() {
  constexpr int kChains = 12;  // independent, to fill the pipelines: 2 units, 4 to 5 cycles each
  constexpr int64_t kRounds = 2'000'000;
  double best = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const double before = now();
    parallel_for(threads(), [&](int64_t thread) {
      Floats sum[kChains];
      for (int i = 0; i < kChains; ++i) sum[i] = splat(float(i + thread));
      const Floats a = splat(0.999f), b = splat(1e-4f);
      for (int64_t round = 0; round < kRounds; ++round)
        for (int i = 0; i < kChains; ++i) sum[i] = sum[i] * a + b;
      Floats all{};
      for (int i = 0; i < kChains; ++i) all += sum[i];
      [[maybe_unused]] volatile float used = sum_of(all);
    });
    best =
        std::max(best, double(threads()) * double(kRounds) * kChains * kLanes * 2 / (now() - before) / 1e9);
  }
  return best;
}

}  // namespace andrea::bench
