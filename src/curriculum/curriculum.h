// Which text the next step learns from: one arm a step.
//
//   tentative weight:  proportional = the arm's share of all training tokens; uniform = 1 / arms;
//                      ucb1 = by the place in the focus set (ucb.h): m, m-1, .. 1 of m arms, scaled to a sum
//                      of 1; 0 for all others
//   final weight    =  min(cap, max(tentative, floor)), times what an arm keeps that was read too often
//
// The arm is drawn in proportion to the final weights. With ucb1 an arm that was never pulled comes first.
#pragma once
#include <cstdint>
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"

namespace andrea {

// One number an arm. Before the bandit's first focus set its arms are alike. Arms that are never read (cap 0)
// are counted in the shares all the same.
std::vector<double> tentative_weights(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                      const std::vector<ArmState>& states);
std::vector<double> final_weights(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                  const std::vector<ArmState>& states);

// What bounds an arm's final weight: its floor and cap. By default (auto) these are 0 and 1; under ucb1, with
// K arms whose cap is not 0, kLeastShare / K and kMostShare / K, so that a focus set never is all that is
// read. Where one of them is given, the other gives way.
struct Bounds {
  double floor, cap;
  bool operator==(const Bounds&) const = default;
};
inline constexpr double kLeastShare = 0.7, kMostShare = 1.4;
std::vector<Bounds> bounds_of(const CurriculumOptions& options, const std::vector<Arm>& arms);

// Error when every cap is 0.
void check_caps(const std::vector<Arm>& arms);

// Index of the arm of training step `step`: a function of the arms, seed and step.
size_t choose_arm(const CurriculumOptions& options, const std::vector<Arm>& arms,
                  const std::vector<ArmState>& states, uint64_t seed, int64_t step);
// The same for given weights, one of which is above 0.
size_t draw_arm(const std::vector<double>& weights, uint64_t seed, int64_t step);

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
