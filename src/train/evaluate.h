// The loss on held-out text: the same text each time.
#pragma once
#include <vector>

#include "config/config.h"
#include "curriculum/curriculum.h"
#include "model/gpt.h"
#include "record/event.h"
#include "text/tokenizer.h"

namespace andrea {

class Evaluator {
 public:
  // Takes `eval.tokens` in equal shares from the arms; an arm that holds less gives all it has.
  Evaluator(const Config& config, const std::vector<Arm>& arms, const Tokenizer& tokenizer);

  // Per arm and over all: nats / predicted tokens, and nats / (ln 2 x bytes of the predicted text).
  EvalDone evaluate(const Tensors& weights);

 private:
  struct ArmText {
    std::string name;
    HeldOut text;
    int64_t bytes;  // of the predicted tokens
  };
  double nats(const Tensors& weights, const HeldOut& text);

  int64_t rows_, T_;
  std::vector<ArmText> arms_;
  Activations acts_;
};

}  // namespace andrea
