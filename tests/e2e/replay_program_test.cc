// andrea-replay as a program: arguments, exit codes, what goes to stdout.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/json.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

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
