// The loss on held-out text: the same text each time.
#pragma once
#include <vector>

#include "config/config.h"
#include "curriculum/curriculum.h"
#include "record/event.h"
#include "text/tokenizer.h"
#include "train/learner.h"

namespace andrea {

class Evaluator {
 public:
  // Takes `eval.tokens` in equal shares from the arms; an arm that holds less gives all it has.
  Evaluator(const Config& config, const std::vector<Arm>& arms, const Tokenizer& tokenizer);

  // Per arm and over all: nats / predicted tokens, and nats / (ln 2 x bytes of the predicted text).
  EvalDone evaluate(Learner& learner);

 private:
  struct ArmText {
    std::string name;
    HeldOut text;
    int64_t bytes;  // of the predicted tokens
  };
  double nats(Learner& learner, const HeldOut& text);

  int64_t rows_, T_;
  std::vector<ArmText> arms_;
};

}  // namespace andrea
