#include "gate/tracker.h"

#include <cmath>

namespace andrea {
namespace {

// Without the last row, 0.00 "perfect memorisation": that is the alarm too.
constexpr Tier kTiers[] = {
    {9.04, "random over the vocabulary"},
    {5.00, "early training, basic structure"},
    {3.00, "learning the vocabulary distribution"},
    {2.00, "knowledgeable but imprecise"},
    {1.00, "constraint-following"},
    {0.70, "textbook one-liner"},
    {0.30, "factual recall, mostly memorised"},
    {0.13, "ALERT: memorised substring"},
};

}  // namespace

LossTracker fold(LossTracker t, double alpha, int64_t step, double loss) {
  t.ema = t.points == 0 ? loss : alpha * loss + (1 - alpha) * t.ema;
  if (t.points == 0 || t.ema < t.min_ema) {
    t.min_ema = t.ema;
    t.min_step = step;
  }
  ++t.points;
  return t;
}

const Tier& tier_of(double loss) {
  static constexpr Tier kNone{0, "not a number"};
  if (!std::isfinite(loss)) return kNone;
  const Tier* nearest = &kTiers[0];
  for (const Tier& tier : kTiers)
    if (std::abs(tier.loss - loss) < std::abs(nearest->loss - loss)) nearest = &tier;
  return *nearest;
}

}  // namespace andrea
