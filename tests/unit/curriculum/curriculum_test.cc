#include "curriculum/curriculum.h"

#include <doctest/doctest.h>

#include <set>

#include "base/error.h"
#include "tests/support/chi_square.h"
#include "tests/unit/curriculum/small_arms.h"

using namespace andrea;

namespace {

constexpr uint64_t kRunSeed = 2026;

std::vector<double> weights(CurriculumPolicy policy, const std::vector<Arm>& arms) {
  CurriculumOptions options;
  options.policy = policy;
  check_caps(arms);
  return final_weights(options, arms, std::vector<ArmState>(arms.size()));
}

// Three arms of very different sizes with the given floors and caps.
std::vector<Arm> three_arms(const SmallArms& small, std::vector<double> floors, std::vector<double> caps) {
  std::vector<Arm> arms;
  arms.push_back(small.arm("large", 90, floors[0], caps[0]));
  arms.push_back(small.arm("middle", 30, floors[1], caps[1]));
  arms.push_back(small.arm("small", 5, floors[2], caps[2]));
  return arms;
}

}  // namespace

TEST_CASE("proportional weights are shares of the training tokens; uniform ones are equal") {
  const SmallArms small;
  const std::vector<Arm> arms = three_arms(small, {0, 0, 0}, {1, 1, 1});
  const double tokens[] = {double(arms[0].store.tokens()), double(arms[1].store.tokens()),
                           double(arms[2].store.tokens())};
  const double all = tokens[0] + tokens[1] + tokens[2];
  const std::vector<double> shares = {tokens[0] / all, tokens[1] / all, tokens[2] / all};
  CHECK(weights(CurriculumPolicy::proportional, arms) == shares);
  CHECK(shares[0] > 0.5);
  CHECK(shares[2] < 0.1);
  CHECK(weights(CurriculumPolicy::uniform, arms) == std::vector<double>(3, 1.0 / 3));
}

TEST_CASE(
    "bounds that are not given: none, but under the bandit 0.7 and 1.4 shares of the arms that are read") {
  const SmallArms small;
  std::vector<Arm> arms;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    arms.push_back(small.arm(name, 3));
    arms.back().options.floor.reset(), arms.back().options.cap.reset();
  }
  arms[1].options.floor = 0.5;
  arms[2].options.cap = 0.1;
  arms[4].options.cap = 0;  // so that four are read
  CurriculumOptions options;
  options.policy = CurriculumPolicy::uniform;
  const auto check = [&](std::vector<std::pair<double, double>> want) {
    const std::vector<Bounds> bounds = bounds_of(options, arms);
    REQUIRE(bounds.size() == want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      CAPTURE(i);
      CHECK(bounds[i].floor == doctest::Approx(want[i].first));
      CHECK(bounds[i].cap == doctest::Approx(want[i].second));
    }
  };
  check({{0, 1}, {0.5, 1}, {0, 0.1}, {0, 1}, {0, 0}});
  options.policy = CurriculumPolicy::ucb1;
  check({{0.175, 0.35}, {0.5, 0.5}, {0.1, 0.1}, {0.175, 0.35}, {0, 0}});
  arms.resize(1);
  check({{0.7, 1}});
}

TEST_CASE("a floor lifts and a cap bounds the tentative weight, by min(cap, max(tentative, floor))") {
  const SmallArms small;
  const std::vector<double> plain =
      weights(CurriculumPolicy::proportional, three_arms(small, {0, 0, 0}, {1, 1, 1}));
  const std::vector<Arm> bounded = three_arms(small, {0.1, 0.05, 0.25}, {0.4, 0.9, 0.25});
  CHECK(weights(CurriculumPolicy::proportional, bounded) == std::vector<double>{0.4, plain[1], 0.25});
  CHECK(weights(CurriculumPolicy::uniform, bounded) == std::vector<double>{1.0 / 3, 1.0 / 3, 0.25});
  const std::vector<Arm> lifted = three_arms(small, {0, 0.8, 0.7}, {0, 1, 0.7});
  CHECK(weights(CurriculumPolicy::proportional, lifted) == std::vector<double>{0, 0.8, 0.7});
}

TEST_CASE("without any weight there is nothing to train on") {
  const SmallArms small;
  const std::vector<Arm> arms = three_arms(small, {0, 0, 0}, {0, 0, 0});
  try {
    weights(CurriculumPolicy::uniform, arms);
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(std::string(e.what()) == "every arm has cap 0, so there is no text to train on");
    CHECK(e.exit_code == kExitUsage);
  }
}

TEST_CASE("arms are drawn in proportion to their weights, which need not add up to 1") {
  for (const std::vector<double>& w :
       {std::vector<double>{0.5, 0.2, 0.2, 0.1}, {0.8, 0.8, 0.7, 0.7}, {3, 1}, {1e-3, 4e-3}}) {
    double total = 0;
    for (const double x : w) total += x;
    std::vector<double> shares;
    for (const double x : w) shares.push_back(x / total);
    std::vector<int64_t> counts(w.size()), pairs(w.size() * w.size());
    std::vector<double> pair_shares;
    for (const double a : shares)
      for (const double b : shares) pair_shares.push_back(a * b);
    size_t previous = draw_arm(w, kRunSeed, 0);
    for (int64_t step = 1; step <= 100000; ++step) {
      const size_t arm = draw_arm(w, kRunSeed, step);
      ++counts.at(arm);
      ++pairs.at(previous * w.size() + arm);  // one step says nothing about the next
      previous = arm;
    }
    CHECK(chi_square_excess(counts, shares) < 5);  // see chi_square.h
    CHECK(chi_square_excess(pairs, pair_shares) < 5);
  }
}

TEST_CASE("an arm without weight is never drawn, wherever it stands") {
  for (const std::vector<double>& w : {std::vector<double>{0, 1, 0, 1, 0}, {0, 0, 1}, {1, 0, 0}})
    for (int64_t step = 1; step <= 5000; ++step) CHECK(w[draw_arm(w, kRunSeed, step)] > 0);
}

TEST_CASE("the choice is a function of seed and step") {
  const std::vector<double> w = {1, 1, 1, 1};
  int64_t other_seed = 0, next_step = 0;
  for (int64_t step = 1; step <= 1000; ++step) {
    CHECK(draw_arm(w, kRunSeed, step) == draw_arm(w, kRunSeed, step));
    other_seed += draw_arm(w, kRunSeed, step) == draw_arm(w, kRunSeed + 1, step);
    next_step += draw_arm(w, kRunSeed, step) == draw_arm(w, kRunSeed, step + 1);
  }
  // Equal by chance in a quarter of 1000 cases: 250 with deviation sqrt(1000 * 1/4 * 3/4) = 13.7; five of
  // them.
  CHECK(std::abs(double(other_seed) - 250) < 5 * 13.7);
  CHECK(std::abs(double(next_step) - 250) < 5 * 13.7);
}

TEST_CASE("held-out text has the wanted length, or all there is") {
  const SmallArms small;
  const Arm arm = small.arm("a", 600);
  REQUIRE(arm.store.held_out_documents() >= 2);
  const int64_t all = arm.store.counts().held_out_tokens + arm.store.held_out_documents();
  const HeldOut whole = held_out_text(arm, kRunSeed, 1000000);
  CHECK(int64_t(whole.tokens.size()) == all);
  CHECK(whole.predicted() == all - 1);
  for (int64_t share = 1; share < all + 3; ++share) {
    const HeldOut text = held_out_text(arm, kRunSeed, share);
    CHECK(text.predicted() == std::min(share, all - 1));
    CHECK(text.tokens == Tokens(whole.tokens.begin(), whole.tokens.begin() + text.predicted() + 1));
  }
  std::vector<Tokens> held;
  for (int64_t d = 0; d < arm.store.held_out_documents(); ++d)
    held.push_back(as_tokens(arm.store.held_out(d)));
  std::vector<Tokens> documents = documents_in(whole.tokens);
  CHECK(std::is_permutation(documents.begin(), documents.end(), held.begin(), held.end()));
}

TEST_CASE("held-out text is the same again, and in another order for another seed") {
  const SmallArms small;
  const Arm arm = small.arm("a", 2000);
  CHECK(held_out_text(arm, kRunSeed, 50).tokens == held_out_text(arm, kRunSeed, 50).tokens);
  std::set<Tokens> texts;
  for (uint64_t seed = 0; seed < 20; ++seed) texts.insert(held_out_text(arm, seed, 50).tokens);
  CHECK(texts.size() > 1);
}

TEST_CASE("no held-out document is ever trained on, and none is lost") {
  const SmallArms small;
  const int kDocuments = 700;
  const Arm arm = small.arm("a", kDocuments);
  std::set<Tokens> held, trained;
  for (const Tokens& d : documents_in(held_out_text(arm, kRunSeed, 1000000).tokens)) held.insert(d);
  ArmReader reader(arm, kRunSeed);
  ArmState at{arm.options.name, arm.fingerprint()};
  Batch batch;
  reader.read(at, 1, 2 * (arm.store.tokens() + arm.store.documents()), batch);
  for (const Tokens& d : documents_in(batch.inputs)) trained.insert(d);
  for (const Tokens& d : held) CHECK(trained.count(d) == 0);
  CHECK(held.size() + trained.size() == kDocuments);
}
