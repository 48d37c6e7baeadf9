// The gate in a run: it halts, says why, and the run can go on from its last healthy checkpoint.
#include "tests/support/tiny_run.h"
#include "train/checkpoint.h"
#include "train/halt_report.h"
#include "train/resume.h"

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
  CHECK(state.calm_step == 4);
  CHECK(state.healthy_step == 0);
  const std::string report = halt_report(run.run_folder(), state, run.config.gate);
  CHECK(report.find("5 samples in a row scored under 100") != std::string::npos);
  CHECK(report.find("step      14  score") != std::string::npos);
  CHECK(report.find("No judged sample reached 100; the last checkpoint before the streak is step 4.") !=
        std::string::npos);
  CHECK(report.ends_with("andrea-train --run " + run.run_folder().dir.string() + " --resume 4"));
  GateState healthy = state;
  healthy.healthy_step = 2;
  CHECK(halt_report(run.run_folder(), healthy, run.config.gate)
            .find("The last healthy checkpoint is step 2.") != std::string::npos);
  GateState none = state;
  none.calm_step = 0;
  CHECK(halt_report(run.run_folder(), none, run.config.gate).ends_with("start anew in another run folder."));
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

TEST_CASE(
    "--resume of a halted run halts again, also when its halt was not written down; a named step or another "
    "gate goes on") {
  GatedRun run(100, 5);
  CHECK(run.train() == kExitHalted);
  const auto want = comparable_events(run.run_folder());
  CHECK(run.train(0, true) == kExitHalted);
  CHECK(comparable_events(run.run_folder()) == want);
  // Killed behind the checkpoint, before the halt.
  const Path log = run.run_folder().log();
  std::filesystem::resize_file(log, uint64_t(read_record(run.run_folder(), 14).log_offset));
  CHECK(run.train(0, true) == kExitHalted);
  CHECK(comparable_events(run.run_folder()) == want);
  CHECK(run.run_folder().steps().back() == 14);

  TrainRequest named;
  named.config = run.config;
  named.resume = true, named.resume_step = 14;
  named.progress = ProgressMode::none;
  CHECK(andrea::train(named) == kExitHalted);  // the next sample is under the floor too
  CHECK(run.run_folder().steps().back() == 16);
  run.config.gate.loss_margin = 3;  // not what it was halted by
  CHECK(run.train(0, true) == kExitHalted);
  CHECK(run.run_folder().steps().back() == 16);
  run.config.gate.floor = 0;
  CHECK(run.train(0, true) == 0);
}

TEST_CASE("a sample that is too short does not halt, whatever the streak") {
  GatedRun run(100, 5);
  CHECK(run.train() == kExitHalted);
  run.config.sampling.tokens = 99;
  CHECK(run.train(0, true) == 0);
  CHECK(read_record(run.run_folder(), 20).state.gate.streak == 5);
}

TEST_CASE("a sample whose loss is under 0.20 raises an alarm: a loop that the model is sure of") {
  GatedRun run(0, 0);
  run.config.sampling = {.enabled = true, .tokens = 100, .temperature = 0, .top_k = 1, .prompt = "none"};
  CHECK(run.train(2) == 143);
  Tensors weights(shape_of(run.config.model)), m(weights.shape), v(weights.shape);
  CheckpointRecord record = read_record(run.run_folder(), 2);
  read_weights(run.run_folder(), record, weights, m, v);
  for (Index i = 0; i < weights.head.rows; ++i)
    for (Index c = 0; c < weights.head.cols; ++c) weights.head.row(i)[c] *= 300;  // sure of whatever it says
  record.checksum = write_weights(run.run_folder(), 2, weights, m, v).checksum.hex();
  write_record(run.run_folder(), record);
  CHECK(run.train(4, true) == 143);
  int memorised = 0;
  for (const auto& [step, alarm] : events_of<Alarm>(run))
    memorised += step == 4 && alarm.kind == "memorised" &&
                 alarm.message.find("generating or copying") != std::string::npos;
  CHECK(memorised == 1);
}

namespace {

// It learns for twelve steps, and then at a rate far too high: the loss rises, whatever the seed.
struct RisingRun : TinyRun {
  explicit RisingRun(LossSignal signal) {
    config.train.steps = 40;
    config.cadence.every_steps = 4;
    config.checkpoint.keep = 20;
    config.loss.ema_alpha = 0.3;
    config.gate.loss_signal = signal, config.gate.loss_margin = 0.1, config.gate.loss_patience = 3;
  }
  int rise(int64_t stop = 0) {
    CHECK(train(12) == 143);
    config.optimizer.learning_rate = 1, config.optimizer.min_learning_rate = 0.9;
    return train(stop, true);
  }
  std::vector<int64_t> spoke_at() const {
    std::vector<int64_t> steps;
    for (const auto& [step, alarm] : events_of<Alarm>(*this))
      if (alarm.kind == "loss_rise") steps.push_back(step);
    return steps;
  }
};

}  // namespace

TEST_CASE("the loss signal: off it is silent, as an alarm it speaks once in a stretch, and the run goes on") {
  RisingRun off(LossSignal::off), alarm(LossSignal::alarm);
  CHECK(off.rise() == 0);
  CHECK(off.spoke_at().empty());
  CHECK(alarm.rise() == 0);
  CHECK(comparable_events(off.run_folder()) == comparable_events(alarm.run_folder()));
  LossTracker tracker;
  LossRise rise;
  std::vector<int64_t> want;
  for (const auto& [step, done] : events_of<StepDone>(alarm)) {
    tracker = fold(tracker, 0.3, step, done.loss);
    rise = fold(rise, alarm.config.gate, tracker, step);
    if (rise.spoke_at == step) want.push_back(step);
  }
  REQUIRE(!want.empty());
  CHECK(alarm.spoke_at() == want);
}

TEST_CASE(
    "loss_signal halt: evaluation, sample and checkpoint of the step it speaks at, exit code 3; stopped "
    "before or not") {
  RisingRun alarm(LossSignal::alarm), run(LossSignal::halt), stopped(LossSignal::halt);
  CHECK(alarm.rise() == 0);
  const int64_t at = alarm.spoke_at().at(0);
  CHECK(run.rise() == kExitHalted);
  const auto halts = events_of<Halt>(run);
  REQUIRE(halts.size() == 1);
  CHECK(halts[0].first == at);
  CHECK(halts[0].second.reason == "loss_signal");
  CHECK(events_of<EvalDone>(run).back().first == at);
  CHECK(events_of<SampleDone>(run).back().first == at);
  CHECK(run.run_folder().steps().back() == at);
  const auto ends = events_of<RunEnd>(run);
  CHECK(ends.back().second.reason == "loss_signal");
  CHECK(ends.back().second.exit_code == kExitHalted);

  CHECK(stopped.rise(at - 1) == 143);  // above the margin already, not yet for long enough
  CHECK(stopped.train(0, true) == kExitHalted);
  CHECK(comparable_events(stopped.run_folder()) == comparable_events(run.run_folder()));

  TrainState state = read_record(run.run_folder(), at).state;
  CHECK(state.rise.spoke_at == at);
  const std::string report = loss_halt_report(run.run_folder(), state, run.config.gate);
  CHECK(report.find(fmt::format("The loss signal halted the run: step {}: the smoothed loss, ", at)) == 0);
  CHECK(report.find(fmt::format(" since step {}.\n", state.rise.since)) != std::string::npos);
  state.best_step = 0;
  CHECK(loss_halt_report(run.run_folder(), state, run.config.gate).ends_with("in another run folder."));
  state.best_step = run.run_folder().steps()[0], state.rise.since = at;
  CHECK(loss_halt_report(run.run_folder(), state, run.config.gate)
            .ends_with(fmt::format("andrea-train --run {} --resume {}", run.run_folder().dir.string(),
                                   state.best_step)));
}

TEST_CASE("halted by its loss, a plain --resume halts again; another gate or a named step goes on") {
  RisingRun run(LossSignal::halt);
  CHECK(run.rise() == kExitHalted);
  const auto want = comparable_events(run.run_folder());
  CHECK(run.train(0, true) == kExitHalted);
  run.config.arms[0].domain = "water";  // no other text
  CHECK(run.train(0, true) == kExitHalted);
  CHECK(comparable_events(run.run_folder()) == want);
  run.config.gate.loss_signal = LossSignal::alarm;
  CHECK(run.train(0, true) == 0);
  CHECK(run.run_folder().steps().back() == 40);
}

TEST_CASE("halt instead of alarm: a stretch that the alarm spoke of halts the run at its next step") {
  RisingRun run(LossSignal::alarm);
  CHECK(run.rise() == 0);
  const int64_t saved = (run.spoke_at().at(0) / 4 + 1) * 4;  // behind the alarm
  REQUIRE(read_record(run.run_folder(), saved).state.rise.spoke_at > 0);
  TrainRequest request;
  request.config = run.config, request.progress = ProgressMode::none;
  request.resume = true, request.resume_step = saved;
  request.stop_after = [&](int64_t step) { return step == saved + 1 ? 15 : 0; };
  CHECK(train(request) == 143);
  run.config.gate.loss_signal = LossSignal::halt;
  CHECK(run.train(0, true) == kExitHalted);
  const auto halted_at = [&] { return events_of<Halt>(run).at(0).first; };  // the log is cut behind a resume
  CHECK(halted_at() == saved + 2);

  // Told to go on from a step, it does, and the stretch counts anew.
  request.config = run.config, request.stop_after = nullptr;
  for (const int64_t step : {saved + 2, saved}) {
    request.resume_step = step;
    CHECK(train(request) == kExitHalted);
    CHECK(halted_at() == step + 1 + run.config.gate.loss_patience);
  }
}

TEST_CASE(
    "a run that gate and loss signal halted: each verdict stands until what it was made by has changed") {
  ResumePoint point;
  point.record.emplace();
  point.before.gate.loss_signal = LossSignal::halt;
  TrainState& state = point.record->state;
  state.gate.streak = point.before.gate.patience, state.rise.spoke_at = 7;
  REQUIRE(halts(state.gate, point.before.gate));
  const auto verdict = [&](std::vector<std::string> changed, bool other_text = false) {
    point.changed = std::move(changed), point.text_changed = other_text;
    return standing_verdict(point);
  };
  CHECK(verdict({}) == Verdict::by_gate);
  CHECK(verdict({"train.steps: 5 -> 6", "arms.a.path: a -> b"}) == Verdict::by_gate);
  CHECK(verdict({"gate.floor: 30 -> 0"}) == Verdict::by_loss);
  CHECK(verdict({"gate.loss_margin: 0.1 -> 0.2"}) == Verdict::by_gate);
  CHECK(verdict({"gate.floor: 30 -> 0", "gate.loss_margin: 0.1 -> 0.2"}) == std::nullopt);
  CHECK(verdict({"gate.floor: 30 -> 0"}, true) == std::nullopt);
}

TEST_CASE("a longer patience than the stretch: the signal waits for it anew") {
  GateOptions gate;
  gate.loss_margin = 0.5, gate.loss_patience = 3;
  LossTracker tracker = fold(LossTracker{}, 1, 1, 2.0);
  LossRise rise = fold(LossRise{}, gate, tracker, 1);
  std::vector<int64_t> spoke;
  for (int64_t step = 2; step <= 20; ++step) {
    tracker =
        fold(tracker, 1, step, step == 15 ? 2.1 : 2.5);  // exactly the margin counts; at 15 it is under it
    if (step == 7) gate.loss_patience = 8;
    if (step == 16) gate.loss_patience = 3;
    rise = fold(rise, gate, tracker, step);
    if (rise.spoke_at == step) spoke.push_back(step);
  }
  CHECK(spoke == std::vector<int64_t>{5, 10, 19});
}
