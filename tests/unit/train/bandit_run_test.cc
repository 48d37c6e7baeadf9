// Runs whose text a bandit chooses: what is logged and published, and that a stop costs it nothing.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>

#include "curriculum/curriculum.h"
#include "record/published.h"
#include "tests/support/tiny_run.h"
#include "train/checkpoint.h"
#include "train/corpus.h"
#include "train/publish.h"
#include "train/resume.h"

using namespace andrea;

namespace {

// Four arms, long enough for several focus periods.
struct BanditRun : TinyRun {
  explicit BanditRun(CurriculumReward reward = CurriculumReward::own) {
    write_text(text("hills.txt"), made_up_text(30, 3));
    write_text(text("fields.txt"), made_up_text(20, 4));
    config.train.steps = 60, config.train.batch_size = config.train.micro_batch = 1;
    config.model.context = 16;
    config.sampling.enabled = false;
    config.cadence.every_steps = 15;
    config.curriculum.policy = CurriculumPolicy::ucb1;
    config.curriculum.reward = reward, config.curriculum.memory = 20;
    config.arms.push_back({.name = "hills", .domain = "hills", .path = text("hills.txt")});
    config.arms.push_back({.name = "fields", .domain = "fields", .path = text("fields.txt"), .cap = 0.9});
    for (ArmOptions& arm : config.arms)  // so that what is in focus is read alone
      arm.floor = arm.floor.value_or(0), arm.cap = arm.cap.value_or(1);
  }
};

std::string end_of(const TinyRun& run) {
  std::string all = final_state(run.run_folder(), run.config.train.steps);
  for (const std::string& line : comparable_events(run.run_folder())) all += line + "\n";
  return all;
}

std::vector<std::string> arms_read(const TinyRun& run) {
  std::vector<std::string> arms;
  for (const auto& [step, done] : events_of<StepDone>(run)) arms.push_back(done.arm);
  return arms;
}

size_t alarms(const TinyRun& run, const std::string& kind, const std::string& part) {
  size_t found = 0;
  for (const auto& [step, alarm] : events_of<Alarm>(run))
    found += alarm.kind == kind && alarm.message.find(part) != std::string::npos;
  return found;
}

}  // namespace

TEST_CASE(
    "stopped in a focus period, at its end and before the first, a bandit's run equals the uninterrupted") {
  for (const CurriculumReward reward : {CurriculumReward::progress, CurriculumReward::own,
                                        CurriculumReward::power_law, CurriculumReward::v1}) {
    const BanditRun whole(reward);
    CHECK(whole.train() == 0);
    const auto focus = events_of<FocusDone>(whole);
    REQUIRE(focus.size() >= 2);
    CHECK(focus[0].first == 4);  // behind the first pull of each
    CHECK(focus[1].first == focus[0].second.until_step);
    std::vector<int64_t> stops = {focus[0].first + 3};
    if (reward == CurriculumReward::progress)
      for (const int64_t stop : {int64_t{2}, focus[1].first}) stops.push_back(stop);
    for (const int64_t stop : stops) {
      BanditRun stopped(reward);
      CHECK(stopped.train(stop) == 143);
      stopped.config.train.threads = 1;
      CHECK(stopped.train(0, true) == 0);
      CHECK(end_of(stopped) == end_of(whole));
    }
  }
}

TEST_CASE("the arms are the same for 1 and 2 threads, and with samples being written") {
  const BanditRun two;
  BanditRun one, sampling;
  one.config.train.threads = 1;
  sampling.config.sampling.enabled = true;
  CHECK(one.train() == 0);
  CHECK(two.train() == 0);
  CHECK(sampling.train() == 0);
  CHECK(arms_read(one) == arms_read(two));
  CHECK(arms_read(sampling) == arms_read(two));
  const std::vector<std::string> read = arms_read(two);
  CHECK(std::vector<std::string>(read.begin(), read.begin() + 4) ==
        std::vector<std::string>{"river", "stones", "hills", "fields"});
}

TEST_CASE("steps in a focus period read its arms and those with a floor; the log says which") {
  const BanditRun run;
  CHECK(run.train() == 0);
  std::set<std::string> allowed;
  size_t outside = 0;
  for (const Event& event : read_log(run.run_folder().log())) {
    if (const auto* focus = std::get_if<FocusDone>(&event.what)) {
      allowed = {focus->arms.begin(), focus->arms.end()};
      CHECK(focus->until_step == event.step + focus->hold);
    }
    if (const auto* step = std::get_if<StepDone>(&event.what);
        step && !allowed.empty() && !allowed.count(step->arm)) {
      CHECK(step->arm == "stones");
      ++outside;
    }
  }
  CHECK(outside > 0);
}

TEST_CASE("what is published tells of every arm, and the table for people shows it") {
  const BanditRun run;
  CHECK(run.train() == 0);
  const PublishedBandit told = read_published_bandit(run.run_folder().dir, "tiny");
  CHECK(told.step == 60);
  CHECK(told.policy == "ucb1");
  CHECK(told.reward == "own");
  REQUIRE(told.focus);
  CHECK(told.focus->arms == events_of<FocusDone>(run).back().second.arms);
  CHECK(told.focus->hold == 7 * told.focus->dice.at(1));
  std::set<int64_t> ranks;
  int64_t pulls = 0;
  for (const PublishedArm& arm : told.arms) {
    ranks.insert(arm.rank.value());
    pulls += arm.pulls;
    CHECK(arm.ucb.value() > arm.mean_reward.value());
    CHECK(arm.held_out_change.has_value());
    const auto& focus = told.focus->arms;
    CHECK(arm.focus == (std::find(focus.begin(), focus.end(), arm.name) != focus.end()));
    CHECK(arm.final_weight == std::min(arm.cap, std::max(arm.tentative, arm.floor)));
  }
  CHECK(ranks == std::set<int64_t>{1, 2, 3, 4});
  CHECK(pulls == 60);
  const std::string table = explain(told);
  CHECK(table.starts_with("step 60, policy ucb1, reward own\nfocus until step "));
  for (const char* word : {"river", "stones", "hills", "fields", "rank", "held out"})
    CHECK(table.find(word) != std::string::npos);

  BanditRun plain;
  plain.config.curriculum.policy = CurriculumPolicy::uniform;
  CHECK(plain.train(5) == 143);
  const PublishedBandit none = read_published_bandit(plain.run_folder().dir, "tiny");
  CHECK_FALSE(none.focus);
  CHECK_FALSE(none.reward);
  CHECK_FALSE(none.arms[0].ucb);
  CHECK(explain(none).starts_with("step 5, policy uniform\n\narm "));
  CHECK_THROWS_AS(read_published_bandit(run.root(), "tiny"), Error);
  CHECK_THROWS_AS(read_published_bandit(run.run_folder().dir, "other"), Error);
}

TEST_CASE(
    "no zombies: an arm that left is dropped aloud, one whose text changed starts as new, a new one is read "
    "first") {
  BanditRun run;
  CHECK(run.train(30) == 143);
  const TrainState before = read_record(run.run_folder(), 30).state;
  CHECK(before.arms[0].worth.pulls > 1);
  run.config.arms.erase(run.config.arms.begin() + 1);  // stones
  write_text(run.text("river.txt"), made_up_text(41, 1));
  write_text(run.text("woods.txt"), made_up_text(15, 9));
  run.config.arms.push_back({.name = "woods", .domain = "woods", .path = run.text("woods.txt")});
  TrainRequest request;
  request.config = run.config;
  request.resume = request.accept_changed_text = true;
  request.progress = ProgressMode::none;
  request.stop_after = [](int64_t step) { return step == 32 ? 15 : 0; };
  CHECK(andrea::train(request) == 143);
  CHECK(alarms(run, "arm_dropped", "no longer in the config: stones") == 1);
  CHECK(alarms(run, "arm_dropped", "arm 'river' starts as new") == 1);
  const TrainState after = read_record(run.run_folder(), 32).state;
  CHECK(after.arms.size() == 4);
  CHECK(after.arms[0].pulls == 1);  // river again, woods for the first time, before any other
  CHECK(after.arms[0].worth.pulls < 1.01);
  CHECK(after.arms[3].pulls == 1);
  CHECK(after.arms[1].pulls == before.arms[2].pulls);  // hills goes on
  CHECK(arms_read(run)[30] == "river");
  CHECK(arms_read(run)[31] == "woods");
  request.stop_after = nullptr;
  CHECK(andrea::train(request) == 0);
  const std::vector<std::string> read = arms_read(run);
  CHECK(std::count(read.begin() + 30, read.end(), "stones") == 0);
}

TEST_CASE("a state edited by hand neither crashes nor rules: what no run can come to is dropped aloud") {
  const double nan = std::nan("");
  BanditRun run;
  CHECK(run.train(30) == 143);
  CheckpointRecord record = read_record(run.run_folder(), 30);
  const TrainState sound = record.state;
  // What is said of a state, which is mended by it.
  const auto said = [&](auto&& change) {
    TrainState state = sound;
    change(state);
    std::vector<Alarm> alarms;
    continue_bandit({}, run.config.curriculum, false, state, alarms);
    for (const ArmState& arm : state.arms) CHECK(fault(arm) == std::nullopt);
    CHECK(fault(state.bandit, state.step) == std::nullopt);
    return alarms.size() == 1 ? alarms[0].kind + ": " + alarms[0].message
                              : fmt::format("{} alarms", alarms.size());
  };
  CHECK(said([](TrainState&) {}) == "0 alarms");
  const std::vector<std::function<void(Worth&)>> damages = {
      [](Worth& w) { w.rewards = 1e6; },   [&](Worth& w) { w.rewards = nan; },
      [](Worth& w) { w.pulls = -1; },      [](Worth& w) { w.pulls = 1e300; },
      [&](Worth& w) { w.held_out = nan; }, [&](Worth& w) { w.law.xx = nan; }};
  for (const auto& damage : damages)
    CHECK(said([&](TrainState& state) {
            damage(state.arms[2].worth);
          }).starts_with("arm_dropped: the bandit knows nothing of arm 'hills' any more: its "));
  CHECK(said([](TrainState& state) { state.arms[3].worth = {}; }) == "0 alarms");  // n = 0
  CHECK(said([](TrainState& state) { state.arms[0].focus = -3; })
            .starts_with("arm_dropped: the bandit knows nothing of arm 'river' any more: its place in the "
                         "focus set is -3"));
  for (const std::function<void(TrainState&)>& damage : std::vector<std::function<void(TrainState&)>>{
           [](TrainState& s) { s.bandit.until_step = int64_t{1} << 60; },
           [](TrainState& s) {
             s.bandit.dice = {9, 9};
           },
           [&](TrainState& s) { s.bandit.progress.pulls = nan; }})
    CHECK(said(damage).starts_with("bandit_dropped: the bandit begins anew: "));

  // And through a file: the run goes on, with sane numbers.
  record.state.arms[2].worth.rewards = 1e6, record.state.arms[3].worth.pulls = nan;
  record.state.bandit.until_step = -5;
  write_record(run.run_folder(), record);
  CHECK(run.train(0, true) == 0);
  CHECK(alarms(run, "arm_dropped",
               "the bandit knows nothing of arm 'hills' any more: its sum of rewards is ") == 1);
  CHECK(alarms(run, "arm_dropped", "of arm 'fields' any more: its number of pulls to the bandit is nan") ==
        1);
  CHECK(alarms(run, "bandit_dropped", "the bandit begins anew: its focus period of ") == 1);
  for (const PublishedArm& arm : read_published_bandit(run.run_folder().dir, "tiny").arms)
    CHECK(std::abs(arm.mean_reward.value()) < kMostReward);
}

TEST_CASE(
    "pivot: other floors, caps, rewards and policies take effect on resume and are listed; forks stay "
    "apart") {
  BanditRun run, other;
  CHECK(run.train(30) == 143);
  CHECK(other.train(30) == 143);
  other.config.arms[0].cap = 0;  // river no more
  other.config.arms[3].floor = 0.9;
  CHECK(other.train(0, true) == 0);
  CHECK(run.train(0, true) == 0);
  const auto listed = events_of<RunStart>(other).back().second.changed;
  CHECK(listed == std::vector<std::string>{"arms.river.cap: 1 -> 0", "arms.fields.floor: 0 -> 0.9"});
  const auto a = arms_read(run), b = arms_read(other);
  CHECK(std::equal(a.begin(), a.begin() + 30, b.begin()));
  CHECK(std::count(b.begin() + 30, b.end(), "river") == 0);
  CHECK(std::count(b.begin() + 30, b.end(), "fields") > std::count(a.begin() + 30, a.end(), "fields"));
  CHECK(final_state(run.run_folder(), 60) != final_state(other.run_folder(), 60));

  // Other rewards: what was paid is forgotten, the pulls are not.
  BanditRun rewards(CurriculumReward::v1);
  CHECK(rewards.train(30) == 143);
  const Worth paid = read_record(rewards.run_folder(), 30).state.arms[0].worth;
  rewards.config.curriculum.reward = CurriculumReward::progress;
  CHECK(rewards.train(31, true) == 143);
  const Worth begun = read_record(rewards.run_folder(), 31).state.arms[0].worth;
  CHECK(paid.paid > 0);
  CHECK(begun.paid == 0);
  CHECK(begun.pulls > 0.9 * paid.pulls);

  // An arm that leaves the focus set takes nothing from the others.
  BanditRun smaller;
  CHECK(smaller.train(30) == 143);
  CheckpointRecord record = read_record(smaller.run_folder(), 30);
  for (size_t i = 0; i < 4; ++i) record.state.arms[i].focus = int64_t(i) + 1;
  write_record(smaller.run_folder(), record);
  const TrainState four = record.state;
  smaller.config.arms.erase(smaller.config.arms.begin());
  CHECK(smaller.train(31, true) == 143);
  const TrainState three = read_record(smaller.run_folder(), 31).state;
  CHECK(alarms(smaller, "arm_dropped", "no longer in the config: river") == 1);
  CHECK(events_of<Alarm>(smaller).size() == 1);
  std::set<int64_t> places;
  for (size_t i = 0; i < 3; ++i) {
    places.insert(three.arms[i].focus);
    CHECK(three.arms[i].worth.pulls >= 0.9 * four.arms[i + 1].worth.pulls);
  }
  CHECK(places == std::set<int64_t>{1, 2, 3});

  // Other held-out text: what it was measured by is forgotten, so that no difference of texts is taken for
  // progress.
  BanditRun eval;
  CHECK(eval.train(30) == 143);
  CHECK(read_record(eval.run_folder(), 30).state.arms[0].worth.held_out);
  eval.config.eval.tokens = 200;
  CHECK(eval.train(31, true) == 143);
  CHECK_FALSE(read_record(eval.run_folder(), 31).state.arms[0].worth.held_out);

  // From any policy to the bandit: it knows what was measured until then.
  BanditRun turned;
  turned.config.curriculum.policy = CurriculumPolicy::proportional;
  CHECK(turned.train(30) == 143);
  turned.config.curriculum.policy = CurriculumPolicy::ucb1;
  CHECK(turned.train(0, true) == 0);
  REQUIRE(!events_of<FocusDone>(turned).empty());
  CHECK(events_of<FocusDone>(turned).front().first >= 30);
}

TEST_CASE("whatever stands in a state, the bandit goes on with sane numbers") {
  const BanditRun run;
  CHECK(run.train(30) == 143);
  const TrainState sound = read_record(run.run_folder(), 30).state;
  const Corpus corpus = open_corpus(run.config, false);
  const double reals[] = {0,     1,      -1,     std::nan(""), INFINITY, -INFINITY, 1e6,
                          1e300, -1e300, 1e-320, 0.5,          30,       1e9};
  const int64_t wholes[] = {0, 1, -1, 7, 42, INT64_MAX, INT64_MIN, int64_t{1} << 60, 30, 1'000'000'000};
  Rng rng = stream(2026, Purpose::test, 0);
  const auto real = [&](double& x) {
    if (rng.below(4) == 0) x = reals[rng.below(std::size(reals))];
  };
  const auto whole = [&](int64_t& x) {
    if (rng.below(4) == 0) x = wholes[rng.below(std::size(wholes))];
  };
  for (int i = 0; i < 2000; ++i) {
    TrainState state = sound;
    for (ArmState& arm : state.arms) {
      Worth& w = arm.worth;
      for (double* x :
           {&w.pulls, &w.paid, &w.rewards, &w.law.weight, &w.law.x, &w.law.y, &w.law.xx, &w.law.xy})
        real(*x);
      for (std::optional<double>* x : {&w.held_out, &w.recent, &w.lowest})
        if (*x) real(**x);
      whole(w.since_look), whole(arm.focus);
    }
    whole(state.bandit.until_step), whole(state.bandit.hold);
    for (int64_t& die : state.bandit.dice) whole(die);
    real(state.bandit.progress.bits_per_byte), real(state.bandit.progress.pulls);
    std::vector<Alarm> alarms;
    CurriculumOptions options = run.config.curriculum;
    options.reward = std::array{CurriculumReward::progress, CurriculumReward::own,
                                CurriculumReward::power_law, CurriculumReward::v1}[rng.below(4)];
    continue_bandit({}, options, false, state, alarms);
    for (int64_t step = state.step + 1; step <= sound.step + 60; ++step) {
      refocus(options, corpus.arms, 5, step, state.arms, state.bandit);
      CHECK_UNARY(state.bandit.until_step >= step);
      const size_t arm = choose_arm(options, corpus.arms, state.arms, 5, step);
      ++state.arms[arm].pulls;
      fold(options, Pull{arm, 0, 5, 2 + rng.uniform(), 5.0}, state.arms, state.bandit.progress);
      state.step = step;
      std::map<std::string, ArmEval> held_out;
      for (const ArmState& each : state.arms) held_out[each.name] = {5, 2 + rng.uniform()};
      if (step % 15 == 0) fold(options, held_out, state.arms, state.bandit.progress);
    }
    for (const ArmState& arm : state.arms) {
      CHECK_MESSAGE(fault(arm) == std::nullopt, fault(arm).value_or(""));
      CHECK(std::abs(mean_reward(arm.worth)) <= kMostReward);
    }
    CHECK_MESSAGE(fault(state.bandit, state.step) == std::nullopt,
                  fault(state.bandit, state.step).value_or(""));
  }
}

TEST_CASE("an arm that is read too often is announced once, and loses weight") {
  BanditRun run, free;
  run.config.curriculum.policy = free.config.curriculum.policy = CurriculumPolicy::uniform;
  run.config.train.steps = free.config.train.steps = 150;
  run.config.train.batch_size = free.config.train.batch_size = 3;
  run.config.curriculum.max_epochs = 1;
  CHECK(run.train() == 0);
  CHECK(free.train() == 0);
  CHECK(alarms(run, "over_read", "arm 'stones' has been read once (curriculum.max_epochs is 1)") == 1);
  CHECK(alarms(free, "over_read", "") == 0);
  const auto count = [](const TinyRun& r) {
    const auto read = arms_read(r);
    return std::count(read.begin(), read.end(), "stones");
  };
  CHECK(count(run) < count(free) / 2);  // though it has a floor of 0.5

  // Said again only when the limit is new.
  BanditRun later;
  later.config.curriculum.policy = CurriculumPolicy::uniform;
  later.config.train.steps = 150;
  CHECK(later.train(110) == 143);
  later.config.curriculum.max_epochs = 1;
  CHECK(later.train(111, true) == 143);
  CHECK(later.train(112, true) == 143);
  CHECK(alarms(later, "over_read", "arm 'stones'") == 1);
  int64_t readings = 0;
  for (const ArmState& arm : read_record(later.run_folder(), 110).state.arms)
    if (arm.name == "stones") readings = arm.epoch;
  REQUIRE(readings > 1);
  CHECK(alarms(later, "over_read", fmt::format("read {} times (curriculum.max_epochs is 1)", readings)) == 1);
}
