// Rewards, each by a table worked out by hand.
#include "curriculum/worth.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "curriculum/arm.h"

using namespace andrea;

namespace {

struct Arms {
  CurriculumOptions options;
  std::vector<ArmState> arms;
  MeanProgress progress;

  Arms(CurriculumReward reward, int64_t memory, size_t n) : arms(n) {
    options.reward = reward, options.memory = memory;
    for (size_t i = 0; i < n; ++i) arms[i].name = std::string(1, char('a' + i));
  }
  void pull(size_t arm, double loss, std::optional<double> mean = {}, int64_t epoch = 0) {
    ++arms[arm].pulls;
    fold(options, Pull{arm, epoch, loss, loss, mean}, arms, progress);
  }
  void look(std::vector<double> bits) {
    std::map<std::string, ArmEval> held_out;
    for (size_t i = 0; i < bits.size(); ++i) held_out[arms[i].name] = {0, bits[i]};
    fold(options, held_out, arms, progress);
  }
  double mean(size_t arm) const { return mean_reward(arms[arm].worth); }
};

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("v1 pays how far the loss is under the running mean of all") {
  Arms a(CurriculumReward::v1, 0, 2);
  a.pull(0, 9);       // the first step has no mean yet: nothing
  a.pull(0, 2, 3.0);  // 1
  a.pull(1, 4, 3.0);  // -1
  a.pull(0, 2, 2.5);  // 0.5
  CHECK(a.mean(0) == (0 + 1 + 0.5) / 3);
  CHECK(a.mean(1) == -1);
  CHECK(a.arms[0].worth.pulls == 3);
}

TEST_CASE("memory discounts pulls and rewards alike: what is old counts less, the mean keeps its scale") {
  Arms a(CurriculumReward::v1, 2, 2);  // every step halves what was
  a.pull(0, 2, 3.0);
  a.pull(1, 4, 3.0);
  a.pull(0, 2, 2.5);
  CHECK(a.arms[0].worth.pulls == 0.25 + 1);
  CHECK(a.arms[0].worth.rewards == 0.25 * 1 + 0.5);
  CHECK(a.mean(0) == 0.75 / 1.25);
  CHECK(a.arms[1].worth.pulls == 0.5);
  CHECK(a.mean(1) == -1);
  for (int i = 0; i < 5000; ++i) a.pull(0, 2, 2.0);  // until the other's numbers are gone
  CHECK(a.arms[1].worth.pulls == 0);
  CHECK(a.mean(1) == 0);
  CHECK(a.mean(0) == doctest::Approx(0));
}

TEST_CASE("own pays each new low of the smoothed loss, as a multiple of the mean of all pulls") {
  Arms a(CurriculumReward::own, 0, 1);
  a.pull(0, 2);    // smoothed 2
  a.pull(0, 1.2);  // 1.9: fell 0.1; in two pulls, so 0.05 a pull: pays 2
  CHECK(a.mean(0) == doctest::Approx((0 + 2) / 2.0));
  a.pull(0, 1.2);  // 1.8125: fell 0.0875; 0.1875 in three, 0.0625 a pull: pays 1.4
  CHECK(a.mean(0) == doctest::Approx((0 + 2 + 1.4) / 3.0));
  a.pull(0, 9);  // no new low: pays nothing, and what is regained afterwards neither
  a.pull(0, 1.2);
  CHECK(a.arms[0].worth.lowest == doctest::Approx(1.8125));
  CHECK(a.mean(0) == doctest::Approx(3.4 / 5));
}

TEST_CASE("own does not pay for text learnt by heart: read again, nothing is under the held-out loss") {
  Arms a(CurriculumReward::own, 0, 1);
  a.pull(0, 2);
  a.look({1.9});
  for (int i = 0; i < 100; ++i) a.pull(0, 0.1, {}, 1);
  CHECK(*a.arms[0].worth.lowest >= 1.9);
  Arms first(CurriculumReward::own, 0, 1);
  first.pull(0, 2);
  first.look({1.9});
  for (int i = 0; i < 100; ++i) first.pull(0, 0.1);  // new text
  CHECK(*first.arms[0].worth.lowest < 0.2);
}

TEST_CASE("text read again before the first look pays nothing: nobody knows what is known by heart") {
  for (const CurriculumReward reward : {CurriculumReward::own, CurriculumReward::power_law}) {
    Arms a(reward, 0, 1);
    a.pull(0, 2), a.pull(0, 1.9);
    const Worth before = a.arms[0].worth;
    for (int i = 0; i < 50; ++i) a.pull(0, 0.1, {}, 1);
    CHECK(a.arms[0].worth.rewards == before.rewards);
    CHECK(a.arms[0].worth.lowest == before.lowest);
    CHECK(a.arms[0].worth.law == before.law);
    CHECK(a.arms[0].worth.pulls == 52);
  }
}

TEST_CASE("a power law that begins late pays nothing until the pulls have grown enough to tell a slope") {
  Arms a(CurriculumReward::power_law, 0, 1);
  a.arms[0].pulls = 1000;  // of an older program
  for (int i = 0; i < 400; ++i) a.pull(0, i % 2 ? 1.0 : 2.0);
  CHECK(a.progress.bits_per_byte == 0);
  for (int i = 0; i < 4000; ++i) a.pull(0, 40 / std::sqrt(double(a.arms[0].pulls)));
  CHECK(a.progress.bits_per_byte > 0);
}

TEST_CASE("progress pays at a look what the held-out loss fell for each pull, as a multiple of the mean") {
  Arms a(CurriculumReward::progress, 0, 3);
  a.pull(0, 5), a.pull(1, 5);
  a.look({3, 2, 1});
  CHECK(a.mean(0) == 0);  // there was nothing to compare with
  CHECK(a.arms[0].worth.paid == 0);
  a.pull(0, 5), a.pull(0, 5), a.pull(0, 5), a.pull(1, 5);
  a.look({2.7, 1.8, 0.5});  // fell 0.3 in 3 pulls and 0.2 in 1: 0.125 a pull on the mean
  CHECK(a.mean(0) == doctest::Approx(0.1 / 0.125));
  CHECK(a.mean(1) == doctest::Approx(0.2 / 0.125));
  CHECK(a.mean(2) == 0);  // not read: the fall is the others' work
  CHECK(a.arms[0].worth.paid == 3);
  a.pull(0, 5);
  a.look({3.0, 1.8, 0.5});  // it rose by 0.3: 0.5 in 5 pulls is 0.1 on the mean, so -3
  CHECK(a.mean(0) == doctest::Approx((0.8 * 3 - 3) / 4));
}

TEST_CASE("power_law pays the slope of the law that the losses follow") {
  Arms a(CurriculumReward::power_law, 0, 1);
  double sum = 0, rewards = 0;
  for (int n = 1; n <= 50; ++n) {
    a.pull(0, 2 / std::sqrt(n));                          // 2 n^-1/2 falls by n^-3/2 a pull
    const double slope = n == 1 ? 0 : std::pow(n, -1.5);  // one pull makes no line
    sum += slope;
    rewards += slope / (sum / n > 0 ? sum / n : 1);
    CHECK(a.progress.bits_per_byte == doctest::Approx(sum));
    CHECK(a.mean(0) == doctest::Approx(rewards / n));
  }
}

TEST_CASE("no number that is measured breaks the sums") {
  for (const CurriculumReward reward :
       {CurriculumReward::v1, CurriculumReward::own, CurriculumReward::power_law, CurriculumReward::progress})
    for (const int64_t memory : {0, 1, 2, 1000}) {
      Arms a(reward, memory, 2);
      for (const double loss : {1.0, 1e6, 0.0, 1e-300, 5.0, 1e6, 3.0}) {
        a.pull(0, loss, 1e6), a.pull(1, loss, -1e6);
        a.look({loss, kNan});
        a.look({kNan, loss});
        a.look({loss, loss});
      }
      for (size_t arm = 0; arm < 2; ++arm) {
        CHECK(std::abs(a.mean(arm)) <= kMostReward);
        CHECK(fault(a.arms[arm]) == std::nullopt);
      }
      CHECK(fault(a.progress, 14) == std::nullopt);
    }
}

TEST_CASE("a look that is not finite pays nothing, and the next one is compared with the look before it") {
  Arms a(CurriculumReward::progress, 0, 2);
  a.pull(0, 3), a.pull(1, 3), a.look({3, 3});
  a.pull(0, 3), a.pull(1, 3), a.look({std::numeric_limits<double>::infinity(), kNan});
  CHECK(a.mean(0) == 0);
  CHECK(a.progress.pulls == 0);
  CHECK(a.arms[0].worth.held_out == 3);
  a.pull(0, 3), a.pull(1, 3), a.look({1, 3});
  CHECK(a.progress.bits_per_byte == 2);
  CHECK(a.mean(0) == 2);  // 2 bits in a pull, 1 being the mean of all
  CHECK(a.mean(1) == 0);
}

TEST_CASE("numbers from a file are refused where no run can come to them") {
  const auto refused = [](auto&& change) {
    Arms a(CurriculumReward::own, 100, 1);
    a.pull(0, 2), a.look({2}), a.pull(0, 1.5), a.pull(0, 1.4);
    CHECK(fault(a.arms[0]) == std::nullopt);
    change(a.arms[0]);
    return fault(a.arms[0]).value_or("nothing");
  };
  CHECK(refused([](ArmState& s) {
          s.worth.rewards = 1e6;
        }).starts_with("its sum of rewards is 1000000, not from "));
  CHECK(refused([](ArmState& s) { s.worth.rewards = kNan; }).starts_with("its sum of rewards is nan"));
  CHECK(refused([](ArmState& s) { s.worth.paid = 0; }).starts_with("its sum of rewards is "));
  CHECK(refused([](ArmState& s) { s.worth.pulls = -1; }) ==
        "its number of pulls to the bandit is -1, not from 0 to 3.003");
  CHECK(refused([](ArmState& s) {
          s.worth.pulls = s.worth.paid = 1e9;
        }).starts_with("its number of pulls to the bandit is "));
  CHECK(refused([](ArmState& s) { s.worth.held_out = kNan; }) ==
        "its held-out loss is nan, not from 0 to 100");
  CHECK(refused([](ArmState& s) { s.worth.held_out = 1e6; }).starts_with("its held-out loss is "));
  CHECK(refused([](ArmState& s) { s.worth.lowest = -2; }).starts_with("its lowest loss is -2"));
  CHECK(refused([](ArmState& s) { s.worth.law.xy = INFINITY; }).starts_with("its power law's xy is inf"));
  CHECK(refused([](ArmState& s) { s.worth.law.y = 5200; }).starts_with("its power law's y is 5200"));
  CHECK(refused([](ArmState& s) {
          s.worth.since_look = 1'000'000'000;
        }).starts_with("its number of pulls since "));
  CHECK(refused([](ArmState& s) { s.focus = -1; }).starts_with("its place in the focus set is -1"));
  CHECK(refused([](ArmState& s) { s.worth.pulls = s.worth.paid = s.worth.rewards = 0; }) ==
        "nothing");  // n = 0
  CHECK(fault(MeanProgress{kNan, 1}, 9) ==
        "its progress of nan bits per byte in 1 pulls is none that 9 steps can make");
  CHECK(fault(MeanProgress{1e12, 1}, 9).has_value());
  CHECK(fault(MeanProgress{1, 10}, 9).has_value());
}
