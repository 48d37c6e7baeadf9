// What other gates would have done to the same runs: every floor with every patience and start step.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay/report.h"

namespace andrea {

// One gate, over all runs. A run that is said to be healthy should not be halted at all; of the others
// nothing is known beyond their samples.
struct SweepCell {
  double floor = 0;
  int64_t patience = 0, start_step = 0;
  int64_t halted = 0;                              // of the runs not said to be healthy
  std::vector<std::optional<int64_t>> halt_steps;  // of each of them, in their order
  int64_t saved_steps = 0;                         // together, from each halt to the end of its log
  int64_t false_halts = 0;                         // healthy runs that would have been halted
  int64_t lost_steps = 0;                          // of healthy runs, behind their halts
};

// Floors 10 to 60, patience 2 to 10, start steps 0, 500, 1000, 2000.
std::vector<SweepCell> sweep(const std::vector<SourceReport>& runs, const std::vector<SourceReport>& healthy);

// The rule: fewest false halts; of those the most runs halted; of those the most steps saved; of those the
// one nearest to the default gate (floor 30, patience 5, start step 500), so that nothing is changed for
// nothing.
const SweepCell& best_of(const std::vector<SweepCell>& cells);

// Floors down, patience across, at the start step of the best one: halts/saved steps/false halts; then the
// best and the rule in words.
std::string text_sweep(const std::vector<SweepCell>& cells, size_t runs, size_t healthy);

}  // namespace andrea
