#include "gate/gate.h"

namespace andrea {

GateState fold(GateState state, const GateOptions& gate, const Event& event) {
  const auto* sample = std::get_if<SampleDone>(&event.what);
  if (!sample) return state;
  if (sample->judged) {
    const bool under = sample->score.total < gate.floor;
    ++state.judged;
    if (!under) state.healthy_step = event.step;
    if (under && event.step >= gate.start_step) {
      ++state.streak;
      state.steps.push_back(event.step);
      state.scores.push_back(sample->score.total);
    } else {
      state.streak = 0;
      state.steps.clear();
      state.scores.clear();
    }
  }
  if (state.streak == 0) state.calm_step = event.step;
  return state;
}

bool halts(const GateState& state, const GateOptions& gate) {
  return gate.enabled && state.streak >= gate.patience;
}

}  // namespace andrea
