#include "replay/replay.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "gate/coherence.h"
#include "gate/tracker.h"

using namespace andrea;

namespace {

std::string dead(int n = 100) {
  std::string text;
  for (int i = 0; i < n; ++i) text += "region ";
  return text;
}

// Different for each number, and far over the floor.
std::string alive(int number) {
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += fmt::format("the {} river{} ran over old stones {} ", i * number, i, i * 7);
  return text;
}

WrittenSample sample(int64_t step, std::string text) { return {step, std::move(text), {}, {}, {}}; }

// Samples every 100 steps: `.` alive, `x` dead, `s` dead and too short.
SourceReport replayed(const std::string& samples, const ReplayRequest& request = {},
                      int64_t first_step = 1000) {
  Replay replay(request);
  int64_t step = first_step;
  for (const char c : samples) {
    replay.add(sample(step, c == '.' ? alive(int(step)) : c == 'x' ? dead() : dead(10)));
    step += 100;
  }
  return replay.finish();
}

}  // namespace

TEST_CASE(
    "five judged scores in a row under the floor: halt, first garbage, last good, wasted and saved steps") {
  const SourceReport r = replayed("..x.sxxsxxx..x");
  CHECK(r.samples == 14);
  CHECK(r.judged == 12);
  CHECK(r.first_step == 1000);
  CHECK(r.last_step == 2300);
  CHECK(r.first_garbage->step == 1200);
  CHECK(r.wasted_steps == 1100);
  CHECK(r.streak_start == 1500);
  CHECK(r.halt_step == 2000);
  CHECK(r.last_good_step == 1300);
  CHECK(r.saved_steps == 300);
  CHECK(!r.saved_days);
  REQUIRE(r.halted_on.size() == 5);
  CHECK(r.halted_on[1].step == 1600);
  CHECK(r.halted_on[1].text.starts_with("region region"));
  CHECK(r.scores.size() == 14);
  CHECK(r.scores[2].total == coherence_score(dead()).total);
}

TEST_CASE("four in a row, or five before gate.start_step, do not halt") {
  CHECK(!replayed("xxxx.xxxx").halt_step);
  CHECK(!replayed("xxxxx", {}, 0).halt_step);
  CHECK(replayed("xxxxxxxxxx", {}, 0).halt_step == 900);  // start_step is 500
  CHECK(!replayed("..").first_garbage);
}

TEST_CASE("what is set counts over the log's own options, and those over the defaults") {
  CHECK(replayed("xx", {.sets = {"gate.patience=2"}}).halt_step == 1100);
  CHECK(!replayed("xxxxx", {.sets = {"gate.floor=0"}}).halt_step);
  for (const bool over : {false, true}) {
    Replay replay(ReplayRequest{.sets = over ? std::vector<std::string>{"gate.patience=3"}
                                             : std::vector<std::string>{}});
    replay.add(
        LoggedOptions{{{"gate.patience", "2"}, {"gate.of_a_later_version", "1"}, {"train.steps", "5000"}}});
    for (int64_t step = 1000; step < 1500; step += 100) replay.add(sample(step, dead()));
    const SourceReport r = replay.finish();
    CHECK(r.halt_step == (over ? 1200 : 1100));
    CHECK(r.total_steps == 5000);
  }
  CHECK_THROWS_WITH_AS(Replay(ReplayRequest{.sets = {"train.steps=5"}}),
                       "--set train.steps=5: a replay has gate.* and loss.ema_alpha alone", Error);
  CHECK_THROWS_WITH_AS(Replay(ReplayRequest{.sets = {"gate.flor=5"}}), doctest::Contains("gate.floor"),
                       Error);
  CHECK_THROWS_AS(Replay(ReplayRequest{.sets = {"gate.floor=500"}}), Error);
}

TEST_CASE("a gate in the log that is wrong is said, and the default is taken") {
  Replay replay(ReplayRequest{});
  replay.add(LoggedOptions{{{"gate.floor", "900"}, {"gate.patience", "2"}}});
  for (int64_t step = 1000; step < 1500; step += 100) replay.add(sample(step, dead()));
  const SourceReport r = replay.finish();
  CHECK(r.halt_step == 1400);
  CHECK(r.gate_source == "default");
  REQUIRE(r.remarks.size() == 1);
  CHECK(r.remarks[0].starts_with("the gate that the log says is not used, for it is wrong: gate.floor=900"));
}

TEST_CASE("a loss signal that is set to halt halts where it speaks, unless the gate has halted before") {
  const auto run = [](int64_t dead_from, std::vector<std::string> sets) {
    sets.push_back("loss.ema_alpha=1");
    Replay replay(ReplayRequest{.sets = sets});
    for (int64_t step = 1; step <= 3000; ++step) {
      replay.add(LossPoint{step, step < 1000 ? 3.0 : 4.0, {}});
      if (step % 100 == 0) replay.add(sample(step, step < dead_from ? alive(int(step)) : dead()));
    }
    return replay.finish();
  };
  const SourceReport first = run(2000, {"gate.loss_signal=halt"});
  CHECK(first.halt_step == 1500);
  CHECK(first.halted_by_loss);
  CHECK(first.saved_steps == 1500);
  CHECK(first.last_good_step == 1500);
  CHECK(!first.streak_start);
  CHECK(first.halted_on.empty());
  const SourceReport gate = run(900, {"gate.loss_signal=halt"});
  CHECK(gate.halt_step == 1300);
  CHECK(!gate.halted_by_loss);
  CHECK(gate.last_good_step == 800);
  CHECK(run(2000, {}).halt_step == 2400);  // an alarm alone
}

TEST_CASE("pieces that nobody decodes are no samples") {
  Replay replay(ReplayRequest{});
  for (int64_t step = 1000; step < 2000; step += 100)
    replay.add(WrittenSample{step, "", std::vector<int32_t>(420), {}, {}});
  replay.add(LossPoint{1, 3, {}});
  const SourceReport r = replay.finish();
  CHECK(r.samples == 0);
  CHECK(!r.halt_step);
  REQUIRE(r.remarks.size() == 1);
  CHECK(r.remarks[0] == "samples that are pieces (ids), left out: --tokenizer FILE.model reads them: 10");
}

TEST_CASE("a loss every thousand steps is remarked upon: the signal was measured on every step's") {
  for (const int64_t apart : {1, 10, 1000}) {
    Replay replay(ReplayRequest{});
    for (int64_t i = 1; i <= 100; ++i) replay.add(LossPoint{i * apart, 3, {}});
    CHECK(replay.finish().remarks.size() == (apart == 1000 ? 1 : 0));
  }
}

TEST_CASE("the EMA is the tracker's; losses that are not finite are counted and left out") {
  Replay replay(ReplayRequest{});
  LossTracker want;
  for (int64_t step = 1; step <= 5000; ++step) {
    const double loss = step == 77 ? std::nan("") : 3 + std::sin(double(step) / 500);
    replay.add(LossPoint{step, loss, double(step) * 10});
    if (step != 77) want = fold(want, 0.01, step, loss);
  }
  const SourceReport r = replay.finish();
  CHECK(r.points == 5000);
  CHECK(r.ema->min == want.min_ema);
  CHECK(r.ema->min_step == want.min_step);
  CHECK(r.ema->last == want.ema);
  CHECK(*r.steps_per_minute == doctest::Approx(6));
  REQUIRE(r.remarks.size() == 1);
  CHECK(r.remarks[0].starts_with("losses that are not finite"));
  int64_t points = 0;
  for (const LossBucket& bucket : r.losses) points += bucket.points;
  CHECK(points == 4999);
  CHECK(r.losses.size() <= 2000);
  CHECK(r.losses.back().ema == want.ema);
}

TEST_CASE("the loss signal speaks when the EMA stays over its minimum by the margin for so many steps") {
  for (const int64_t high : {499, 500}) {
    Replay replay(ReplayRequest{.sets = {"loss.ema_alpha=1"}});
    for (int64_t step = 1; step <= 100; ++step) replay.add(LossPoint{step, 3, {}});
    for (int64_t step = 101; step <= 101 + high; ++step) replay.add(LossPoint{step, 3.25, {}});
    replay.add(LossPoint{3000, 3.2, {}});
    CHECK(replay.finish().signal_step == (high == 500 ? std::optional<int64_t>(601) : std::nullopt));
  }
}

TEST_CASE("pauses are no part of the pace; a given pace counts over the log's") {
  Replay replay(ReplayRequest{});
  for (int64_t step = 1; step <= 100; ++step)
    replay.add(LossPoint{step, 3, double(step) * 20 + (step > 50 ? 1e6 : 0)});
  CHECK(*replay.finish().steps_per_minute == doctest::Approx(3));
  const SourceReport r = replayed("xxxxx" + std::string(864, '.'), {.steps_per_minute = 60.0});
  CHECK(*r.saved_days == doctest::Approx(1));
}

TEST_CASE("a score that differs from the logged one, by however little, is said") {
  const double score = coherence_score("stones").total;
  for (const double logged : {score, std::nextafter(score, 100)}) {
    Replay replay(ReplayRequest{});
    replay.add(WrittenSample{1, "stones", {}, 420, logged});
    const SourceReport r = replay.finish();
    CHECK(r.remarks.size() == (logged == score ? 0 : 1));
    CHECK((r.remarks.empty() || r.remarks[0].starts_with("scores that differ")));
  }
}

TEST_CASE("steps that go back are said, and all is read in the order of the log") {
  Replay replay(ReplayRequest{});
  for (const int64_t step : {1, 2, 3, 2, 3, 4}) replay.add(LossPoint{step, double(step), {}});
  const SourceReport r = replay.finish();
  CHECK(r.points == 6);
  CHECK(r.last_step == 4);
  REQUIRE(r.remarks.size() == 1);
  CHECK(r.remarks[0].starts_with("steps that did not rise"));
}

TEST_CASE(
    "judged by tokens where the log has them, by pieces, else by characters; bad bytes are read as U+FFFD") {
  Replay replay(ReplayRequest{
      .decode = [](const std::vector<int32_t>& ids) { return "piece " + std::to_string(ids.size()); }});
  replay.add(WrittenSample{1, "short", {}, 100, {}});
  replay.add(WrittenSample{2, dead(), {}, 99, {}});
  replay.add(WrittenSample{3, "", std::vector<int32_t>(100), {}, {}});
  replay.add(WrittenSample{4, "", std::vector<int32_t>(99), {}, {}});
  replay.add(sample(5, std::string(200, 'x')));
  replay.add(sample(6, std::string(199, 'x')));
  std::string accents;
  for (int i = 0; i < 199; ++i) accents += "\xC3\xA9";
  replay.add(sample(7, accents));  // 398 bytes, 199 characters
  replay.add(sample(8, accents + "\xFF"));
  const SourceReport r = replay.finish();
  for (size_t i = 0; i < 8; ++i) CHECK_MESSAGE(r.scores[i].judged == (i % 2 == (i < 6 ? 0u : 1u)), i);
  CHECK(r.texts.back().text.find('\xFF') == std::string::npos);
  CHECK(r.texts[2].text == "piece 100");
}

TEST_CASE("dead samples without end are not all kept when no gate halts") {
  for (const char* set : {"gate.enabled=false", "gate.patience=1000000"}) {
    Replay replay(ReplayRequest{.sets = {set}});
    for (int64_t step = 1000; step < 6000; ++step) replay.add(sample(step, dead()));
    const SourceReport r = replay.finish();
    CHECK(r.halted_on.empty());
    CHECK(r.first_garbage->step == 1000);
  }
}

TEST_CASE("lines that stand twice do not draw the curve into one end") {
  for (const bool interleaved : {false, true}) {
    Replay replay(ReplayRequest{});
    for (int64_t step = 1; step <= 50'000; step += 2)
      for (const int64_t more : interleaved ? std::vector{0, 1, 0, 1} : std::vector{0, 0, 1, 1})
        replay.add(LossPoint{step + more, 3, {}});
    const SourceReport r = replay.finish();
    CHECK(r.losses.size() >= 500);
    for (const LossBucket& b : r.losses) CHECK(b.last_step - b.first_step < 100);
  }
}

TEST_CASE("20,000 samples and a million points: texts and curve are spread, scores are all there") {
  Replay replay(ReplayRequest{});
  for (int64_t step = 1; step <= 20000; ++step) replay.add(sample(step, "a short text"));
  for (int64_t step = 1; step <= 1'000'000; ++step) replay.add(LossPoint{step, 3, {}});
  const SourceReport r = replay.finish();
  CHECK(r.scores.size() == 20000);
  CHECK(r.texts.size() < 2000);
  CHECK(r.texts.size() >= 1000);
  CHECK(r.texts[1].step - r.texts[0].step == r.texts[2].step - r.texts[1].step);
  CHECK(r.losses.size() <= 2000);
  CHECK(r.losses.front().first_step == 1);
  CHECK(r.losses.back().last_step == 1'000'000);
}
