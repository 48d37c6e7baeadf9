// Live equals replayed: every decision and every number of varied runs comes again from their logs, bit for
// bit.
#include <doctest/doctest.h>

#include "base/error.h"
#include "replay/sources.h"
#include "tests/support/tiny_run.h"

using namespace andrea;

namespace {

// What the gate and the tracker did while the run was alive, as its log says.
struct Lived {
  std::vector<std::pair<int64_t, double>> scores;
  std::optional<int64_t> halt_step;
  double ema = 0;
  int64_t points = 0;
};

Lived lived(const TinyRun& run) {
  Lived l;
  for (const auto& [step, sample] : events_of<SampleDone>(run))
    l.scores.emplace_back(step, sample.score.total);
  for (const auto& [step, halt] : events_of<Halt>(run))
    if (halt.reason == "gate" && !l.halt_step) l.halt_step = step;
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
  CHECK(got.ema->last == want.ema);
  CHECK(got.remarks.empty());  // no score but the logged one
  REQUIRE(got.scores.size() == want.scores.size());
  for (size_t i = 0; i < want.scores.size(); ++i) {
    CHECK(got.scores[i].step == want.scores[i].first);
    CHECK(got.scores[i].total == want.scores[i].second);
  }
}

struct Story {
  const char* what;
  double floor;
  int64_t patience, start_step, tokens, seed;
  bool enabled = true;
};

}  // namespace

TEST_CASE("ten runs: healthy, halted, with the gate off, of short samples, stopped and gone on with") {
  const Story stories[] = {
      {"healthy", 30, 5, 1, 100, 1},
      {"halted at the fifth", 100, 5, 1, 100, 2},
      {"halted at the second", 100, 2, 1, 100, 3},
      {"start_step keeps it from halting", 100, 5, 2000, 100, 4},
      {"halted later, because of start_step", 100, 3, 11, 100, 5},
      {"the gate is off", 100, 2, 1, 100, 6, false},
      {"too short to judge", 100, 2, 1, 40, 7},
      {"some over the floor, some under", 60, 2, 1, 150, 8},
      {"another EMA", 30, 5, 1, 100, 9},
      {"longer than the context", 100, 4, 5, 300, 10},
  };
  for (const Story& s : stories) {
    TinyRun run;
    run.config.cadence.every_steps = 3;
    run.config.gate.enabled = s.enabled, run.config.gate.floor = s.floor;
    run.config.gate.patience = s.patience, run.config.gate.start_step = s.start_step;
    run.config.sampling.tokens = s.tokens, run.config.train.seed = s.seed;
    if (s.seed == 9) run.config.loss.ema_alpha = 0.3;
    const bool stopped = s.seed % 2 == 0;  // in the middle of a streak, if there is one
    if (stopped) CHECK(run.train(4) == 143);
    const int code = run.train(0, stopped);
    CHECK((code == kExitDone || code == kExitHalted));
    check_replay(run, s.what);
  }
}
