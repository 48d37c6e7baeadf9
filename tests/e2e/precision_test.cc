#include <cmath>

#include "tests/support/tiny_run.h"

using namespace andrea;

// Rounding to bf16 changes a loss by some ten-thousandths of itself; what is learnt from it is as good. The
// same at 12M, on real text: scripts/compare_precision.py.
TEST_CASE(
    "a run in bf16 follows the one in fp32: each loss within 0.5 %, the held-out text at the end within 0.1 "
    "%") {
  TinyRun runs[2];
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    Config& config = runs[precision == Precision::bf16].config;
    config.train.precision = precision;
    config.train.steps = 120, config.cadence.every_steps = 60;
    config.model.d_model = 64, config.model.n_head = 4, config.model.n_layer = 2;
    config.optimizer.learning_rate = 1e-3, config.optimizer.min_learning_rate = 1e-4;
    config.sampling.enabled = false;
    // The same text for both, whatever their losses.
    config.curriculum.policy = CurriculumPolicy::proportional;
    CHECK(runs[precision == Precision::bf16].train() == 0);
  }
  const auto fp32 = events_of<StepDone>(runs[0]), bf16 = events_of<StepDone>(runs[1]);
  REQUIRE(fp32.size() == 120);
  REQUIRE(bf16.size() == 120);
  bool all_the_same = true;
  for (size_t i = 0; i < fp32.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(bf16[i].second.loss - fp32[i].second.loss) < 0.005 * fp32[i].second.loss);
    all_the_same = all_the_same && bf16[i].second.loss == fp32[i].second.loss;
  }
  CHECK_FALSE(all_the_same);
  CHECK(fp32.back().second.loss < 0.5 * fp32.front().second.loss);  // it learns
  const double a = events_of<EvalDone>(runs[0]).back().second.bits_per_byte,
               b = events_of<EvalDone>(runs[1]).back().second.bits_per_byte;
  CHECK(std::abs(b - a) < 0.001 * a);
}
