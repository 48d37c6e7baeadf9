// The bandit: the formula by hand, the dice by their distribution, the order of events.
#include "curriculum/ucb.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include "curriculum/curriculum.h"
#include "tests/support/chi_square.h"
#include "tests/unit/curriculum/small_arms.h"

using namespace andrea;

namespace {

constexpr uint64_t kDiceSeed = 2026;
constexpr double kInf = std::numeric_limits<double>::infinity();

CurriculumOptions ucb1(double exploration = 1) {
  CurriculumOptions options;
  options.policy = CurriculumPolicy::ucb1, options.exploration = exploration;
  return options;
}

// Arms named a, b, c, ... that were all pulled once and paid 0.
struct Table {
  SmallArms small;
  std::vector<Arm> arms;
  std::vector<ArmState> states;
  Bandit bandit;

  explicit Table(size_t n, double floor = 0, double cap = 1) {
    for (size_t i = 0; i < n; ++i) {
      const std::string name(1, char('a' + i));
      arms.push_back(small.arm(name, 3, floor, cap));
      ArmState state{name, arms.back().fingerprint()};
      state.pulls = 1, state.worth.pulls = state.worth.paid = 1;
      states.push_back(state);
    }
  }
  void pay(size_t arm, double pulls, double mean) {
    states[arm].worth.pulls = states[arm].worth.paid = pulls;
    states[arm].worth.rewards = pulls * mean;
  }
  std::optional<FocusDone> refocus(int64_t step, const CurriculumOptions& options = ucb1()) {
    return andrea::refocus(options, arms, kDiceSeed, step, states, bandit);
  }
};

}  // namespace

TEST_CASE("UCB1 by hand: mean + C sqrt(ln N / n)") {
  Table t(3);
  t.pay(0, 1, 0.5), t.pay(1, 4, 0.25), t.pay(2, 5, 0.1);
  // N = 10, ln 10 = 2.302585: sqrt of 2.302585, 0.575646 and 0.460517 are 1.517427, 0.758714 and 0.678614.
  const std::vector<double> bounds = upper_bounds(ucb1(2), t.states);
  CHECK(bounds[0] == doctest::Approx(0.5 + 2 * 1.517427).epsilon(1e-6));
  CHECK(bounds[1] == doctest::Approx(0.25 + 2 * 0.758714).epsilon(1e-6));
  CHECK(bounds[2] == doctest::Approx(0.1 + 2 * 0.678614).epsilon(1e-6));
  CHECK(upper_bounds(ucb1(0), t.states) == std::vector<double>{0.5, 0.25, 0.1});
  CHECK(ranking(ucb1(2), t.arms, t.states) == std::vector<size_t>{0, 1, 2});
  t.pay(2, 5, 9);
  CHECK(ranking(ucb1(2), t.arms, t.states) == std::vector<size_t>{2, 0, 1});
}

TEST_CASE(
    "an arm whose pulls are forgotten, or were none, has an infinite bound; one pull in all is no error") {
  Table t(2);
  t.pay(0, 0, 0), t.pay(1, 1e-300, 0);
  const std::vector<double> bounds = upper_bounds(ucb1(), t.states);
  CHECK(bounds[0] == kInf);
  CHECK(bounds[1] == kInf);  // as good as forgotten
  t.pay(1, 0.25, 0.5);
  CHECK(upper_bounds(ucb1(), t.states)[1] == 0.5);  // N < 1 counts as 1
  t.pay(1, 5, 1);
  CHECK(upper_bounds(ucb1(), t.states)[0] == kInf);
  CHECK(upper_bounds(ucb1(), std::vector<ArmState>(3)) == std::vector<double>(3, kInf));
}

TEST_CASE("every arm is pulled once first, in the order of the config; those with cap 0 never") {
  Table t(4);
  t.arms[2].options.cap = 0;
  for (ArmState& state : t.states) state = {state.name, state.fingerprint};
  for (const size_t expected : {0, 1, 3}) {
    CHECK(!t.refocus(1));
    const size_t arm = choose_arm(ucb1(), t.arms, t.states, kDiceSeed, 1);
    CHECK(arm == expected);
    t.states[arm].pulls = 1, t.states[arm].worth.pulls = 1;
  }
  CHECK(t.refocus(4));
  for (int64_t step = 4; step < 2000; ++step) {
    t.refocus(step);
    CHECK(choose_arm(ucb1(), t.arms, t.states, kDiceSeed, step) != 2);
    CHECK(t.states[2].focus == 0);
  }
  // A new arm comes at once, and the focus period goes on.
  const Bandit before = t.bandit;
  t.states[1] = {t.states[1].name, t.states[1].fingerprint};
  CHECK(!t.refocus(before.until_step));
  CHECK(choose_arm(ucb1(), t.arms, t.states, kDiceSeed, before.until_step) == 1);
  CHECK(t.bandit == before);
}

TEST_CASE("the dice: 36 pairs alike; as many sixths of the arms as the one shows, 7 x the other steps") {
  for (const size_t n : {1, 2, 6, 7, 19}) {
    Table t(n);
    std::vector<int64_t> pairs(36), next(36);
    int64_t step = 1, last = 0;
    for (int i = 0; i < 20000; ++i) {
      const auto focus = t.refocus(step);
      REQUIRE(focus);
      const int64_t sixths = focus->dice.at(0), pips = focus->dice.at(1);
      CHECK(focus->arms.size() == size_t(std::ceil(double(n) * double(sixths) / 6)));
      CHECK(focus->hold == 7 * pips);
      CHECK(focus->until_step == step + 7 * pips - 1);
      CHECK(!t.refocus(focus->until_step));  // held to its last step
      step = focus->until_step + 1;
      ++pairs.at(size_t(6 * (sixths - 1) + pips - 1));
      ++next.at(size_t(6 * last + sixths - 1));  // one throw says nothing about the next
      last = sixths - 1;
    }
    CHECK(chi_square_excess(pairs, equal_shares(36)) < 5);
    CHECK(chi_square_excess(next, equal_shares(36)) < 5);
  }
}

TEST_CASE("the focus set are the best, in their order, and the draw follows their places, floors and caps") {
  Table t(6);
  for (size_t i = 0; i < 6; ++i) t.pay(i, 10, double(i));  // f is best
  int64_t step = 1;
  std::optional<FocusDone> focus;
  while (!(focus = t.refocus(step)) || focus->dice[0] != 3) step = t.bandit.until_step + 1;
  CHECK(focus->arms == std::vector<std::string>{"f", "e", "d"});
  CHECK(tentative_weights(ucb1(), t.arms, t.states) == std::vector<double>{0, 0, 0, 1. / 6, 2. / 6, 3. / 6});
  t.arms[0].options.floor = 0.2, t.arms[4].options.cap = 0.25, t.arms[3].options.floor = 0.8;
  const std::vector<double> weights = {0.2, 0, 0, 0.8, 0.25, 0.5};
  CHECK(final_weights(ucb1(), t.arms, t.states) == weights);
  std::vector<int64_t> counts(4);
  const std::map<size_t, size_t> cell = {{0, 0}, {3, 1}, {4, 2}, {5, 3}};
  for (int64_t s = 1; s <= 100000; ++s)
    ++counts.at(cell.at(choose_arm(ucb1(), t.arms, t.states, kDiceSeed, s)));
  CHECK(chi_square_excess(counts, {0.2 / 1.75, 0.8 / 1.75, 0.25 / 1.75, 0.5 / 1.75}) < 5);
}

TEST_CASE("when no arm in focus can be read any more, the dice are thrown at once") {
  Table t(6);
  int64_t step = 1;
  while (!t.refocus(step) || t.bandit.dice[0] != 1) step = t.bandit.until_step + 1;
  REQUIRE(t.states[0].focus == 1);
  t.arms[0].options.cap = 0;
  CHECK(t.refocus(step + 1));
  CHECK(t.states[0].focus == 0);
  for (ArmState& state : t.states) state.focus = 0;  // they left the config
  CHECK(t.refocus(step + 2));
}

TEST_CASE("other policies throw no dice") {
  Table t(3);
  for (const CurriculumPolicy policy : {CurriculumPolicy::uniform, CurriculumPolicy::proportional}) {
    CurriculumOptions options;
    options.policy = policy;
    for (int64_t step = 1; step < 100; ++step) CHECK(!t.refocus(step, options));
  }
}

TEST_CASE(
    "an arm read too often loses half its weight with each further pass; no floor lifts it above that") {
  Table t(5, 0.4);
  CurriculumOptions options;
  options.policy = CurriculumPolicy::uniform;
  for (size_t i = 0; i < 5; ++i) t.states[i].epoch = int64_t(i);
  CHECK(kept_weights(options, t.arms, t.states) == std::vector<double>(5, 1));  // 0: no limit
  options.max_epochs = 2;  // a and b are in their first two passes
  CHECK(kept_weights(options, t.arms, t.states) == std::vector<double>{1, 1, 0.5, 0.25, 0.125});
  CHECK(final_weights(options, t.arms, t.states) == std::vector<double>{0.4, 0.4, 0.2, 0.1, 0.05});
  t.states[0].epoch = t.states[1].epoch = 2;  // all are over: the least of them is the measure
  CHECK(kept_weights(options, t.arms, t.states) == std::vector<double>{1, 1, 1, 0.5, 0.25});
  t.states[4].epoch = int64_t{1} << 55;
  CHECK(final_weights(options, t.arms, t.states)[4] > 0);
  // A bandit ranks by what is left.
  t.pay(2, 10, 1), t.pay(3, 10, 1.9), t.pay(0, 10, 0.5), t.pay(1, 10, -3), t.pay(4, 10, 9);
  options.policy = CurriculumPolicy::ucb1, options.exploration = 0;
  CHECK(ranking(options, t.arms, t.states) == std::vector<size_t>{2, 3, 0, 4, 1});
}

TEST_CASE("a bandit from a file is refused where the dice cannot have thrown it") {
  Table t(3);
  CHECK(fault(t.bandit, 0) == std::nullopt);
  REQUIRE(t.refocus(5));
  CHECK(fault(t.bandit, 5) == std::nullopt);
  const auto refused = [&](auto&& change) {
    Bandit bandit = t.bandit;
    change(bandit);
    return fault(bandit, 5).has_value();
  };
  CHECK(refused([](Bandit& b) { b.until_step = int64_t{1} << 60; }));
  CHECK(refused([](Bandit& b) { b.until_step = -1; }));
  CHECK(refused([](Bandit& b) { b.hold = 43; }));
  CHECK(refused([](Bandit& b) { b.dice = {7, 1}; }));
  CHECK(refused([](Bandit& b) { b.dice.clear(); }));
  CHECK(refused([](Bandit& b) { b.dice.push_back(1); }));
  CHECK(refused([](Bandit& b) { b.until_step = int64_t{1} << 60, b.hold = -b.until_step, b.dice.clear(); }));
  CHECK(refused([](Bandit& b) { b.until_step = b.hold = INT64_MAX, b.dice = {9, 9}; }));
  CHECK(refused([](Bandit& b) { b.progress.pulls = -1; }));
}
