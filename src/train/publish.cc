#include "train/publish.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "curriculum/curriculum.h"

namespace andrea {
namespace {

void add_bandit(const CurriculumOptions& options, const std::vector<Arm>& arms, const TrainState& state,
                PublishedBandit& out) {
  out.reward = name_of(options.reward);
  out.focus = {{}, state.bandit.hold, state.bandit.until_step, state.bandit.dice};
  for (const size_t arm : focus_set(state.arms)) out.focus->arms.push_back(state.arms[arm].name);
  const std::vector<double> bounds = upper_bounds(options, state.arms);
  for (size_t i = 0; i < arms.size(); ++i) {
    out.arms[i].mean_reward = mean_reward(state.arms[i].worth);
    if (std::isfinite(bounds[i])) out.arms[i].ucb = bounds[i];
    out.arms[i].focus = state.arms[i].focus > 0;
  }
  int64_t rank = 0;
  for (const size_t arm : ranking(options, arms, state.arms)) out.arms[arm].rank = ++rank;
}

}  // namespace

PublishedBandit published_arms(const Config& config, const std::vector<Arm>& arms, const TrainState& state,
                               const Published& published) {
  PublishedBandit out;
  out.step = state.step;
  out.policy = name_of(config.curriculum.policy);
  const std::vector<double> tentative = tentative_weights(config.curriculum, arms, state.arms),
                            final_weight = final_weights(config.curriculum, arms, state.arms);
  const std::vector<Bounds> bounds = bounds_of(config.curriculum, arms);
  for (size_t i = 0; i < arms.size(); ++i) {
    const ArmOptions& options = arms[i].options;
    PublishedArm arm;
    arm.name = options.name, arm.domain = options.domain;
    arm.pulls = state.arms[i].pulls, arm.epoch = state.arms[i].epoch;
    arm.floor = bounds[i].floor, arm.cap = bounds[i].cap;
    arm.tentative = tentative[i], arm.final_weight = final_weight[i];
    arm.documents = arms[i].store.documents();
    arm.held_out_bits_per_byte = bits_of(published.last_eval().arms, options.name);
    if (const auto before = bits_of(published.eval_before().arms, options.name);
        before && arm.held_out_bits_per_byte)
      arm.held_out_change = *arm.held_out_bits_per_byte - *before;
    arm.fingerprint = arms[i].fingerprint();
    out.arms.push_back(arm);
  }
  if (config.curriculum.policy == CurriculumPolicy::ucb1) add_bandit(config.curriculum, arms, state, out);
  return out;
}

std::string explain(const PublishedBandit& bandit) {
  const auto number = [](const std::optional<double>& value, const char* format) {
    return value ? fmt::format(fmt::runtime(format), *value) : std::string("-");
  };
  std::vector<const PublishedArm*> arms;
  for (const PublishedArm& arm : bandit.arms) arms.push_back(&arm);
  std::stable_sort(arms.begin(), arms.end(), [](auto* a, auto* b) {
    return a->rank.value_or(INT64_MAX) < b->rank.value_or(INT64_MAX);
  });
  double weights = 0;
  size_t width = 3;
  for (const PublishedArm& arm : bandit.arms)
    weights += arm.final_weight, width = std::max(width, arm.name.size());
  std::string out = fmt::format("step {}, policy {}", bandit.step, bandit.policy);
  if (bandit.reward) out += fmt::format(", reward {}", *bandit.reward);
  out += "\n";
  if (bandit.focus && !bandit.focus->dice.empty())
    out += fmt::format("focus until step {} ({} steps; dice {}): {}\n", bandit.focus->until_step,
                       bandit.focus->hold, fmt::join(bandit.focus->dice, " and "),
                       fmt::join(bandit.focus->arms, ", "));
  out += fmt::format("\n{:<{}} {:>5} {:>5} {:>8} {:>7} {:>8} {:>8} {:>7} {:>7} {:>6} {:>6} {:>9} {:>9}\n",
                     "arm", width, "rank", "focus", "pulls", "epoch", "reward", "ucb", "floor", "cap",
                     "tent.", "share", "held out", "change");
  for (const PublishedArm* arm : arms)
    out += fmt::format(
        "{:<{}} {:>5} {:>5} {:>8} {:>7} {:>8} {:>8} {:>7} {:>7} {:>6.3f} {:>5.1f}% {:>9} {:>9}\n", arm->name,
        width, arm->rank ? std::to_string(*arm->rank) : "-", arm->focus ? (*arm->focus ? "yes" : "no") : "-",
        arm->pulls, arm->epoch, number(arm->mean_reward, "{:.3f}"),
        arm->rank && !arm->ucb ? "inf" : number(arm->ucb, "{:.3f}"), arm->floor, arm->cap, arm->tentative,
        weights > 0 ? 100 * arm->final_weight / weights : 0.0, number(arm->held_out_bits_per_byte, "{:.4f}"),
        number(arm->held_out_change, "{:+.4f}"));
  return out;
}

}  // namespace andrea
