#include "curriculum/curriculum.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "text/tokenizer.h"

namespace andrea {

std::vector<double> tentative_weights(const CurriculumOptions& options, const std::vector<Arm>& arms) {
  double all_tokens = 0;
  for (const Arm& arm : arms) all_tokens += double(arm.store.tokens());
  std::vector<double> weights;
  for (const Arm& arm : arms)
    weights.push_back(options.policy == CurriculumPolicy::uniform ? 1.0 / double(arms.size())
                                                                  : double(arm.store.tokens()) / all_tokens);
  return weights;
}

std::vector<double> final_weights(const CurriculumOptions& options, const std::vector<Arm>& arms) {
  std::vector<double> weights = tentative_weights(options, arms);
  for (size_t i = 0; i < arms.size(); ++i)
    weights[i] = std::min(arms[i].options.cap, std::max(weights[i], arms[i].options.floor));
  if (std::accumulate(weights.begin(), weights.end(), 0.0) <= 0)
    throw usage_error("every arm has cap 0, so there is no text to train on", "give one arm a cap above 0");
  return weights;
}

size_t choose_arm(const std::vector<double>& weights, uint64_t seed, int64_t step) {
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
