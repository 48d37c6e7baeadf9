// Everything besides the weights and moments that must survive a stop. Saving and loading come from one list
// of fields, which the compiler holds complete, so that none can be forgotten. Chance is not in it: a random
// number is a function of the seed and the step (base/rng.h).
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "curriculum/arm.h"
#include "curriculum/ucb.h"
#include "gate/gate.h"
#include "gate/loss_rise.h"
#include "gate/tracker.h"

namespace andrea {

struct TrainState {
  int64_t step = 0;    // finished updates
  int64_t tokens = 0;  // read for training so far
  LossTracker tracker;
  std::vector<ArmState> arms;       // in the order of the config
  std::optional<double> best_loss;  // lowest held-out loss so far, and its step
  int64_t best_step = 0;
  GateState gate;
  LossRise rise;
  Bandit bandit;
  bool operator==(const TrainState&) const = default;
};
template <class V>
void visit(V& v, TrainState& state) {
  auto& [step, tokens, tracker, arms, best_loss, best_step, gate, rise, bandit] =
      state;  // a member that is not here: an error
  v("step", step), v("tokens", tokens), v("tracker", tracker), v("arms", arms);
  v("best_loss", best_loss), v("best_step", best_step);
  v.later("gate", gate), v.later("rise", rise), v.later("bandit", bandit);
}

}  // namespace andrea
