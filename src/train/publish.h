// The state of the arms for the world to see.
#pragma once
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"
#include "record/published.h"
#include "train/state.h"

namespace andrea {

PublishedBandit published_arms(const Config& config, const std::vector<Arm>& arms,
                               const std::vector<double>& final_weight, const TrainState& state,
                               const EvalDone& evaluation);

}  // namespace andrea
