// The loss alone, read as a second signal: the EMA has risen above its own minimum by a margin, for a while.
//
// It is for logs that hold no samples, and a hint beside those that do. It fires late (the loss of a run that
// writes garbage may fall for long, as ANDREA v1's did) and it cannot tell a harder text from a dying model.
// A pure fold, the same live and in a replay.
#pragma once
#include <cstdint>

#include "config/config.h"
#include "gate/tracker.h"

namespace andrea {

struct LossRise {
  int64_t since = 0;     // first step of the present stretch above minimum + gate.loss_margin; 0 = none
  int64_t spoke_at = 0;  // the step that made this stretch gate.loss_patience steps long; 0 = none did
  // The minimum of the EMA since the text changed, and its step; 0 = it never did, and the tracker's counts.
  double least = 0;
  int64_t least_step = 0;
  bool operator==(const LossRise&) const = default;
};
template <class V>
void visit(V& v, LossRise& rise) {
  auto& [since, spoke_at, least, least_step] = rise;  // a member that is not here: an error
  v("since", since), v("spoke_at", spoke_at), v.later("least", least), v.later("least_step", least_step);
}

// When the text is another from here on: a minimum that the old one allowed says nothing of the new.
inline LossRise with_other_text(const LossTracker& tracker, int64_t step) {
  return {.least = tracker.ema, .least_step = step};
}

// Under the margin; or a run goes on although it was halted here, and a stretch counts from now on.
inline LossRise without_stretch(const LossRise& rise) {
  return {.least = rise.least, .least_step = rise.least_step};
}

inline double least_ema(const LossRise& rise, const LossTracker& tracker) {
  return rise.least > 0 ? rise.least : tracker.min_ema;
}

// After `tracker` was folded with the loss of `step`. It speaks once in each stretch: where spoke_at becomes
// `step`.
inline LossRise fold(LossRise rise, const GateOptions& gate, const LossTracker& tracker, int64_t step) {
  if (rise.least > 0 && tracker.ema < rise.least) rise.least = tracker.ema, rise.least_step = step;
  const bool above = tracker.ema >= least_ema(rise, tracker) + gate.loss_margin;
  if (!above) return without_stretch(rise);
  if (rise.since == 0) rise.since = step;
  const bool for_long = step - rise.since >= gate.loss_patience;
  if (!for_long) rise.spoke_at = 0;  // as it was, or the patience was raised on the way
  if (for_long && rise.spoke_at == 0) rise.spoke_at = step;
  return rise;
}

// It has spoken in the present stretch, and the config says that this is the end.
inline bool halts(const LossRise& rise, const GateOptions& gate) {
  return gate.loss_signal == LossSignal::halt && rise.spoke_at > 0;
}

}  // namespace andrea
