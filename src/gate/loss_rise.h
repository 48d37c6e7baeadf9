// The loss alone, read as a second signal: the EMA has risen above its own minimum by a margin, for a while.
//
// It is for logs that hold no samples, and a hint beside those that do. It fires late (the loss of a run that
// writes garbage may fall for long, as ANDREA v1's did) and it cannot tell a harder text from a dying model:
// docs/replay.md says how often it was wrong. A pure fold, the same live and in a replay.
#pragma once
#include <cstdint>

#include "config/config.h"
#include "gate/tracker.h"

namespace andrea {

struct LossRise {
  int64_t since = 0;  // first step of the present stretch above minimum + margin; 0 = the EMA is not above it
  int64_t spoke_at = 0;  // the step at which the stretch was gate.loss_patience steps long; 0 = it never was
  bool operator==(const LossRise&) const = default;
};

// After `tracker` was folded with the loss of `step`.
inline LossRise fold(LossRise rise, const GateOptions& gate, const LossTracker& tracker, int64_t step) {
  const bool above = tracker.ema >= tracker.min_ema + gate.loss_margin;
  if (!above) rise.since = 0;
  if (above && rise.since == 0) rise.since = step;
  if (above && rise.spoke_at == 0 && step - rise.since >= gate.loss_patience) rise.spoke_at = step;
  return rise;
}

}  // namespace andrea
