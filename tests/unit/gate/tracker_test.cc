#include "gate/tracker.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/rng.h"

using namespace andrea;

// With alpha 1/4 and these losses every value is exact in binary: 8, 8 - 1 = 7, 7 - 1 = 6, 6 + 1/2, 6.5
// - 1.625.
TEST_CASE("the EMA is seeded with the first loss and follows alpha * loss + (1 - alpha) * ema") {
  const std::vector<double> losses = {8, 4, 3, 8, 0}, want = {8, 7, 6, 6.5, 4.875};
  const std::vector<double> min = {8, 7, 6, 6, 4.875};
  const std::vector<int64_t> min_step = {10, 20, 30, 30, 50};
  LossTracker t;
  for (size_t i = 0; i < losses.size(); ++i) {
    t = fold(t, 0.25, int64_t(i + 1) * 10, losses[i]);
    CHECK(t == LossTracker{int64_t(i + 1), want[i], min[i], min_step[i]});
  }
}

TEST_CASE("the fold is pure, and alpha 1 is the loss itself") {
  const LossTracker before{3, 2.0, 1.5, 7};
  const LossTracker copy = before;
  CHECK(fold(before, 0.5, 8, 4.0) == LossTracker{4, 3.0, 1.5, 7});
  CHECK(before == copy);
  CHECK(fold(before, 1.0, 8, 1.25) == LossTracker{4, 1.25, 1.25, 8});
  CHECK(fold(LossTracker{}, 0.01, 1, 9.0418).ema == 9.0418);
}

TEST_CASE("an equal minimum keeps its first step; a first loss below zero is a minimum too") {
  LossTracker t = fold(LossTracker{}, 0.5, 1, 2.0);
  t = fold(t, 0.5, 2, 2.0);
  CHECK(t.min_step == 1);
  CHECK(fold(LossTracker{}, 0.5, 4, 0.0) == LossTracker{1, 0, 0, 4});
}

// Against the closed form: (1 - alpha)^(n-1) x_1 + sum of alpha (1 - alpha)^(n-i) x_i. Each of the 1000 steps
// rounds values below 10 three times, and an old rounding fades with (1 - alpha): at most 3 * 10 * 2^-53 /
// alpha in all, and as much again for the closed form's own sum of 1000 terms.
TEST_CASE("a thousand steps with the default alpha agree with the closed form") {
  const double alpha = 0.01;
  const int n = 1000;
  LossTracker t;
  const auto loss = [](int i) { return 9.0 * std::exp(-i / 300.0) + ((i * 7919) % 100) / 100.0; };
  for (int i = 1; i <= n; ++i) t = fold(t, alpha, i, loss(i));
  double want = std::pow(1 - alpha, n - 1) * loss(1);
  for (int i = 2; i <= n; ++i) want += alpha * std::pow(1 - alpha, n - i) * loss(i);
  CHECK(std::abs(t.ema - want) <= 2 * 30 * 0x1p-53 / alpha);
}

TEST_CASE("each row of the table has its own reading") {
  const std::vector<std::pair<double, std::string>> rows = {{9.04, "random over the vocabulary"},
                                                            {5.00, "early training, basic structure"},
                                                            {3.00, "learning the vocabulary distribution"},
                                                            {2.00, "knowledgeable but imprecise"},
                                                            {1.00, "constraint-following"},
                                                            {0.70, "textbook one-liner"},
                                                            {0.30, "factual recall, mostly memorised"},
                                                            {0.13, "ALERT: memorised substring"}};
  for (const auto& [loss, reading] : rows) {
    CHECK(tier_of(loss).loss == loss);
    CHECK(tier_of(loss).reading == reading);
  }
}

TEST_CASE("between the rows the nearest one counts") {
  const std::vector<double> rows = {20, 9.04, 5.00, 3.00, 2.00, 1.00, 0.70, 0.30, 0.13};
  CHECK(tier_of(rows[0]).loss == 9.04);
  for (size_t i = 1; i + 1 < rows.size(); ++i) {
    const double middle = (rows[i] + rows[i + 1]) / 2;
    CHECK(tier_of(middle + 1e-9).loss == rows[i]);
    CHECK(tier_of(middle - 1e-9).loss == rows[i + 1]);
  }
}

TEST_CASE("under 0.20 it is always the alarm, also nearest to perfect memorisation") {
  for (const double loss : {0.0, 1e-12, 0.06, 0.13, 0.1999999999})
    CHECK(std::string(tier_of(loss).reading).starts_with("ALERT"));
}

// Losses of the project's public record (docs: the audited examples and v1's end).
TEST_CASE("audited losses get the readings of the record") {
  CHECK(std::string(tier_of(0.30).reading) == "factual recall, mostly memorised");
  CHECK(std::string(tier_of(0.74).reading) == "textbook one-liner");
  CHECK(std::string(tier_of(1.05).reading) == "constraint-following");
  CHECK(std::string(tier_of(1.94).reading) == "knowledgeable but imprecise");
  CHECK(std::string(tier_of(0.13).reading) == "ALERT: memorised substring");
  CHECK(std::string(tier_of(3.43).reading) == "learning the vocabulary distribution");
  CHECK(std::string(tier_of(4.54).reading) == "early training, basic structure");
}

TEST_CASE("perplexity is exp(loss)") {
  CHECK(perplexity(0) == 1);
  CHECK(std::round(perplexity(5.0)) == 148);
  CHECK(perplexity(std::log(8449.0)) == doctest::Approx(8449).epsilon(1e-12));
}

// Fused multiply-adds would give other last bits, and whoever computes the EMA again from a log would find
// them.
TEST_CASE("the EMA is computed as it is written: each product rounded, then the sum") {
  Rng rng = stream(1, Purpose::test, 3);
  LossTracker t;
  volatile double ema = 0;  // volatile: every intermediate is rounded to a double
  for (int i = 1; i <= 1000; ++i) {
    const double loss = 10 * rng.uniform();
    t = fold(t, 0.01, i, loss);
    volatile double a = 0.01 * loss, b = (1 - 0.01) * ema;
    ema = i == 1 ? loss : a + b;
    REQUIRE(t.ema == ema);
  }
}
