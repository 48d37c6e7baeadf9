// The loss as a health figure: an exponential moving average, its minimum, and what a loss of that size
// means. A loss is a number; only the samples say what it means.
#pragma once
#include <cmath>
#include <cstdint>

namespace andrea {

struct LossTracker {
  int64_t points = 0;
  double ema = 0;  // seeded with the first loss, then alpha * loss + (1 - alpha) * ema
  double min_ema = 0;
  int64_t min_step = 0;
  bool operator==(const LossTracker&) const = default;
};
template <class V>
void visit(V& v, LossTracker& tracker) {
  auto& [points, ema, min_ema, min_step] = tracker;  // a member that is not here: an error
  v("points", points), v("ema", ema), v("min_ema", min_ema), v("min_step", min_step);
}

// Pure; once for each training step (in a replay, once for each point). `loss` is finite, 0 < alpha <= 1.
LossTracker fold(LossTracker tracker, double alpha, int64_t step, double loss);

struct Tier {
  double loss;          // nats per token
  const char* reading;  // what a model with this loss does
};
// The nearest row of the table of readings; under 0.20 always the alarm row. NaN and infinity: "not a
// number".
const Tier& tier_of(double loss);

inline double perplexity(double loss) { return std::exp(loss); }

}  // namespace andrea
