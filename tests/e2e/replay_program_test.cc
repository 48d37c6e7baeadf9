// andrea-replay as a program: arguments, exit codes, what goes to stdout.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/json.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_run.h"

using namespace andrea;

namespace {

Finished replay_program(std::vector<std::string> arguments, const Path& folder) {
  arguments.insert(arguments.begin(), ANDREA_BIN_DIR "/andrea-replay");
  return run_command(arguments, folder);
}

}  // namespace

TEST_CASE("andrea-replay: options in any order, one JSON object or a report on stdout, nothing on stderr") {
  TemporaryFolder folder;
  const std::string log = (folder.path() / "m.samples.json").string();
  std::string text;
  for (int step = 1000; step <= 1900; step += 100)
    text += fmt::format("{}{{\"step\":{},\"text\":\"{:x<300}\"}}", text.empty() ? "[" : ",", step, "");
  write_atomically(log, text + "]");

  const Finished first =
      replay_program({"--json", "--set", "gate.patience=2", log, "--steps-per-minute", "10"}, folder.path());
  CHECK(first.code == 0);
  CHECK(first.err == "");
  const Json source = parse_json(first.out, "stdout")["sources"][0];
  CHECK(source["halt_step"] == 1100);
  CHECK(source["saved_steps"] == 800);
  CHECK(source["steps_per_minute"] == 10);
  CHECK(source["ema"].is_null());
  CHECK(source["scores"].size() == 10);

  const Finished swept = replay_program({log, "--sweep", "--healthy", log, "--json"}, folder.path());
  CHECK(swept.code == 0);
  CHECK(parse_json(swept.out, "stdout")["sweep"]["best"]["false_halts"] == 0);
  CHECK(has(replay_program({log, "--sweep"}, folder.path()).out, "\nBest: floor "));

  const Finished report = replay_program({log}, folder.path());
  CHECK(report.code == 0);
  CHECK(has(report.out,
            "The gate would have halted at step 1,400: 5 judged scores in a row under 30, from step 1,000."));
}

TEST_CASE("andrea-replay --html: the page beside the report; a file that cannot be written is said") {
  TemporaryFolder folder;
  const std::string log = (folder.path() / "t.csv").string(), page = (folder.path() / "page.html").string();
  write_atomically(log, "step,loss\n1,2\n2,1.5\n");
  CHECK(replay_program({log, "--html", page}, folder.path()).code == 0);
  CHECK(has(read_file(page), "t.csv"));
  const Finished nowhere =
      replay_program({log, "--html", (folder.path() / "no" / "page.html").string()}, folder.path());
  CHECK(nowhere.code == 1);
  CHECK(has(nowhere.err, "page.html"));
}

TEST_CASE(
    "andrea-replay --sample-from-checkpoints: samples made again are those of the run, or as asked for") {
  TinyRun run;
  run.config.sampling.tokens = 120;
  run.config.checkpoint.keep = 10;
  CHECK(run.train() == 0);
  const std::string folder = run.run_folder().dir.string();
  const auto scores = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {folder, "--json"});
    const Finished made = replay_program(arguments, run.root());
    INFO(made.err);
    REQUIRE(made.code == 0);
    return parse_json(made.out, "stdout")["sources"][0];
  };
  const Json logged = scores({}), again = scores({"--sample-from-checkpoints"});
  CHECK(logged["scores"].size() == 4);
  CHECK(again["scores"] == logged["scores"]);
  CHECK(again["ema"] == logged["ema"]);
  CHECK(again["format"] == "andrea-train checkpoints");
  const Json other =
      scores({"--sample-from-checkpoints", "--set", "sampling.temperature=0", "--set", "gate.floor=99"});
  CHECK(other["scores"] != logged["scores"]);

  const auto fails = [&](const std::vector<std::string>& arguments) {
    return replay_program(arguments, run.root());
  };
  CHECK(fails({folder, "--set", "sampling.tokens=5"}).code == 2);  // only with samples made again
  CHECK(fails({folder, "--sample-from-checkpoints", "--set", "sampling.enabled=true"}).code == 2);
  CHECK(fails({run.text("river.txt"), "--sample-from-checkpoints"}).code == 2);
  CHECK(has(fails({run.root().string(), "--sample-from-checkpoints"}).err, "holds no checkpoint"));
  std::filesystem::resize_file(run.run_folder().weights(10), 100);
  std::filesystem::remove(run.run_folder().weights(15));
  const Json rest = scores({"--sample-from-checkpoints"});
  CHECK(rest["scores"].size() == 2);
  CHECK(has(rest["remarks"][1].get<std::string>(), "step_000015.bin"));
  CHECK(has(rest["remarks"][0].get<std::string>(), "step_000010.bin"));
  CHECK(fails({folder, "--sample-from-checkpoints", "--set", "sampling.top_k=-1"}).code == 2);
}

TEST_CASE(
    "andrea-replay: wrong arguments are exit code 2, a log that cannot be read 1, each with a sentence") {
  TemporaryFolder folder;
  const std::string log = (folder.path() / "t.csv").string();
  write_atomically(log, "step,loss\n1,2\n");
  CHECK(has(replay_program({}, folder.path()).err, "no log is given"));
  CHECK(replay_program({}, folder.path()).code == 2);
  CHECK(replay_program({log, "--healthy", log}, folder.path()).code == 2);
  CHECK(replay_program({log, "--nonsense"}, folder.path()).code == 2);
  CHECK(replay_program({log, "--set", "gate.floor=200"}, folder.path()).code == 2);
  const Finished columns = replay_program({log, "--columns", "loss=abc"}, folder.path());
  CHECK(columns.code == 2);
  CHECK(has(columns.err, "there is no column 'abc'; there are step, loss"));
  CHECK(replay_program({log + "x"}, folder.path()).code == 1);
  CHECK(has(replay_program({"--help"}, folder.path()).out, "--steps-per-minute"));
}
