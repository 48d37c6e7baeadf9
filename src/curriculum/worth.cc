#include "curriculum/worth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "curriculum/arm.h"

namespace andrea {
namespace {

constexpr double kSmoothing = 1.0 / 8;  // weight of the newest pull in `recent`

void discount(const CurriculumOptions& options, std::vector<ArmState>& arms, MeanProgress& all) {
  if (options.memory == 0) return;
  const double keep = 1 - 1 / double(options.memory);
  for (ArmState& arm : arms) arm.worth.pulls *= keep, arm.worth.paid *= keep, arm.worth.rewards *= keep;
  all.bits_per_byte *= keep, all.pulls *= keep;
}

void pay(Worth& worth, double reward, double pulls) {
  if (!std::isfinite(reward)) return;
  worth.rewards += std::clamp(reward, -kMostReward, kMostReward) * pulls;
  worth.paid += pulls;
}

// What so many pulls brought, as a multiple of what pulls usually bring.
double relative(double progress, double pulls, const MeanProgress& all) {
  return all.bits_per_byte > 0 ? progress / pulls * (all.pulls / all.bits_per_byte) : 0;
}

void add(MeanProgress& all, double progress, double pulls) {
  if (!std::isfinite(progress)) return;
  all.bits_per_byte += std::max(0.0, progress), all.pulls += pulls;
}

// How far the smoothed loss falls under its lowest.
double new_low(Worth& worth, double loss) {
  worth.recent = worth.recent ? *worth.recent + kSmoothing * (loss - *worth.recent) : loss;
  const double fall = worth.lowest ? std::max(0.0, *worth.lowest - *worth.recent) : 0;
  worth.lowest = worth.lowest ? std::min(*worth.lowest, *worth.recent) : *worth.recent;
  return fall;
}

// With L = A n^s through the pulls so far: -dL/dn at the last of n, which is -s L / n. Pull j of n weighs
// (j/n)^2, for it is the late ones that the next one follows. Weighed so, log n has a variance of 1/9 when
// the line begins with the first pull; under about half of that it begins late and is too short for a slope.
double predicted_fall(PowerLaw& law, int64_t n, double loss) {
  const double x = std::log(double(n)), y = std::log(std::max(loss, 1e-9));
  const double keep = double(n) / double(n + 2);
  for (double* sum : {&law.weight, &law.x, &law.y, &law.xx, &law.xy}) *sum *= keep;
  law.weight += 1, law.x += x, law.y += y, law.xx += x * x, law.xy += x * y;
  const double mean_x = law.x / law.weight, mean_y = law.y / law.weight;
  const double spread = law.xx / law.weight - mean_x * mean_x;
  if (spread < 0.05) return 0;
  const double slope = (law.xy / law.weight - mean_x * mean_y) / spread;
  return std::min(kMostBits, -slope * std::exp(mean_y + slope * (x - mean_x)) / double(n));
}

}  // namespace

double mean_reward(const Worth& worth) { return worth.paid > 0 ? worth.rewards / worth.paid : 0; }

void fold(const CurriculumOptions& options, const Pull& pull, std::vector<ArmState>& arms,
          MeanProgress& all) {
  discount(options, arms, all);
  ArmState& arm = arms[pull.arm];
  Worth& worth = arm.worth;
  worth.pulls += 1, ++worth.since_look;
  if (options.reward == CurriculumReward::v1)
    pay(worth, pull.running_mean.value_or(pull.loss) - pull.loss, 1);
  const bool again = pull.epoch > 0;
  if (again && !worth.held_out) return;  // nothing tells what is known by heart
  const double seen = std::min(pull.bits_per_byte, kMostBits),
               loss = again ? std::max(seen, *worth.held_out) : seen;
  const double low = new_low(worth, loss), predicted = predicted_fall(worth.law, arm.pulls, loss);
  switch (options.reward) {
    case CurriculumReward::own:
      add(all, low, 1);
      return pay(worth, relative(low, 1, all), 1);
    case CurriculumReward::power_law:
      add(all, predicted, 1);
      return pay(worth, relative(predicted, 1, all), 1);
    case CurriculumReward::progress:  // at the next look
    case CurriculumReward::v1:
      return;
  }
}

void fold(const CurriculumOptions& options, const ArmEvals& held_out, std::vector<ArmState>& arms,
          MeanProgress& all) {
  const auto now = [&](const ArmState& arm) -> std::optional<double> {
    const auto bits = bits_of(held_out, arm.name);
    if (!bits || !std::isfinite(*bits)) return {};
    return std::min(*bits, kMostBits);
  };
  const auto for_each_read = [&](auto&& body) {
    for (ArmState& arm : arms)
      if (const auto bits = now(arm); bits && arm.worth.held_out && arm.worth.since_look > 0)
        body(arm.worth, *arm.worth.held_out - *bits, double(arm.worth.since_look));
  };
  if (options.reward == CurriculumReward::progress) {
    for_each_read([&](Worth&, double fall, double pulls) { add(all, fall, pulls); });
    for_each_read(
        [&](Worth& worth, double fall, double pulls) { pay(worth, relative(fall, pulls, all), pulls); });
  }
  for (ArmState& arm : arms) {
    if (const auto bits = now(arm)) arm.worth.held_out = bits;
    arm.worth.since_look = 0;
  }
}

void forget_rewards(std::vector<ArmState>& arms, MeanProgress& all) {
  for (ArmState& arm : arms) arm.worth.paid = arm.worth.rewards = 0;
  all = {};
}

std::optional<std::string> fault(const ArmState& arm) {
  const Worth& worth = arm.worth;
  const PowerLaw& law = worth.law;
  constexpr double kSlack = 1.001, kMostLog = 21;  // of a loss from 1e-9 to kMostBits
  const double pulls = double(arm.pulls), log_pulls = std::log(std::max(1.0, pulls));
  const double paid = kSlack * kMostReward * worth.paid, weight = kSlack * law.weight;
  const struct {
    const char* what;
    double value, low, high;
  } numbers[] = {{"number of pulls to the bandit", worth.pulls, 0, kSlack * pulls},
                 {"number of paid pulls", worth.paid, 0, kSlack * pulls},
                 {"sum of rewards", worth.rewards, -paid, paid},
                 {"number of pulls since the last look", double(worth.since_look), 0, pulls},
                 {"held-out loss", worth.held_out.value_or(0), 0, kMostBits},
                 {"smoothed loss", worth.recent.value_or(0), 0, kMostBits},
                 {"lowest loss", worth.lowest.value_or(0), 0, kMostBits},
                 {"power law's weight", law.weight, 0, kSlack * pulls},
                 {"power law's x", law.x, 0, log_pulls * weight},
                 {"power law's y", law.y, -kMostLog * weight, kMostLog * weight},
                 {"power law's xx", law.xx, 0, log_pulls * log_pulls * weight},
                 {"power law's xy", law.xy, -kMostLog * log_pulls * weight, kMostLog * log_pulls * weight},
                 {"place in the focus set", double(arm.focus), 0, 1e9}};
  for (const auto& [what, value, low, high] : numbers)
    if (!(value >= low && value <= high))
      return fmt::format("its {} is {}, not from {:.4g} to {:.4g}", what, value, low, high);
  return std::nullopt;
}

std::optional<std::string> fault(const MeanProgress& progress, int64_t step) {
  if (progress.pulls >= 0 && progress.pulls <= 1.001 * double(step) && progress.bits_per_byte >= 0 &&
      progress.bits_per_byte <= 1.001 * kMostBits * progress.pulls)
    return std::nullopt;
  return fmt::format("its progress of {} bits per byte in {} pulls is none that {} steps can make",
                     progress.bits_per_byte, progress.pulls, step);
}

}  // namespace andrea
