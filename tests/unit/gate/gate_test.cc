#include "gate/gate.h"

#include <doctest/doctest.h>

#include <cmath>

#include "gate/coherence.h"

using namespace andrea;

namespace {

Event sample(int64_t step, double total, bool judged = true) {
  SampleDone done;
  done.score.total = total;
  done.judged = judged;
  return {step, "", done};
}

// Samples at steps 100, 200, ...
GateState after(const std::vector<double>& scores, const GateOptions& gate, GateState state = {}) {
  int64_t step = 0;
  for (const double score : scores) state = fold(state, gate, sample(step += 100, score));
  return state;
}

const GateOptions kGate{.enabled = true, .floor = 30, .patience = 5, .start_step = 0};

}  // namespace

TEST_CASE("five judged scores in a row under the floor halt; four do not, and one good one ends the streak") {
  CHECK(halts(after({1, 2, 3, 4, 5}, kGate), kGate));
  CHECK_FALSE(halts(after({1, 2, 3, 4}, kGate), kGate));
  CHECK_FALSE(halts(after({1, 2, 3, 4, 90, 1, 2, 3, 4}, kGate), kGate));
  CHECK(halts(after({90, 1, 2, 3, 4, 29.999}, kGate), kGate));
  const GateState s = after({90, 1, 2, 3}, kGate);
  CHECK(s == GateState{4, 3, {200, 300, 400}, {1, 2, 3}, 100, 100});
}

TEST_CASE("exactly the floor is not under it") {
  CHECK(after({1, 2, 3, 4, 30}, kGate).streak == 0);
  CHECK(after({1, 2, 3, 4, std::nextafter(30.0, 0.0)}, kGate).streak == 5);
}

TEST_CASE("a sample that is too short neither adds to the streak nor ends it") {
  GateState s = after({1, 2, 3, 4}, kGate);
  s = fold(s, kGate, sample(500, 90, false));
  s = fold(s, kGate, sample(600, 1, false));
  CHECK(s.streak == 4);
  CHECK(s.calm_step == 0);
  CHECK(s.healthy_step == 0);
  CHECK(halts(fold(s, kGate, sample(700, 1)), kGate));
}

TEST_CASE("samples before gate.start_step leave the streak at 0; at it they count") {
  GateOptions gate = kGate;
  gate.start_step = 300;
  CHECK(after({1, 2}, gate).streak == 0);
  CHECK(after({1, 2}, gate).calm_step == 200);
  CHECK(after({1, 2}, gate).healthy_step == 0);  // under the floor, only not counted
  CHECK(after({1, 90, 2, 3}, gate).healthy_step == 200);
  CHECK(after({1, 2, 3}, gate).streak == 1);
  CHECK_FALSE(halts(after({1, 2, 3, 4, 5, 6}, gate), gate));
  CHECK(halts(after({1, 2, 3, 4, 5, 6, 7}, gate), gate));
}

TEST_CASE("a gate that is off counts and never halts; other events change nothing") {
  GateOptions off = kGate;
  off.enabled = false;
  const GateState s = after({1, 2, 3, 4, 5, 6}, off);
  CHECK(s.streak == 6);
  CHECK_FALSE(halts(s, off));
  CHECK(fold(s, kGate, {700, "", StepDone{}}) == s);
  CHECK(fold(s, kGate, {700, "", EvalDone{}}) == s);
}

TEST_CASE("a fold in two halves is the fold of the whole: the streak survives a stop in its middle") {
  const GateState first = after({90, 1, 2}, kGate);
  GateState s = first;
  for (const int64_t step : {400, 500, 600}) s = fold(s, kGate, sample(step, 3));
  CHECK(s == after({90, 1, 2, 3, 3, 3}, kGate));
  CHECK(halts(s, kGate));
}

// What v1 wrote at steps 80K, 110K, 140K and 165K, at the length of a sample.
TEST_CASE("the four dead texts of v1 halt a run; good text between them does not") {
  const auto looped = [](const std::string& unit, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += unit;
    return text;
  };
  const std::vector<std::string> dead = {looped("region ", 420),
                                         looped("''''' ''''' '' ''' '' ''' '''?' ''' ' '' '' ' ", 40),
                                         looped("games, ", 210), looped("Budy ", 420)};
  const std::string good =
      "A trainer that never reads what its model writes is like a cook who never tastes. The kitchen may be "
      "clean and "
      "the clock may run, yet nobody learns whether there was salt in the soup until the guests have gone "
      "home hungry.";
  for (const std::string& text : dead) {
    const double score = coherence_score(text).total;
    CHECK(score < 3);
    CHECK(halts(after({score, score, score, score, score}, kGate), kGate));
    CHECK_FALSE(halts(after({score, score, score, score, coherence_score(good).total}, kGate), kGate));
  }
  std::vector<double> all;
  for (const std::string& text : dead) all.push_back(coherence_score(text).total);
  all.push_back(all[0]);
  CHECK(halts(after(all, kGate), kGate));
}
