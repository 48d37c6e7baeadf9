#include "curriculum/ucb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"

namespace andrea {
namespace {

constexpr double kForgotten = 1e-200;  // fewer discounted pulls are none

int64_t throw_die(Rng& rng) { return 1 + int64_t(rng.below(6)); }

bool any_in_focus(const std::vector<Arm>& arms, const std::vector<ArmState>& states) {
  for (size_t i = 0; i < arms.size(); ++i)
    if (states[i].focus > 0 && may_be_read(arms[i])) return true;
  return false;
}

}  // namespace

std::vector<double> upper_bounds(const CurriculumOptions& options, const std::vector<ArmState>& states) {
  double all = 0;
  for (const ArmState& state : states) all += state.worth.pulls;
  const double log_all = std::max(0.0, std::log(all));  // discounted, a few pulls may be less than one
  std::vector<double> bounds;
  for (const ArmState& state : states) {
    const double n = state.worth.pulls;
    bounds.push_back(n > kForgotten ? mean_reward(state.worth) + options.exploration * std::sqrt(log_all / n)
                                    : std::numeric_limits<double>::infinity());
  }
  return bounds;
}

std::vector<double> kept_weights(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                 const std::vector<ArmState>& states) {
  std::vector<double> kept(arms.size(), 1.0);
  if (options.max_epochs == 0) return kept;
  const auto too_many = [&](size_t i) {
    return std::max<int64_t>(0, states[i].epoch + 1 - options.max_epochs);
  };
  int64_t least = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < arms.size(); ++i)
    if (may_be_read(arms[i])) least = std::min(least, too_many(i));
  for (size_t i = 0; i < arms.size(); ++i)  // beyond 2^-60 nothing would change
    kept[i] = std::exp2(-double(std::clamp<int64_t>(too_many(i) - least, 0, 60)));
  return kept;
}

std::vector<size_t> ranking(const CurriculumOptions& options, const std::vector<Arm>& arms,
                            const std::vector<ArmState>& states) {
  std::vector<double> value = upper_bounds(options, states);
  const std::vector<double> kept = kept_weights(options, arms, states);
  for (size_t i = 0; i < value.size(); ++i) value[i] = value[i] > 0 ? value[i] * kept[i] : value[i] / kept[i];
  std::vector<size_t> order;
  for (size_t i = 0; i < arms.size(); ++i)
    if (may_be_read(arms[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return value[a] > value[b]; });
  return order;
}

std::vector<size_t> focus_set(const std::vector<ArmState>& states) {
  std::vector<size_t> set;
  for (size_t i = 0; i < states.size(); ++i)
    if (states[i].focus > 0) set.push_back(i);
  std::stable_sort(set.begin(), set.end(),
                   [&](size_t a, size_t b) { return states[a].focus < states[b].focus; });
  return set;
}

std::optional<size_t> unread_arm(const std::vector<Arm>& arms, const std::vector<ArmState>& states) {
  for (size_t i = 0; i < arms.size(); ++i)
    if (states[i].pulls == 0 && may_be_read(arms[i])) return i;
  return std::nullopt;
}

std::optional<FocusDone> refocus(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                 uint64_t seed, int64_t step, std::vector<ArmState>& states, Bandit& bandit) {
  if (options.policy != CurriculumPolicy::ucb1 || unread_arm(arms, states)) return std::nullopt;
  if (step <= bandit.until_step && any_in_focus(arms, states)) return std::nullopt;
  const std::vector<size_t> order = ranking(options, arms, states);
  Rng rng = stream(seed, Purpose::focus, uint64_t(step));
  const int64_t sixths = throw_die(rng), pips = throw_die(rng);
  const int64_t chosen = (int64_t(order.size()) * sixths + 5) / 6;
  bandit.dice = {sixths, pips};
  bandit.hold = kHold * pips;
  bandit.until_step = step - 1 + bandit.hold;
  FocusDone done;
  done.hold = bandit.hold, done.until_step = bandit.until_step, done.dice = bandit.dice;
  for (ArmState& state : states) state.focus = 0;
  for (int64_t place = 1; place <= chosen; ++place) {
    ArmState& state = states[order[size_t(place - 1)]];
    state.focus = place;
    done.arms.push_back(state.name);
  }
  return done;
}

std::optional<std::string> fault(const Bandit& bandit, int64_t step) {
  const auto is_die = [](int64_t die) { return die >= 1 && die <= 6; };
  const bool none = bandit.until_step == 0 && bandit.hold == 0 && bandit.dice.empty();
  const bool thrown = bandit.dice.size() == 2 && is_die(bandit.dice[0]) && is_die(bandit.dice[1]) &&
                      bandit.hold == kHold * bandit.dice[1] && bandit.until_step >= bandit.hold &&
                      bandit.until_step <= step + bandit.hold;
  if (!none && !thrown)
    return fmt::format("its focus period of {} steps until step {} is none that the dice can throw",
                       bandit.hold, bandit.until_step);
  return fault(bandit.progress, step);
}

}  // namespace andrea
