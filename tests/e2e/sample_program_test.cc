// andrea-sample, and the gate's halt as a user meets it.
#include "base/json.h"
#include "tests/support/process.h"
#include "tests/support/tiny_run.h"

using namespace andrea;

namespace {

const std::string kSample = ANDREA_BIN_DIR "/andrea-sample";

Finished sample(const TinyRun& run, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kSample);
  return run_command(arguments, run.root());
}

}  // namespace

TEST_CASE("andrea-sample writes every logged sample again, letter for letter") {
  const TinyRun run;
  REQUIRE(run.train() == 0);
  int compared = 0;
  for (const Event& event : read_log(run.run_folder().log())) {
    const auto* logged = std::get_if<SampleDone>(&event.what);
    if (!logged) continue;
    const Finished f = sample(run, {run.run_folder().weights(event.step).string(), "--json"});
    REQUIRE(f.code == 0);
    CHECK(f.err.empty());
    const Json json = parse_json(f.out, "stdout");
    CHECK(json["text"] == logged->text);
    CHECK(json["tokens"] == logged->tokens);
    CHECK(json["loss"] == logged->loss);
    CHECK(json["seed"] == logged->seed);
    CHECK(json["temperature"] == logged->temperature);
    CHECK(json["top_k"] == logged->top_k);
    CHECK(json["score"]["total"] == logged->score.total);
    CHECK(json.size() == 7);
    ++compared;
  }
  CHECK(compared == 4);
}

TEST_CASE("a run folder stands for its newest whole checkpoint; options are obeyed; nothing is changed") {
  const TinyRun run;
  REQUIRE(run.train() == 0);
  const std::string folder = run.run_folder().dir.string();
  const std::string log = read_file(run.run_folder().log());
  const Finished newest = sample(run, {folder, "--prompt", "The river"});
  CHECK(newest.code == 0);
  CHECK(newest.out.starts_with("The river"));
  CHECK(newest.out == sample(run, {run.run_folder().record(20).string(), "--prompt", "The river"}).out);
  CHECK(newest.out != sample(run, {folder, "--prompt", "The river", "--seed", "77"}).out);
  const Finished greedy =
      sample(run, {folder, "--prompt", "", "--temperature", "0", "--tokens", "3", "--json"});
  CHECK(parse_json(greedy.out, "stdout")["tokens"] == 3);
  CHECK(parse_json(greedy.out, "stdout")["temperature"] == 0.0);
  CHECK(has(sample(run, {folder, "--score", "--tokens", "5"}).out, "(too short to judge); loss "));

  const std::string bin = read_file(run.run_folder().weights(20));
  write_text(run.run_folder().weights(20), bin.substr(0, bin.size() - 1));
  const Finished older = sample(run, {folder, "--prompt", "The river"});
  CHECK(older.code == 0);
  CHECK(has(older.err, "step 20 is passed over: "));
  CHECK(older.out == sample(run, {run.run_folder().weights(15).string(), "--prompt", "The river"}).out);
  const Finished damaged = sample(run, {run.run_folder().weights(20).string()});
  CHECK(damaged.code == 1);
  CHECK(has(damaged.err, "step_000020.bin is damaged: it has "));
  CHECK(read_file(run.run_folder().log()) == log);
}

TEST_CASE("andrea-sample: wrong use gets one sentence") {
  const TinyRun run;
  const auto said = [&](const std::vector<std::string>& arguments, int code, const char* what) {
    const Finished f = sample(run, arguments);
    INFO(f.err);
    CHECK(f.code == code);
    CHECK(f.out.empty());
    CHECK(has(f.err, what));
  };
  said({}, 2, "no run folder and no checkpoint is given");
  said({"/nowhere/at/all"}, 1, "there is no /nowhere/at/all");
  said({run.root().string()}, 1, "holds no checkpoint");
  said({run.text("river.txt").string()}, 2, "river.txt is no checkpoint");
  said({run.root().string(), "--temperature", "-1"}, 2, "--temperature");
  said({run.root().string(), "--tokens", "0"}, 2, "--tokens");
  said({run.root().string(), "--tokns", "5"}, 2, "--tokns");
  const Finished help = sample(run, {"--help"});
  for (const char* option :
       {"--prompt", "--tokens", "--temperature", "--top-k", "--seed", "--json", "--score"})
    CHECK(has(help.out, option));
  CHECK(sample(run, {"--version"}).out == "andrea-sample " ANDREA_VERSION "\n");
  CHECK(has(sample(run, {"--notice"}).out, "SCOWL"));
}

TEST_CASE("a halted run ends with exit code 3, the samples' beginnings and the way on") {
  TinyRun run;
  run.config.sampling.tokens = 100;
  run.config.cadence.every_steps = 2;
  run.config.gate = {.enabled = true, .floor = 100, .patience = 5, .start_step = 3};
  const Path config = run.root() / "tiny.yaml";
  write_text(config, dump_config(run.config));
  const Finished f = run_command({ANDREA_BIN_DIR "/andrea-train", "--config", config.string()}, run.root());
  INFO(f.err);
  CHECK(f.code == 3);
  CHECK(has(f.err, "The gate halted the run: 5 samples in a row scored under 100."));
  for (const char* line : {"step       4  score", "step      12  score"}) CHECK(has(f.err, line));
  CHECK(has(f.err, "andrea-train --run " + run.run_folder().dir.string() + " --resume 2\n"));
  // And it is a way: with the cause (here the floor) removed it goes on to the end.
  const Finished g = run_command({ANDREA_BIN_DIR "/andrea-train", "--run", run.run_folder().dir.string(),
                                  "--resume", "2", "--set", "gate.floor=0"},
                                 run.root());
  INFO(g.err);
  CHECK(g.code == 0);
}
