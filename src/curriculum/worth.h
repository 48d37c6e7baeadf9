// What an arm is worth to the bandit: the rewards its pulls were paid, and what the rewards are made of.
//
//   v1         running mean of the loss of all arms - loss of this step, in nats: pays for easy text. It is
//              what went wrong in v1, kept to be studied.
//   own        how far the arm's smoothed loss fell under its lowest so far
//   progress   how far the arm's held-out loss fell since the last look, a pull; paid at each look. A
//              fall that the text of other arms brought is in it.
//   power_law  how far the next pull will lower the arm's loss, by the power law fitted to its pulls so far
//              (the learning speed of ADO: Jiang et al., "Adaptive Data Optimization", 2024)
//
// All but v1 are progress in bits per byte a pull, and are paid relative to the mean progress of all arms'
// pulls within curriculum.memory (a rise counts 0 in that mean): 1 is an arm like the others. So with a
// memory C of UCB1 means the same early and late in a run. In text that is read again a loss under the arm's
// held-out one is memory, not progress: it counts as the held-out loss, and before the first look as nothing.
//
// Everything is measured whatever the policy is, so that a run can turn to the bandit at any step.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "record/event.h"

namespace andrea {

struct ArmState;

// A line through (log pulls, log loss): sums over the pulls, in which the later ones count more.
struct PowerLaw {
  double weight = 0, x = 0, y = 0, xx = 0, xy = 0;
  bool operator==(const PowerLaw&) const = default;
};
template <class V>
void visit(V& v, PowerLaw& law) {
  auto& [weight, x, y, xx, xy] = law;
  v("weight", weight), v("x", x), v("y", y), v("xx", xx), v("xy", xy);
}

// Every step multiplies the first three by 1 - 1/memory. Losses are bits per byte, at most kMostBits.
struct Worth {
  double pulls = 0;                // n of UCB1; ArmState::pulls is the same without discount
  double paid = 0;                 // pulls that have been paid for, discounted from then on
  double rewards = 0;              // what they were paid, together
  int64_t since_look = 0;          // pulls since the last look at the held-out text
  std::optional<double> held_out;  // bits per byte then
  std::optional<double> recent;    // the arm's own loss, smoothed, bits per byte
  std::optional<double> lowest;    // the lowest `recent`
  PowerLaw law;
  bool operator==(const Worth&) const = default;
};
template <class V>
void visit(V& v, Worth& worth) {
  auto& [pulls, paid, rewards, since_look, held_out, recent, lowest, law] = worth;
  v("pulls", pulls), v("paid", paid), v("rewards", rewards), v("since_look", since_look);
  v("held_out", held_out), v("recent", recent), v("lowest", lowest), v("law", law);
}

// The mean progress of a pull, over all arms; discounted like Worth.
struct MeanProgress {
  double bits_per_byte = 0, pulls = 0;
  bool operator==(const MeanProgress&) const = default;
};
template <class V>
void visit(V& v, MeanProgress& progress) {
  auto& [bits_per_byte, pulls] = progress;
  v("bits_per_byte", bits_per_byte), v("pulls", pulls);
}

// Bounds of what is measured: greater numbers count as these.
inline constexpr double kMostReward = 100, kMostBits = 100;
// 0 before the first payment.
double mean_reward(const Worth& worth);

// What a step has shown of the arm it pulled.
struct Pull {
  size_t arm = 0;
  int64_t epoch = 0;                   // of the arm, when the step began
  double loss = 0;                     // mean of the step's tokens, in nats
  double bits_per_byte = 0;            // the same loss
  std::optional<double> running_mean;  // of the losses before it, in nats; none in the first step
};
// The arm's state is that after the step: `pulls` counts it.
void fold(const CurriculumOptions& options, const Pull& pull, std::vector<ArmState>& arms, MeanProgress& all);
// And what a look at the held-out text has shown of all. A number that is not finite pays nothing and is not
// kept.
void fold(const CurriculumOptions& options, const ArmEvals& held_out, std::vector<ArmState>& arms,
          MeanProgress& all);

// Other rewards from here on: what was paid is forgotten, what was measured stays.
void forget_rewards(std::vector<ArmState>& arms, MeanProgress& all);

// What is wrong with numbers that come from the file of step `step`, as "its ... is ..."; nothing when a run
// can have come to them.
std::optional<std::string> fault(const ArmState& arm);
std::optional<std::string> fault(const MeanProgress& progress, int64_t step);

}  // namespace andrea
