// A stop costs nothing: N steps, stop, N steps are 2 N steps, bit for bit.
#include "train/resume.h"

#include <cmath>
#include <set>

#include "base/checksum.h"
#include "config/options.h"
#include "kernels/isa.h"
#include "tests/support/tiny_run.h"
#include "text/tokenizer.h"

using namespace andrea;

namespace {

struct Outcome {
  std::string state;
  std::vector<std::string> events;
};

Outcome outcome_of(const TinyRun& run) {
  return {final_state(run.run_folder(), run.config.train.steps), comparable_events(run.run_folder())};
}

const Outcome& uninterrupted() {
  static const Outcome outcome = [] {
    const TinyRun run;
    REQUIRE(run.train() == 0);
    return outcome_of(run);
  }();
  return outcome;
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

// The step in which the small arm's epoch changes, from the log of an uninterrupted run.
int64_t first_epoch_edge() {
  const TinyRun run;
  REQUIRE(run.train() == 0);
  int64_t seen = 0;
  for (const Event& event : read_log(run.run_folder().log()))
    if (const auto* step = std::get_if<StepDone>(&event.what)) {
      if (step->arm == "stones" && step->epoch > seen) return event.step;
    }
  return 0;
}

}  // namespace

TEST_CASE(
    "stopped before, at and after a cadence and at an epoch's edge, the run equals the uninterrupted one") {
  const int64_t edge = first_epoch_edge();
  REQUIRE(edge > 1);
  for (const int64_t stop : {int64_t(1), int64_t(9), int64_t(10), int64_t(11), edge - 1, edge}) {
    INFO("stopped after step ", stop);
    const TinyRun run;
    CHECK(run.train(stop) == 128 + 15);
    CHECK(run.train(0, true) == 0);
    const Outcome got = outcome_of(run);
    CHECK(got.events == uninterrupted().events);
    CHECK(got.state == uninterrupted().state);
  }
}

TEST_CASE("many stops in one run, and one thread instead of two, change nothing") {
  TinyRun run;
  run.config.train.threads = 1;
  CHECK(run.train(3) == 143);
  for (const int64_t stop : {4, 7, 15, 18}) CHECK(run.train(stop, true) == 143);
  run.config.train.threads = 2;
  CHECK(run.train(0, true) == 0);
  const Outcome got = outcome_of(run);
  CHECK(got.events == uninterrupted().events);
  CHECK(got.state == uninterrupted().state);
}

Instructions option_of(Isa isa) {
  for (const Choice<Instructions>& choice : Choices<Instructions>::all)
    if (choice.name == name_of(isa)) return choice.value;
  throw std::logic_error("an Isa that train.isa does not know");
}

TEST_CASE(
    "on each instruction set, in both precisions: a stop, another number of threads and no sampling leave "
    "the same weights") {
  std::set<std::string> ends;
  for (const Isa isa : usable_isas())
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      INFO(name_of(isa), precision == Precision::bf16 ? ", bf16" : ", fp32");
      TinyRun run, other;
      run.config.train.steps = other.config.train.steps = 10;
      run.config.train.isa = other.config.train.isa = option_of(isa);
      run.config.train.precision = other.config.train.precision = precision;
      CHECK(run.train() == 0);
      const RunStart start = events_of<RunStart>(run).front().second;
      CHECK(start.isa == name_of(isa));
      CHECK(start.precision == (precision == Precision::bf16 ? "bf16" : "fp32"));
      other.config.train.threads = 1;
      other.config.sampling.enabled = false;
      CHECK(other.train(4) == 143);
      other.config.train.threads = 3;
      CHECK(other.train(0, true) == 0);
      const std::string end = read_file(run.run_folder().weights(10));
      CHECK(end == read_file(other.run_folder().weights(10)));
      ends.insert(end);
    }
  CHECK(ends.size() >= 3);  // so the options are heard: amx_model with fp32 is portable
}

TEST_CASE("the cold control: the same weights without their state give another run") {
  const TinyRun first;
  CHECK(first.train(10) == 143);
  const TinyRun cold;
  TrainRequest request;
  request.config = cold.config;
  request.init = first.run_folder().weights(10);
  request.progress = ProgressMode::none;
  CHECK(andrea::train(request) == 0);
  CHECK(final_state(cold.run_folder(), 20) != uninterrupted().state);
}

TEST_CASE("weights that a run began with are saved before its first step, and a resume goes on from them") {
  const TinyRun first;
  CHECK(first.train(10) == 143);
  const auto begun = [&](const TinyRun& run, int64_t stop) {
    TrainRequest request;
    request.config = run.config;
    request.init = first.run_folder().weights(10);
    request.progress = ProgressMode::none;
    request.stop_after = [stop](int64_t step) { return step == stop ? 15 : 0; };
    return andrea::train(request);
  };
  TinyRun whole, stopped;
  CHECK(begun(whole, 0) == 0);
  CHECK(begun(stopped, 1) == 143);
  for (const char* end : {".bin", ".json"})  // as if it had been killed in its first steps
    std::filesystem::remove(stopped.run_folder().dir / (std::string("step_000001") + end));
  REQUIRE(stopped.run_folder().steps() == std::vector<int64_t>{0});
  CHECK(stopped.train(0, true) == 0);
  CHECK(outcome_of(stopped).state == outcome_of(whole).state);
  CHECK(outcome_of(stopped).events == outcome_of(whole).events);

  // Killed even before that save: nothing else knows those weights.
  TinyRun lost;
  CHECK(begun(lost, 1) == 143);
  for (const int64_t step : lost.run_folder().steps())
    std::filesystem::remove(lost.run_folder().record(step));
  CHECK(message_of([&] { lost.train(0, true); }).starts_with("this run began with --init "));
}

TEST_CASE("a run that is over is not touched by a resume") {
  const TinyRun run;
  CHECK(run.train() == 0);
  const std::string log = read_file(run.run_folder().log());
  CHECK(run.train(0, true) == 0);
  CHECK(read_file(run.run_folder().log()) == log);
  CHECK_FALSE(std::filesystem::exists(run.run_folder().dir / "events.jsonl.cut-1"));
}

TEST_CASE("what was measured on other text is forgotten: the best loss, and the loss signal's minimum") {
  for (const bool text : {true, false}) {
    TinyRun run;
    CHECK(run.train(10) == 143);
    CHECK(read_record(run.run_folder(), 10).state.best_step > 0);
    if (text)
      run.config.arms.pop_back();
    else
      run.config.eval.tokens = 200;
    CHECK(run.train(12, true) == 143);
    const TrainState state = read_record(run.run_folder(), 12).state;
    CHECK(!state.best_loss);
    CHECK(state.best_step == 0);
    CHECK((state.rise.least > 0) == text);
    CHECK(events_of<RunStart>(run).back().second.text_changed == text);
    if (text) CHECK(state.rise.least >= state.tracker.min_ema);
  }
}

TEST_CASE("which changes make another text of it, so that what was measured on the old one is forgotten") {
  Config before;
  before.arms = {{.name = "river", .domain = "river", .path = "/old/river.txt"},
                 {.name = "stones", .domain = "stones", .path = "/old/stones.txt", .floor = 0.5}};
  before.curriculum.policy = CurriculumPolicy::proportional;
  const std::vector<ArmState> saved{{"river", "of the river"}, {"stones", "of the stones"}};
  const auto other = [&](auto&& change) {
    Config now = before;
    std::vector<ArmState> states = saved;
    change(now, states);
    return text_changed(before, now, saved, states);
  };
  CHECK_FALSE(other([](Config& c, auto&) { c.arms[0].path = "/moved.txt", c.arms[0].domain = "water"; }));
  CHECK_FALSE(other([](Config& c, auto& s) { std::swap(c.arms[0], c.arms[1]), std::swap(s[0], s[1]); }));
  CHECK_FALSE(other([](Config& c, auto&) { c.arms[0].floor = 0; }));  // what it was
  CHECK(other([](Config& c, auto&) { c.arms[0].floor = 0.1; }));
  CHECK(other([](Config& c, auto&) { c.arms[0].cap = 0.9; }));
  CHECK(other([](Config& c, auto&) { c.arms[1].floor.reset(); }));
  CHECK(other([](Config&, auto& s) { s[0].fingerprint = "of another river"; }));
  CHECK(other([](Config& c, auto& s) { c.arms.pop_back(), s.pop_back(); }));
  CHECK(other([](Config& c, auto& s) {
    c.arms.push_back({"sea", "sea", "/sea"}), s.push_back({"sea", ""});
  }));
  CHECK(other([](Config& c, auto&) { c.curriculum.policy = CurriculumPolicy::uniform; }));
  CHECK(other([](Config& c, auto&) { c.curriculum.max_epochs = 7; }));
  for (const bool used : {false, true}) {  // what only the bandit reads
    before.curriculum.policy = used ? CurriculumPolicy::ucb1 : CurriculumPolicy::proportional;
    CHECK(other([](Config& c, auto&) { c.curriculum.exploration = 2; }) == used);
    CHECK(other([](Config& c, auto&) { c.curriculum.memory = 100; }) == used);
    CHECK(other([](Config& c, auto&) { c.curriculum.reward = CurriculumReward::v1; }) == used);
    CHECK(other([](Config& c, auto&) { c.arms[0].floor = kLeastShare / 2; }) != used);  // what auto gives
  }
}

TEST_CASE("a smaller checkpoint.keep makes room at once when a run is gone on with") {
  TinyRun run;
  run.config.checkpoint.keep = 5;
  CHECK(run.train(17) == 143);
  CHECK(run.run_folder().steps() == std::vector<int64_t>{5, 10, 15, 17});
  run.config.checkpoint.keep = 1;
  CHECK(run.train(18, true) == 143);
  const std::vector<int64_t> left = run.run_folder().steps();
  CHECK(std::find(left.begin(), left.end(), 17) != left.end());  // the one gone on from
  CHECK(std::find(left.begin(), left.end(), 5) == left.end());
}

TEST_CASE("an older checkpoint can be gone on from; what followed is set aside, and the end is the same") {
  const TinyRun run;
  CHECK(run.train() == 0);
  TrainRequest request;
  request.config = run.config;
  request.resume = true;
  request.resume_step = 10;
  request.progress = ProgressMode::none;
  request.stop_after = [](int64_t step) { return step == 12 ? 15 : 0; };
  CHECK(andrea::train(request) == 143);
  CHECK(run.run_folder().steps() == std::vector<int64_t>{5, 10, 12});
  CHECK(std::filesystem::exists(run.run_folder().dir / "step_000020.bin.cut-1"));
  CHECK(std::filesystem::exists(run.run_folder().dir / "events.jsonl.cut-1"));
  CHECK(run.train(0, true) == 0);
  CHECK(outcome_of(run).state == uninterrupted().state);
  CHECK(outcome_of(run).events == uninterrupted().events);
}

TEST_CASE("a damaged newest checkpoint is passed over aloud, and the end is the same") {
  for (const char* suffix : {".bin", ".json"}) {
    const TinyRun run;
    CHECK(run.train(15) == 143);
    const Path file = run.run_folder().dir / (std::string("step_000015") + suffix);
    std::string bytes = read_file(file);
    bytes[bytes.size() / 2] ^= 1;
    write_text(file, bytes);
    CHECK(run.train(0, true) == 0);
    CHECK(outcome_of(run).state == uninterrupted().state);
    CHECK(outcome_of(run).events == uninterrupted().events);
    int alarms = 0;
    for (const Event& event : read_log(run.run_folder().log()))
      if (const auto* alarm = std::get_if<Alarm>(&event.what)) alarms += alarm->kind == "checkpoint_damaged";
    CHECK(alarms == 1);
  }
}

TEST_CASE("with nothing saved yet --resume starts at step 0") {
  const TinyRun run;
  CHECK(run.train(0, true) == 0);
  CHECK(outcome_of(run).state == uninterrupted().state);
}

TEST_CASE("an occupied folder, a second trainer, changed options and text are refused by name") {
  TinyRun run;
  CHECK(run.train(5) == 143);
  CHECK(message_of([&] { run.train(); }).ends_with("already holds a run"));
  {
    const FileLock other(run.run_folder().lock());
    CHECK(message_of([&] { run.train(0, true); }).starts_with("another trainer is at work in"));
  }
  TinyRun* r = &run;
  const auto refused = [&](const std::function<void(Config&)>& change) {
    const Config before = r->config;
    change(r->config);
    const std::string message = message_of([&] { r->train(0, true); });
    r->config = before;
    return message;
  };
  CHECK(refused([](Config& c) { c.train.seed = 6; }) == "a resumed run cannot change train.seed: 5 -> 6");
  const std::string model = refused([](Config& c) { c.model.n_head = 4; });
  CHECK(model == "a resumed run cannot change model.n_head: 2 -> 4");
  // Another model cannot take the weights, but it is the option that is wrong, not the checkpoint.
  CHECK(refused([](Config& c) { c.model.n_layer = 2; }) ==
        "a resumed run cannot change model.n_layer: 1 -> 2");

  write_text(run.text("river.txt"), made_up_text(41, 1));
  const std::string changed = message_of([&] { run.train(0, true); });
  CHECK(changed.starts_with("the text of arm 'river' changed since the checkpoint"));
  TrainRequest request;
  request.config = run.config;
  request.config.optimizer.weight_decay = 0.2;  // taken over, and listed
  request.resume = request.accept_changed_text = true;
  request.progress = ProgressMode::none;
  CHECK(andrea::train(request) == 0);
  const auto events = read_log(run.run_folder().log());
  int dropped = 0, listed = 0;
  for (const Event& event : events) {
    if (const auto* alarm = std::get_if<Alarm>(&event.what)) dropped += alarm->kind == "arm_dropped";
    if (const auto* start = std::get_if<RunStart>(&event.what))
      for (const std::string& change : start->changed)
        listed += change == "optimizer.weight_decay: 0.1 -> 0.2";
  }
  CHECK(dropped == 1);
  CHECK(listed == 1);
}

TEST_CASE("what changed is said with one line for all new arms") {
  CHECK(say_changes({"train.steps: 5 -> 9", "arms.old: old.txt -> none", "arms.a: none -> a.txt",
                     "arms.moved: x.txt -> y.txt", "arms.b: none -> b.txt"}) ==
        std::vector<std::string>{"train.steps: 5 -> 9", "arms.moved: x.txt -> y.txt", "new arms: a, b"});
  CHECK(say_changes({}).empty());
}

TEST_CASE("a checkpoint that holds a NaN is passed over, however whole its checksums are") {
  for (const int which : {0, 1, 2}) {
    const TinyRun run;
    CHECK(run.train(10) == 143);
    Tensors weights(shape_of(run.config.model)), m(weights.shape), v(weights.shape);
    CheckpointRecord record = read_record(run.run_folder(), 10);
    read_weights(run.run_folder(), record, weights, m, v);
    (which == 0 ? weights : which == 1 ? m : v).flat().data[7] = std::numeric_limits<float>::quiet_NaN();
    record.checksum = write_weights(run.run_folder(), 10, weights, m, v).checksum.hex();
    write_record(run.run_folder(), record);
    CHECK(run.train(0, true) == 0);
    CHECK(outcome_of(run).state == uninterrupted().state);
    const auto events = read_log(run.run_folder().log());
    CHECK(std::any_of(events.begin(), events.end(), [](const Event& event) {
      const auto* alarm = std::get_if<Alarm>(&event.what);
      return alarm && alarm->kind == "checkpoint_damaged" &&
             alarm->message.ends_with("step_000010.bin is damaged: it holds numbers that are not finite");
    }));
  }
}

TEST_CASE("numbers that overflow stop the run before they are saved; step, arm and rows are named") {
  const TinyRun run;
  CHECK(run.train(10) == 143);
  Tensors weights(shape_of(run.config.model)), m(weights.shape), v(weights.shape);
  CheckpointRecord record = read_record(run.run_folder(), 10);
  read_weights(run.run_folder(), record, weights, m, v);
  weights.layers[0].w1.data[0] = 3e38f;
  const Written bin = write_weights(run.run_folder(), 10, weights, m, v);
  record.checksum = bin.checksum.hex();
  write_record(run.run_folder(), record);
  const std::string before = read_file(run.run_folder().weights(10));
  CHECK(run.train(0, true) == kExitNonFinite);
  CHECK(run.run_folder().steps() == std::vector<int64_t>{5, 10});
  CHECK(read_file(run.run_folder().weights(10)) == before);
  const auto events = read_log(run.run_folder().log());
  const auto& halt = std::get<Halt>(events[events.size() - 2].what);
  CHECK(halt.reason == "non_finite");
  CHECK(events[events.size() - 2].step == 10);
  const auto& alarm = std::get<Alarm>(events[events.size() - 3].what);
  CHECK(alarm.kind == "non_finite");
  CHECK(alarm.message.starts_with("step 11, arm '"));
  INFO(alarm.message);
  CHECK(alarm.message.find("', row") != std::string::npos);
  CHECK(alarm.message.ends_with(" of 3: loss nan, gradient norm nan"));
  CHECK(std::get<RunEnd>(events.back().what).exit_code == kExitNonFinite);
}

// The row of a piece that only held-out text has is made so great that its sums overflow: training goes on,
// and the evaluation is not finite.
TEST_CASE("a held-out loss or a sample's that is not finite is null in the log and raises an alarm") {
  TinyRun run;
  std::string held_out;
  for (int i = 0; hash64(held_out) % 100 != 0; ++i)
    held_out = fmt::format("\a the river ran over {} stones", i);
  write_text(run.text("river.txt"), made_up_text(40, 1) + held_out);
  run.config.eval.tokens = 100000;  // all that is held out
  run.config.sampling.prompt = "\a the river";
  CHECK(run.train(5) == 143);
  Tensors weights(shape_of(run.config.model)), m(weights.shape), v(weights.shape);
  CheckpointRecord record = read_record(run.run_folder(), 5);
  read_weights(run.run_folder(), record, weights, m, v);
  for (Index c = 0; c < weights.tokens.cols; ++c) weights.tokens.row(Tokenizer::kFirstByte + '\a')[c] = 3e38f;
  record.checksum = write_weights(run.run_folder(), 5, weights, m, v).checksum.hex();
  write_record(run.run_folder(), record);

  CHECK(run.train(10, true) == 143);
  const auto events = read_log(run.run_folder().log());
  size_t evals = 0, alarms = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    const auto* eval = std::get_if<EvalDone>(&events[i].what);
    if (!eval || events[i].step != 10) continue;
    ++evals;
    CHECK(std::isnan(eval->loss));
    CHECK(std::isnan(eval->arms.at("river").loss));
    CHECK(std::isfinite(eval->arms.at("stones").loss));
    CHECK(to_line(events[i]).find("\"loss\":null") != std::string::npos);
    const auto* alarm = std::get_if<Alarm>(&events[i + 1].what);
    REQUIRE(alarm);
    CHECK(alarm->kind == "non_finite");
    CHECK(alarm->message == "step 10: the held-out loss of river is not finite");
    ++alarms;
  }
  CHECK(evals == 1);
  CHECK(alarms == 1);
  const auto sample = events_of<SampleDone>(run).back();
  CHECK(sample.first == 10);
  CHECK(std::isnan(sample.second.loss));
  const auto alarm = events_of<Alarm>(run).back();
  CHECK(alarm.first == 10);
  CHECK(alarm.second.kind == "non_finite");
  CHECK(alarm.second.message == "step 10: the loss of the sample is not finite");
  // The log's own reader finds the same through the published file.
  CHECK(read_file(run.run_folder().dir / "tiny.bandit.json").find("\"held_out_bits_per_byte\":null") !=
        std::string::npos);
  CHECK(read_record(run.run_folder(), 10).state.best_step == 5);
}
