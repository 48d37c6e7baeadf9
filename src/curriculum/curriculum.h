// Which text the next step learns from: one arm a step.
//
//   tentative weight:  proportional = the arm's share of all training tokens; uniform = 1 / arms
//   final weight    =  min(cap, max(tentative, floor));  the arm is drawn in proportion to the final weights
//
// The bandit (ucb1) will take its place here as a third way of making tentative weights.
#pragma once
#include <cstdint>
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"

namespace andrea {

// One number an arm.
std::vector<double> tentative_weights(const CurriculumOptions& options, const std::vector<Arm>& arms);
// Error when all are 0.
std::vector<double> final_weights(const CurriculumOptions& options, const std::vector<Arm>& arms);

// Index of the arm of training step `step`: a function of seed and step.
size_t choose_arm(const std::vector<double>& weights, uint64_t seed, int64_t step);

// Held-out text of one arm for evaluation: always the same for the same seed and text.
struct HeldOut {
  std::vector<uint16_t>
      tokens;  // BOS, document, BOS, document, ...: the first is only read, all others predicted
  int64_t predicted() const { return int64_t(tokens.size()) - 1; }
};
// Documents in an order drawn from the seed, cut after `share` predicted tokens; all there is when that is
// less.
HeldOut held_out_text(const Arm& arm, uint64_t seed, int64_t share);

}  // namespace andrea
