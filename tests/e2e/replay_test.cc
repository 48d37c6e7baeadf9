// Live equals replayed: every decision and every number of varied runs comes again from their logs, bit for
// bit.
#include <doctest/doctest.h>

#include "base/error.h"
#include "replay/sources.h"
#include "tests/support/process.h"
#include "tests/support/tiny_run.h"

using namespace andrea;

namespace {

// What the gate and the tracker did while the run was alive, as its log says.
struct Lived {
  std::vector<std::pair<int64_t, double>> scores;
  std::optional<int64_t> halt_step, signal_step;
  double ema = 0;
  int64_t points = 0;
};

Lived lived(const TinyRun& run) {
  Lived l;
  for (const auto& [step, sample] : events_of<SampleDone>(run))
    l.scores.emplace_back(step, sample.score.total);
  for (const auto& [step, halt] : events_of<Halt>(run))
    if (!l.halt_step) l.halt_step = step;
  for (const auto& [step, alarm] : events_of<Alarm>(run))
    if (alarm.kind == "loss_rise" && !l.signal_step) l.signal_step = step;
  for (const auto& [step, done] : events_of<StepDone>(run)) l.ema = done.ema, ++l.points;
  return l;
}

void check_replay(const TinyRun& run, const char* what) {
  CAPTURE(what);
  const Lived want = lived(run);
  const auto reports = replay_all({run.run_folder().dir.string()}, {}, {}, false);
  REQUIRE(reports.size() == 1);
  const SourceReport& got = reports[0];
  CHECK(got.points == want.points);
  CHECK(got.halt_step == want.halt_step);
  CHECK(got.signal_step == want.signal_step);
  CHECK(got.ema->last == want.ema);
  for (const std::string& remark : got.remarks)
    CHECK(!has(remark, "scores that differ"));  // from the logged ones
  REQUIRE(got.scores.size() == want.scores.size());
  for (size_t i = 0; i < want.scores.size(); ++i) {
    CHECK(got.scores[i].step == want.scores[i].first);
    CHECK(got.scores[i].total == want.scores[i].second);
  }
}

enum class Life { whole, stopped, killed };

struct Story {
  const char* what;
  int64_t seed;
  Life life = Life::whole;
  double floor = 100;  // every judged sample is under it
  int64_t patience = 5, start_step = 1, tokens = 100;
  bool enabled = true;
  LossSignal loss_signal = LossSignal::alarm;
  bool other_text = false;  // when it goes on
};

struct StoryRun : TinyRun {
  explicit StoryRun(const Story& s) {
    config.train.seed = s.seed;
    config.cadence.every_steps = 3;
    config.sampling.tokens = s.tokens;
    config.gate = {.enabled = s.enabled,
                   .floor = s.floor,
                   .patience = s.patience,
                   .start_step = s.start_step,
                   .loss_signal = s.loss_signal,
                   .loss_margin = 0.1,
                   .loss_patience = 3};
    if (s.seed >= 9) config.loss.ema_alpha = 0.3;
  }
};

// kill -9 while it is at work, once it has logged so many steps.
void kill_at(const TinyRun& run, int64_t step) {
  write_text(run.root() / "tiny.yaml", dump_config(run.config));
  Process process({ANDREA_BIN_DIR "/andrea-train", "--config", (run.root() / "tiny.yaml").string()},
                  run.root());
  REQUIRE(wait_until(process, [&] { return last_logged_step(run.run_folder()) >= step; }));
  process.kill(SIGKILL);
  process.wait();
}

}  // namespace

TEST_CASE(
    "thirteen runs, healthy and halted, whole, stopped in mid-streak, killed: replayed as they were lived") {
  const Story stories[] = {
      {.what = "healthy", .seed = 1, .floor = 30},
      {.what = "halted at the fifth, stopped in mid-streak", .seed = 2, .life = Life::stopped},
      {.what = "halted at the second", .seed = 3, .patience = 2},
      {.what = "start_step keeps it from halting", .seed = 4, .life = Life::stopped, .start_step = 2000},
      {.what = "halted later, because of start_step; killed",
       .seed = 5,
       .life = Life::killed,
       .patience = 3,
       .start_step = 5},
      {.what = "the gate is off", .seed = 6, .life = Life::stopped, .patience = 2, .enabled = false},
      {.what = "too short to judge", .seed = 7, .patience = 2, .tokens = 40},
      {.what = "some over the floor, some under",
       .seed = 8,
       .life = Life::stopped,
       .floor = 60,
       .patience = 2,
       .tokens = 150},
      {.what = "another EMA", .seed = 9, .floor = 30},
      {.what = "longer than the context, killed in mid-streak",
       .seed = 10,
       .life = Life::killed,
       .patience = 4,
       .tokens = 300},
      // These learn for seven steps, and then at a rate far too high.
      {.what = "the loss rises, an alarm", .seed = 11, .life = Life::stopped, .floor = 0},
      {.what = "the loss rises on another text",
       .seed = 13,
       .life = Life::stopped,
       .floor = 0,
       .other_text = true},
      {.what = "the loss rises and halts",
       .seed = 12,
       .life = Life::stopped,
       .floor = 0,
       .loss_signal = LossSignal::halt},
  };
  int halted = 0, spoke = 0;
  for (const Story& s : stories) {
    CAPTURE(s.what);
    StoryRun run(s);
    if (s.life == Life::stopped) CHECK(run.train(7) == 143);
    if (s.life == Life::killed) kill_at(run, 7);
    if (s.life != Life::whole) check_replay(run, "not yet over");
    if (s.seed >= 11) run.config.optimizer.learning_rate = 1, run.config.optimizer.min_learning_rate = 0.9;
    if (s.other_text) run.config.arms.pop_back();
    const int code = run.train(0, s.life != Life::whole);
    CHECK((code == kExitDone || code == kExitHalted));
    halted += code == kExitHalted, spoke += lived(run).signal_step.has_value();
    check_replay(run, "over");
  }
  CHECK(halted >= 5);
  CHECK(spoke >= 2);
}
