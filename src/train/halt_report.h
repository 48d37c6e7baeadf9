// What a person must see when a run halts itself, when its loss rises, or when its numbers are no numbers.
#pragma once
#include <string>

#include "config/config.h"
#include "gate/gate.h"
#include "record/run_folder.h"
#include "train/learner.h"
#include "train/state.h"

namespace andrea {

// The beginnings of the streak's samples (from the log), the last healthy checkpoint, and the command that
// goes on from it. Several lines.
std::string halt_report(const RunFolder& folder, const GateState& state, const GateOptions& gate);

// One sentence, at the step where the loss signal speaks.
std::string loss_rise_sentence(const TrainState& state, const GateOptions& gate);

// The same for a run that the loss signal halted: the checkpoint to go on from is the best one.
std::string loss_halt_report(const RunFolder& folder, const TrainState& state, const GateOptions& gate);

// What is not finite in a step: arm, rows, loss, gradient norm.
std::string non_finite_sentence(int64_t step, const std::string& arm, const LearnResult& result);

// `what` was not finite, and the step was not made: what is saved, and how to go on.
std::string non_finite_report(const RunFolder& folder, const std::string& what);

}  // namespace andrea
