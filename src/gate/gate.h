// The gate: it reads the scores of the samples one by one and halts the run when they stay under the floor.
//
// A pure fold, so that a replay of an old log takes the very decisions that training took: no clock, no file,
// no model. It sees scores only; what the score cannot see, it cannot see (docs/gate.md).
#pragma once
#include <cstdint>
#include <vector>

#include "config/config.h"
#include "record/event.h"

namespace andrea {

// A sample shorter than this proves nothing: it neither adds to the streak nor ends it.
inline constexpr int64_t kJudgedTokens = 100;

struct GateState {
  int64_t judged = 0;          // samples that were long enough, also before gate.start_step
  int64_t streak = 0;          // judged samples in a row under the floor, at or after gate.start_step
  std::vector<int64_t> steps;  // of the streak's samples, oldest first
  std::vector<double> scores;  // theirs
  int64_t calm_step = 0;       // of the newest sample that left the streak at 0; 0 = none yet
  int64_t healthy_step = 0;    // of the newest judged sample that was not under the floor; 0 = none yet
  bool operator==(const GateState&) const = default;
};
template <class V>
void visit(V& v, GateState& state) {
  auto& [judged, streak, steps, scores, calm_step, healthy_step] =
      state;  // a member that is not here: an error
  v("judged", judged), v("streak", streak), v("steps", steps), v("scores", scores);
  v("calm_step", calm_step), v("healthy_step", healthy_step);
}

// After the event. Only samples matter: score.total and judged of theirs, and the step.
GateState fold(GateState state, const GateOptions& gate, const Event& event);

// gate.patience judged samples in a row were under gate.floor (exactly the floor is not under it), and the
// gate is on.
bool halts(const GateState& state, const GateOptions& gate);

}  // namespace andrea
