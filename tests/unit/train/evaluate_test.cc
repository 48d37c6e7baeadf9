#include "train/evaluate.h"

#include <cstring>

#include "tests/support/tiny_run.h"
#include "train/corpus.h"

using namespace andrea;

TEST_CASE("an evaluation is of the weights as they are after the last update, whatever was laid out before") {
  const TinyRun run;
  Config config = run.config;
  config.optimizer.learning_rate = 0.1, config.schedule.warmup_steps = 0;  // an update that shows
  const Corpus corpus = open_corpus(config, false);
  Evaluator evaluator(config, corpus.arms, *corpus.tokenizer);
  Learner learner(config), other(config);
  initialise(learner.weights, 1);
  const double before = evaluator.evaluate(learner).loss;

  Batch batch;
  ArmState cursor{corpus.arms[0].options.name, corpus.arms[0].fingerprint()};
  ArmReader(corpus.arms[0], 1).read(cursor, config.train.batch_size, config.model.context, batch);
  CHECK(learner.learn(batch, 1).finite);
  const double after = evaluator.evaluate(learner).loss;
  const CVec from = std::as_const(learner.weights).flat();
  std::memcpy(other.weights.flat().data, from.data, size_t(from.size) * sizeof(float));
  CHECK(after == evaluator.evaluate(other).loss);
  CHECK(std::abs(after - before) > 1e-3);
}
