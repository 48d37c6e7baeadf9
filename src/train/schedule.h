// The learning rate of each update.
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "config/config.h"

namespace andrea {

// For update `step` (1 = the first), t = step - 1: a cosine from learning_rate to min_learning_rate over all
// steps that runs from t = 0, times the linear warmup min(1, (t + 1) / warmup_steps).
inline double learning_rate(const Config& config, int64_t step) {
  const double t = double(step - 1), steps = double(config.train.steps);
  const double low = config.optimizer.min_learning_rate, high = config.optimizer.learning_rate;
  const double cosine = low + (high - low) * (1 + std::cos(std::numbers::pi * t / steps)) / 2;
  const double warmup = double(config.schedule.warmup_steps);
  return warmup > 0 ? cosine * std::min(1.0, (t + 1) / warmup) : cosine;
}

}  // namespace andrea
