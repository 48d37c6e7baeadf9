// The bandit: which arms are worth reading now.
//
//   ucb(k) = mean_reward(k) + C sqrt(ln N / n_k)
//
// This is UCB1 (Auer, Cesa-Bianchi, Fischer: "Finite-time Analysis of the Multiarmed Bandit Problem", 2002).
// n_k: pulls of arm k, N: of all. With curriculum.memory both and the rewards are discounted at every step,
// so that an arm left alone becomes interesting again (Garivier, Moulines, "On Upper-Confidence Bound
// Policies for Switching Bandit Problems", 2011); without it this is the formula of the book.
//
// Every arm is pulled once first. Then two dice are thrown whenever a focus period is over: the best arms, as
// many sixths of them as the first die shows, are the focus set for 7 x the second die steps: 7 to 42.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"
#include "record/event.h"

namespace andrea {

// The bandit's part of the training state; which arms are in focus stands with the arms.
struct Bandit {
  int64_t until_step = 0;  // the last step of this focus period
  int64_t hold = 0;        // its length
  std::vector<int64_t> dice;
  MeanProgress progress;
  bool operator==(const Bandit&) const = default;
};
template <class V>
void visit(V& v, Bandit& bandit) {
  auto& [until_step, hold, dice, progress] = bandit;
  v("until_step", until_step), v("hold", hold), v("dice", dice), v("progress", progress);
}

inline constexpr int64_t kHold = 7;  // steps for each pip

// One number an arm; infinite where n_k is 0.
std::vector<double> upper_bounds(const CurriculumOptions& options, const std::vector<ArmState>& states);

// How much of its weight an arm keeps that was read too often: a half for each pass begun beyond
// curriculum.max_epochs. Relative to the least over-read arm: where all are, none loses.
std::vector<double> kept_weights(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                 const std::vector<ArmState>& states);

// Arms that may be read (cap above 0), best first: by upper bound x kept weight (a bound under 0: / kept
// weight).
std::vector<size_t> ranking(const CurriculumOptions& options, const std::vector<Arm>& arms,
                            const std::vector<ArmState>& states);

// Arms in the focus set, best first.
std::vector<size_t> focus_set(const std::vector<ArmState>& states);

// The next arm that was never pulled and may be.
std::optional<size_t> unread_arm(const std::vector<Arm>& arms, const std::vector<ArmState>& states);

// Before step `step`: throws the dice when the policy is ucb1, the period is over (or no arm in focus can be
// read any more) and every arm was pulled once. Chance comes from seed and step.
std::optional<FocusDone> refocus(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                 uint64_t seed, int64_t step, std::vector<ArmState>& states, Bandit& bandit);

// What is wrong with a bandit that comes from a file of step `step`; nothing when it can be used.
std::optional<std::string> fault(const Bandit& bandit, int64_t step);

}  // namespace andrea
