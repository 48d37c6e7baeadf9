#include "train/schedule.h"

#include <doctest/doctest.h>

using namespace andrea;

TEST_CASE("cosine from the first step, times the warmup") {
  Config c;
  c.train.steps = 1000;
  c.optimizer.learning_rate = 1e-3, c.optimizer.min_learning_rate = 1e-4;
  c.schedule.warmup_steps = 100;
  CHECK(learning_rate(c, 1) == doctest::Approx(1e-3 / 100));           // t = 0: the cosine is at its top
  CHECK(learning_rate(c, 501) == doctest::Approx((1e-3 + 1e-4) / 2));  // t = steps / 2
  CHECK(learning_rate(c, 51) ==
        doctest::Approx((1e-4 + 9e-4 * (1 + std::cos(0.05 * std::numbers::pi)) / 2) * 0.51));
  CHECK(learning_rate(c, 1001) == doctest::Approx(1e-4));
  c.schedule.warmup_steps = 0;
  CHECK(learning_rate(c, 1) == 1e-3);
  c.optimizer.min_learning_rate = 1e-3;  // v1: constant
  for (const int64_t step : {1, 77, 999}) CHECK(learning_rate(c, step) == 1e-3);
}
