// The state of the arms for the world to see.
#pragma once
#include <string>
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"
#include "record/published.h"
#include "train/state.h"

namespace andrea {

PublishedBandit published_arms(const Config& config, const std::vector<Arm>& arms, const TrainState& state,
                               const Published& published);

// The same as a table for people.
std::string explain(const PublishedBandit& bandit);

}  // namespace andrea
