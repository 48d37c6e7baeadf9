#include "train/keeper.h"

#include <thread>

#include "base/json.h"
#include "tests/support/tiny_run.h"

using namespace andrea;

TEST_CASE("the newest stay, and the precious ones wherever they stand; order is by number") {
  using Steps = std::vector<int64_t>;
  CHECK(steps_to_remove({100, 200, 300, 400}, 2, {}) == Steps{100, 200});
  CHECK(steps_to_remove({100, 200, 300, 400}, 4, {}) == Steps{});
  CHECK(steps_to_remove({100, 200, 300, 400}, 9, {}) == Steps{});
  CHECK(steps_to_remove({100, 200, 300, 400}, 1, {400, 100, 0}) == Steps{200, 300});
  CHECK(steps_to_remove({999'900, 1'000'000, 1'000'100}, 2, {}) == Steps{999'900});
  CHECK(steps_to_remove({}, 1, {5}) == Steps{});
}

namespace {

struct KeepingRun : TinyRun {
  explicit KeepingRun(int64_t keep) {
    config.cadence.every_steps = 2;
    config.checkpoint.keep = keep;
    config.sampling.tokens = 100;  // enough to judge
  }
};

bool has(const std::vector<int64_t>& steps, int64_t step) {
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

}  // namespace

TEST_CASE("keep = 1: the newest, the best, the newest healthy one and the one resumed from are there") {
  KeepingRun run(1);
  run.config.gate = {.enabled = false, .floor = 100, .patience = 5, .start_step = 7};  // healthy up to step 6
  CHECK(run.train(8) == 143);
  CHECK(run.train(0, true) == 0);
  const auto steps = run.run_folder().steps();
  const TrainState state = read_record(run.run_folder(), 20).state;
  CHECK(state.gate.calm_step == 6);
  CHECK(has(steps, 20));
  CHECK(has(steps, state.best_step));
  CHECK(has(steps, 6));
  CHECK(has(steps, 8));
  CHECK(steps.size() <= 4);
  for (const auto& entry : std::filesystem::directory_iterator(run.run_folder().dir)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".bin"))
      CHECK(std::filesystem::exists(entry.path().parent_path() / (name.substr(0, 11) + ".json")));
  }
}

TEST_CASE("weights or moments that are not finite are not saved: exit code 4, and nothing is written") {
  const TinyRun run;
  CHECK(run.train(5) == 143);
  const Tokenizer tokenizer(run.config.tokenizer.model);
  const RunFolder folder = run.run_folder();
  for (const int which : {0, 1, 2})
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      Learner learner(run.config);
      (which == 0 ? learner.weights : which == 1 ? learner.m : learner.v).flat().data[11] = bad;
      Keeper keeper(folder, run.config, tokenizer, std::nullopt);
      RunLog log(run.run_folder().log());
      const uint64_t logged = log.offset();
      TrainState state;
      state.step = 6;
      int code = 0;
      std::string sentence;
      try {
        keeper.save(
            learner, state, [](const Saved&) {}, log);
      } catch (const Error& error) {
        code = error.exit_code, sentence = error.what();
      }
      CHECK(code == kExitNonFinite);
      CHECK(sentence == "step 6: weights or moments are not finite, so they are not saved");
      CHECK(run.run_folder().steps() == std::vector<int64_t>{5});
      CHECK_FALSE(std::filesystem::exists(run.run_folder().weights(6)));
      CHECK(log.offset() == logged);
    }
}

TEST_CASE("a checkpoint that cannot be written ends the run with an alarm, though another thread writes it") {
  const TinyRun run;
  TrainRequest request;
  request.config = run.config;
  request.progress = ProgressMode::none;
  request.stop_after = [&](int64_t step) {
    if (step == 8) make_folders(run.run_folder().dir / "step_000010.bin.tmp");  // in the way
    return 0;
  };
  CHECK_THROWS_WITH_AS(andrea::train(request), doctest::Contains("step_000010.bin.tmp: Is a directory"),
                       Error);
  CHECK(run.run_folder().steps() == std::vector<int64_t>{5});
  const auto alarm = events_of<Alarm>(run).back();
  CHECK(alarm.second.kind == "disk");
  CHECK(alarm.second.message.find("step_000010.bin.tmp") != std::string::npos);
  CHECK(alarm.first < 20);  // heard before the run's end
  CHECK(events_of<RunEnd>(run).back().second.exit_code == 1);
  std::filesystem::remove(run.run_folder().dir / "step_000010.bin.tmp");
  CHECK(run.train(0, true) == 0);
}

TEST_CASE("what cannot be removed raises one alarm, the run goes on, and it is tried again") {
  KeepingRun run(1);
  run.config.gate.enabled = false;
  // A folder with something in it stands where the first checkpoint's weights would be: unlink fails for root
  // too.
  struct Stop {
    RunFolder folder;
  } const at{run.run_folder()};
  TrainRequest request;
  request.config = run.config;
  request.progress = ProgressMode::none;
  request.stop_after = [&](int64_t step) {
    if (step == 2) {
      while (!has(at.folder.steps(), 2)) std::this_thread::yield();  // it is being written
      std::filesystem::remove(at.folder.weights(2));
      std::filesystem::create_directories(at.folder.weights(2) / "in the way");
    }
    if (step == 12) std::filesystem::remove(at.folder.weights(2) / "in the way");
    return 0;
  };
  CHECK(andrea::train(request) == 0);
  int alarms = 0;
  for (const Event& event : read_log(at.folder.log()))
    if (const auto* alarm = std::get_if<Alarm>(&event.what)) {
      CHECK(alarm->kind == "disk");
      CHECK(alarm->message.find("step_000002.bin cannot be removed: ") != std::string::npos);
      ++alarms;
    }
  CHECK(alarms == 1);
  CHECK_FALSE(std::filesystem::exists(at.folder.weights(2)));
  CHECK_FALSE(has(at.folder.steps(), 2));
}

TEST_CASE("published at each cadence: losses, samples and arms, as the log has them") {
  KeepingRun run(5);
  run.config.curriculum.policy = CurriculumPolicy::proportional;  // no bandit: nulls where it would say more
  CHECK(run.train(7) == 143);
  CHECK(run.train(0, true) == 0);
  const auto json = [&](const char* kind) {
    return parse_json(read_file(run.run_folder().dir / (std::string("tiny.") + kind + ".json")), kind);
  };
  const Json losses = json("loss"), samples = json("samples"), arms = json("bandit");
  CHECK(losses.size() == 20);
  CHECK(samples.size() == 10);
  size_t i = 0, j = 0;
  for (const Event& event : read_log(run.run_folder().log())) {
    if (const auto* step = std::get_if<StepDone>(&event.what))
      CHECK(losses[i++] == Json({event.step, step->loss}));
    if (const auto* sample = std::get_if<SampleDone>(&event.what)) {
      CHECK(samples[j]["step"] == event.step);
      CHECK(samples[j]["text"] == sample->text);
      CHECK(samples[j++]["loss"] == sample->loss);
    }
  }
  CHECK(arms["step"] == 20);
  CHECK(arms["policy"] == "proportional");
  CHECK(arms["focus"].is_null());
  CHECK(arms["arms"].size() == 2);
  CHECK(arms["arms"][1]["name"] == "stones");
  CHECK(arms["arms"][1]["floor"] == 0.5);
  CHECK(arms["arms"][1]["final"] == 0.5);
  CHECK(arms["arms"][1]["ucb"].is_null());
  CHECK(arms["arms"][0]["pulls"].get<int>() + arms["arms"][1]["pulls"].get<int>() == 20);
  CHECK(arms["arms"][0]["held_out_bits_per_byte"].is_number());
}
