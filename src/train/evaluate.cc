#include "train/evaluate.h"

#include <algorithm>
#include <numbers>
#include <numeric>
#include <span>

#include "train/learner.h"

namespace andrea {

Evaluator::Evaluator(const Config& config, const std::vector<Arm>& arms, const Tokenizer& tokenizer)
    : rows_(micro_rows(config)), T_(config.model.context) {
  const int64_t share = std::max<int64_t>(1, config.eval.tokens / int64_t(arms.size()));
  for (const Arm& arm : arms) {
    HeldOut text = held_out_text(arm, uint64_t(config.train.seed), share);
    const int64_t bytes = tokenizer.bytes(std::span(text.tokens).subspan(1));
    arms_.push_back({arm.options.name, std::move(text), bytes});
  }
}

// In windows of T predicted tokens, each read from its own beginning; the last window may be shorter.
double Evaluator::nats(Learner& learner, const HeldOut& text) {
  double sum = 0;
  for (int64_t at = 0; at < text.predicted();) {
    const int64_t left = text.predicted() - at;
    const int64_t rows = std::clamp<int64_t>(left / T_, 1, rows_), T = std::min(left, T_);
    const CVec losses = learner.losses(CIds(text.tokens.data() + at, rows * T),
                                       CIds(text.tokens.data() + at + 1, rows * T), rows, T);
    sum = std::accumulate(losses.data, losses.data + losses.size, sum);
    at += rows * T;
  }
  return sum;
}

EvalDone Evaluator::evaluate(Learner& learner) {
  learner.use_weights();
  EvalDone done;
  double all_nats = 0;
  int64_t all_tokens = 0, all_bytes = 0;
  for (const ArmText& arm : arms_) {
    const double arm_nats = nats(learner, arm.text);
    done.arms[arm.name] = {arm_nats / double(arm.text.predicted()),
                           arm_nats / (std::numbers::ln2 * double(arm.bytes))};
    all_nats += arm_nats, all_tokens += arm.text.predicted(), all_bytes += arm.bytes;
  }
  done.loss = all_nats / double(all_tokens);
  done.bits_per_byte = all_nats / (std::numbers::ln2 * double(all_bytes));
  return done;
}

}  // namespace andrea
