// The gate in a run: it halts, says why, and the run can go on from its last healthy checkpoint.
#include "tests/support/tiny_run.h"
#include "train/checkpoint.h"
#include "train/halt_report.h"

using namespace andrea;

namespace {

// Ten cadences. A sample of an untrained model is word salad and scores well over 30, so with a floor of 100
// every sample is under it and with a floor of 0 none.
struct GatedRun : TinyRun {
  GatedRun(double floor, int64_t start_step) {
    config.train.steps = 20;
    config.cadence.every_steps = 2;
    config.checkpoint.keep = 20;
    config.sampling.tokens = 100;
    config.gate = {.enabled = true, .floor = floor, .patience = 5, .start_step = start_step};
  }
};

template <class E>
std::vector<std::pair<int64_t, E>> events_of(const TinyRun& run) {
  std::vector<std::pair<int64_t, E>> found;
  for (const Event& event : read_log(run.run_folder().log()))
    if (const auto* what = std::get_if<E>(&event.what)) found.emplace_back(event.step, *what);
  return found;
}

}  // namespace

TEST_CASE(
    "five samples under the floor halt the run with exit code 3, behind evaluation, sample and checkpoint") {
  const GatedRun run(100, 5);
  CHECK(run.train() == kExitHalted);
  // Samples at 2 and 4 come before gate.start_step; 6, 8, 10, 12 and 14 count.
  const auto halts = events_of<Halt>(run);
  REQUIRE(halts.size() == 1);
  CHECK(halts[0].first == 14);
  CHECK(halts[0].second.reason == "gate");
  CHECK(halts[0].second.streak == 5);
  CHECK(halts[0].second.scores.size() == 5);
  const auto samples = events_of<SampleDone>(run);
  REQUIRE(samples.size() == 7);
  const int64_t streaks[] = {0, 0, 1, 2, 3, 4, 5};
  for (size_t i = 0; i < 7; ++i) CHECK(samples[i].second.streak == streaks[i]);
  CHECK(run.run_folder().steps().back() == 14);
  const auto events = read_log(run.run_folder().log());
  const size_t n = events.size();
  CHECK(std::holds_alternative<EvalDone>(events[n - 5].what));
  CHECK(std::holds_alternative<SampleDone>(events[n - 4].what));
  CHECK(std::holds_alternative<Saved>(events[n - 3].what));
  CHECK(std::holds_alternative<Halt>(events[n - 2].what));
  const auto& end = std::get<RunEnd>(events[n - 1].what);
  CHECK(end.reason == "gate");
  CHECK(end.exit_code == kExitHalted);

  const GateState state = read_record(run.run_folder(), 14).state.gate;
  CHECK(state.healthy_step == 4);
  const std::string report = halt_report(run.run_folder(), state, run.config.gate);
  CHECK(report.find("5 samples in a row scored under 100") != std::string::npos);
  CHECK(report.find("step      14  score") != std::string::npos);
  CHECK(report.find("--run " + run.run_folder().dir.string() + " --resume 4 ") != std::string::npos);
}

TEST_CASE("from the last healthy checkpoint, with the cause removed, the run goes on to its end") {
  GatedRun run(100, 5);
  CHECK(run.train() == kExitHalted);
  run.config.gate.floor = 0;
  TrainRequest request;
  request.config = run.config;
  request.resume = true;
  request.resume_step = 4;
  request.progress = ProgressMode::none;
  CHECK(andrea::train(request) == 0);
  CHECK(events_of<Halt>(run).empty());  // cut away with what followed step 4
  CHECK(run.run_folder().steps().back() == 20);
}

TEST_CASE("the streak survives a stop in its middle; live and folded from the log are one") {
  const GatedRun run(100, 5), whole(100, 5);
  CHECK(run.train(9) == 143);
  CHECK(run.train(0, true) == kExitHalted);
  CHECK(whole.train() == kExitHalted);
  CHECK(comparable_events(run.run_folder()) == comparable_events(whole.run_folder()));
  GateState state;
  for (const Event& event : read_log(run.run_folder().log())) state = fold(state, run.config.gate, event);
  CHECK(state == read_record(run.run_folder(), 14).state.gate);
}

TEST_CASE("a gate that is off does not halt; a healthy run neither") {
  GatedRun off(100, 0), healthy(0, 0);
  off.config.gate.enabled = false;
  CHECK(off.train() == 0);
  CHECK(healthy.train() == 0);
}
