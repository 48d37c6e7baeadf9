#include "curriculum/curriculum.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "curriculum/ucb.h"
#include "text/tokenizer.h"

namespace andrea {

namespace {

// By place in the focus set; without one all are alike.
std::vector<double> focus_weights(const std::vector<ArmState>& states) {
  int64_t last = 0;
  for (const ArmState& state : states) last = std::max(last, state.focus);
  std::vector<double> weights;
  for (const ArmState& state : states)
    weights.push_back(last == 0 ? 1.0 : state.focus > 0 ? double(last + 1 - state.focus) : 0.0);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace

std::vector<double> tentative_weights(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                      const std::vector<ArmState>& states) {
  switch (options.policy) {
    case CurriculumPolicy::ucb1:
      return focus_weights(states);
    case CurriculumPolicy::uniform:
      return std::vector<double>(arms.size(), 1.0 / double(arms.size()));
    case CurriculumPolicy::proportional:
      break;
  }
  double all_tokens = 0;
  for (const Arm& arm : arms) all_tokens += double(arm.store.tokens());
  std::vector<double> weights;
  for (const Arm& arm : arms) weights.push_back(double(arm.store.tokens()) / all_tokens);
  return weights;
}

std::vector<double> final_weights(const CurriculumOptions& options, const std::vector<Arm>& arms,
                                  const std::vector<ArmState>& states) {
  std::vector<double> weights = tentative_weights(options, arms, states);
  const std::vector<double> kept = kept_weights(options, arms, states);
  const std::vector<Bounds> bounds = bounds_of(options, arms);
  for (size_t i = 0; i < arms.size(); ++i)
    weights[i] = std::min(bounds[i].cap, std::max(weights[i], bounds[i].floor)) * kept[i];
  return weights;
}

std::vector<Bounds> bounds_of(const CurriculumOptions& options, const std::vector<Arm>& arms) {
  const auto K = double(std::count_if(arms.begin(), arms.end(), may_be_read));
  const bool bandit = options.policy == CurriculumPolicy::ucb1;
  const double least = bandit ? kLeastShare / K : 0, most = bandit ? std::min(1.0, kMostShare / K) : 1;
  std::vector<Bounds> all;
  for (const Arm& arm : arms) {
    const auto &floor = arm.options.floor, &cap = arm.options.cap;
    all.push_back(
        {floor.value_or(std::min(least, cap.value_or(1))), cap.value_or(std::max(most, floor.value_or(0)))});
  }
  return all;
}

void check_caps(const std::vector<Arm>& arms) {
  if (std::none_of(arms.begin(), arms.end(), may_be_read))
    throw usage_error("every arm has cap 0, so there is no text to train on", "give one arm a cap above 0");
}

size_t choose_arm(const CurriculumOptions& options, const std::vector<Arm>& arms,
                  const std::vector<ArmState>& states, uint64_t seed, int64_t step) {
  if (options.policy == CurriculumPolicy::ucb1)
    if (const auto unread = unread_arm(arms, states)) return *unread;
  return draw_arm(final_weights(options, arms, states), seed, step);
}

size_t draw_arm(const std::vector<double>& weights, uint64_t seed, int64_t step) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double left = stream(seed, Purpose::arm_choice, uint64_t(step)).uniform() * total;
  size_t last = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return last;  // rounding ate the rest
}

HeldOut held_out_text(const Arm& arm, uint64_t seed, int64_t share) {
  HeldOut text;
  Rng rng = stream(seed, Purpose::held_out, 0, arm.stream_id());
  for (const uint32_t document : permutation(rng, arm.store.held_out_documents())) {
    if (text.predicted() >= share) break;
    const auto tokens = arm.store.held_out(document);
    text.tokens.push_back(Tokenizer::kBos);
    text.tokens.insert(text.tokens.end(), tokens.begin(), tokens.end());
  }
  text.tokens.resize(std::min(text.tokens.size(), size_t(share) + 1));
  return text;
}

}  // namespace andrea
