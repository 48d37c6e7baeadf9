#include "train/learner.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/rng.h"
#include "base/threads.h"
#include "model/decoder.h"

using namespace andrea;

namespace {

constexpr uint16_t kEquals = 10;
constexpr int64_t kDigits = 4, kT = 2 * kDigits;

// Rows "d1 d2 d3 d4 = d4 d3 d2 d1", cut into inputs and targets.
Batch reversals(int64_t rows, int64_t step) {
  Batch batch;
  Rng rng = stream(1, Purpose::test, uint64_t(step), 3);
  for (int64_t r = 0; r < rows; ++r) {
    std::vector<uint16_t> text;
    for (int64_t i = 0; i < kDigits; ++i) text.push_back(uint16_t(rng.below(10)));
    text.push_back(kEquals);
    for (int64_t i = kDigits; i-- > 0;) text.push_back(text[size_t(i)]);
    batch.inputs.insert(batch.inputs.end(), text.begin(), text.end() - 1);
    batch.targets.insert(batch.targets.end(), text.begin() + 1, text.end());
  }
  return batch;
}

Config small_config() {
  Config c;
  c.model = {.d_model = 32, .n_head = 4, .n_layer = 2, .context = kT, .vocab_size = 11};
  c.train.steps = 500, c.train.batch_size = 32;
  c.optimizer.learning_rate = 5e-3, c.optimizer.min_learning_rate = 5e-4;
  c.schedule.warmup_steps = 20;
  return c;
}

// Of 100 fresh rows: those whose second half the model writes by itself, always taking the likeliest digit.
int reversed_right(const Tensors& weights) {
  const Batch fresh = reversals(100, 1 << 20);
  int right = 0;
  for (int64_t r = 0; r < 100; ++r) {
    const uint16_t* in = fresh.inputs.data() + r * kT;
    const uint16_t* want = fresh.targets.data() + r * kT + kDigits;
    Decoder decoder(weights);
    for (int64_t i = 0; i < kDigits; ++i) decoder.step(in[i]);
    uint16_t next = kEquals;
    bool same = true;
    for (int64_t i = 0; i < kDigits; ++i) {
      const auto logits = decoder.step(next);
      next = uint16_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
      same = same && next == want[i];
    }
    right += same;
  }
  return right;
}

}  // namespace

TEST_CASE("a small model learns to reverse digits") {
  set_threads(2);
  const Config config = small_config();
  Learner learner(config);
  initialise(learner.weights, 1);
  CHECK(reversed_right(learner.weights) < 5);
  for (int64_t step = 1; step <= config.train.steps; ++step)
    CHECK(learner.learn(reversals(32, step), step).finite);
  CHECK(reversed_right(learner.weights) >= 95);
}

TEST_CASE("row losses are means over positions, the loss is their mean, clipping limits the step") {
  Config config = small_config();
  config.optimizer.clip_norm = 1e-3;
  Learner learner(config);
  initialise(learner.weights, 1);
  const LearnResult result = learner.learn(reversals(32, 1), 1);
  REQUIRE(result.row_losses.size() == 32);
  double sum = 0;
  for (const double x : result.row_losses) sum += x;
  CHECK(result.loss == doctest::Approx(sum / 32));
  CHECK(result.clipped);
  CHECK(result.grad_norm > 1e-3);
}

TEST_CASE("a weight that is not finite is seen before the update, and nothing changes") {
  for (const float poison :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const Config config = small_config();
    Learner learner(config);
    initialise(learner.weights, 1);
    learner.learn(reversals(32, 1), 1);
    learner.weights.layers[1].w1.data[5] = poison;
    const std::vector<float> before(learner.weights.flat().data,
                                    learner.weights.flat().data + learner.weights.flat().size);
    const std::vector<float> m(learner.m.flat().data, learner.m.flat().data + learner.m.flat().size);
    CHECK_FALSE(learner.learn(reversals(32, 2), 2).finite);
    CHECK(std::memcmp(before.data(), learner.weights.flat().data, before.size() * 4) == 0);
    CHECK(std::memcmp(m.data(), learner.m.flat().data, m.size() * 4) == 0);
  }
}

TEST_CASE("micro_batch: whole rows, about 2048 tokens when it is left to us") {
  Config c;
  c.train.batch_size = 8;
  CHECK(micro_rows(c) == 2);
  c.model.context = 4096;
  CHECK(micro_rows(c) == 1);
  c.model.context = 64;
  CHECK(micro_rows(c) == 8);
  c.train.micro_batch = 3;
  CHECK(micro_rows(c) == 3);
}
