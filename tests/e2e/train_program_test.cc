// andrea-train as a user meets it: a process with arguments, signals and an exit code.
#include "config/config.h"
#include "kernels/isa.h"
#include "tests/support/process.h"
#include "tests/support/tiny_run.h"

using namespace andrea;

namespace {

const std::string kTrain = ANDREA_BIN_DIR "/andrea-train";

struct Program {
  TinyRun tiny;
  Program() { save_config(); }
  void save_config() const { write_text(config_file(), dump_config(tiny.config)); }
  Path config_file() const { return tiny.root() / "tiny.yaml"; }
  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{kTrain, "--config", config_file().string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Finished run(const std::vector<std::string>& more = {}) const {
    return run_command(command(more), tiny.root());
  }
  int64_t last_logged_step() const { return andrea::last_logged_step(tiny.run_folder()); }
};

}  // namespace

TEST_CASE("--help lists every option of the config and every argument; --version names the version") {
  const TemporaryFolder folder;
  const Finished help = run_command({kTrain, "--help"}, folder.path());
  CHECK(help.code == 0);
  for (const OptionValue& option : list_options(Config{})) {
    INFO(option.key);
    CHECK(has(help.out, option.key.substr(option.key.rfind('.') + 1)));
  }
  for (const char* argument : {"--config", "--resume", "--run", "--set", "--dump-config", "--check",
                               "--progress", "--init", "--accept-changed-text", "--version"})
    CHECK(has(help.out, argument));
  CHECK(run_command({kTrain, "--version"}, folder.path()).out == "andrea-train " ANDREA_VERSION "\n");
}

TEST_CASE("threads wait without spinning unless the user says otherwise") {
  const TemporaryFolder folder;
  const auto openmp_says = [&](std::vector<std::string> settings) {
    std::vector<std::string> command{"env", "-u", "OMP_WAIT_POLICY", "OMP_DISPLAY_ENV=verbose"};
    command.insert(command.end(), settings.begin(), settings.end());
    command.insert(command.end(), {kTrain, "--version"});
    return run_command(command, folder.path()).err;
  };
  CHECK(has(openmp_says({}), "GOMP_SPINCOUNT = '0'"));
  CHECK(!has(openmp_says({"OMP_WAIT_POLICY=active"}), "GOMP_SPINCOUNT = '0'"));
  CHECK(!has(openmp_says({"GOMP_SPINCOUNT=1000"}), "GOMP_SPINCOUNT = '0'"));
}

// On one processor this shows nothing.
TEST_CASE("threads bound to processors: the first one's processor is not taken for all there are") {
  const Program p;
  const auto threads_of = [&](const char* setting) {
    const Finished f =
        run_command({"env", "-u", "OMP_WAIT_POLICY", setting, kTrain, "--config", p.config_file().string(),
                     "--set", "train.threads=0", "--set", "train.steps=1", "--progress", "plain"},
                    p.tiny.root());
    INFO(f.err);
    REQUIRE(f.code == 0);
    std::filesystem::remove_all(p.tiny.run_folder().dir);
    const size_t end = f.err.find(" thread"), begin = f.err.rfind(", ", end);
    REQUIRE(end != std::string::npos);
    return f.err.substr(begin, end - begin);
  };
  CHECK(threads_of("OMP_PROC_BIND=true") == threads_of("OMP_PROC_BIND=false"));
}

TEST_CASE("wrong use gets one sentence and exit code 2, and leaves nothing behind") {
  const Program p;
  const auto said = [&](const std::vector<std::string>& arguments, const char* what) {
    std::vector<std::string> command{kTrain};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Finished f = run_command(command, p.tiny.root());
    INFO(f.err);
    CHECK(f.code == 2);
    CHECK(f.out.empty());
    CHECK(has(f.err, what));
  };
  said({}, "no --config is given");
  said({"--run", "/nowhere/run", "--resume"}, "/nowhere/run is no run folder: there is no such folder");
  said({"--run", p.tiny.root().string(), "--resume"}, "has no config.yaml");
  said({"--config", p.config_file().string(), "--run", ""}, "--run names no folder");
  said({"--config", "/nowhere/x.yaml"}, "/nowhere/x.yaml");
  said({"--confg", "x"}, "error: there is no option --confg; did you mean --config?\n  andrea-train --help");
  said({"--set"}, "error: --set: 1 required TEXT missing");
  said({"--config", p.config_file().string(), "now"}, "error: 'now' is one word too many");
  said({"--config", "quickstrat"}, "did you mean quickstart? shipped configs: ");
  said({"--config", p.config_file().string(), "--accept-changed-text"}, "belongs to --resume");
  said({"--config", p.config_file().string(), "--set", "model.d_modle=5"}, "did you mean model.d_model");
  said({"--config", p.config_file().string(), "--set", "model.n_head=3"}, "n_head");
  said({"--config", p.config_file().string(), "--set", "train.isa=mmx"},
       "train.isa is mmx; it must be auto, portable, avx2, avx512, avx512_bf16, amx or amx_model");
  if (usable_isas().back() != Isa::amx)
    said({"--config", p.config_file().string(), "--set", "train.isa=amx"},
         "train.isa is amx, which this processor does not have");
  said({"--config", p.config_file().string(), "--resume", "soon"},
       "neither 'latest' nor the number of a step");
  said({"--config", p.config_file().string(), "--resume", "--init", "x.bin"}, "give one of them");
  said({"--config", p.config_file().string(), "--set", "model.vocab_size=300"}, "vocab_size");
  CHECK_FALSE(std::filesystem::exists(p.tiny.config.run.dir));

  // What is no mistake in the command line, but cannot be done either.
  const Finished name =
      p.run({"--set", "run.dir=" + (p.tiny.config.run.dir / std::string(300, 'x')).string()});
  CHECK(name.code == 1);
  CHECK_FALSE(std::filesystem::exists(p.tiny.config.run.dir));
  const Finished init = p.run({"--init", "nowhere.bin"});
  CHECK(init.code == 1);
  CHECK(has(init.err, "there is no nowhere.bin"));
  CHECK_FALSE(std::filesystem::exists(p.tiny.config.run.dir));
  std::filesystem::create_directories(p.tiny.run_folder().dir);
  write_text(p.tiny.run_folder().dir / "mine.txt", "of the user");  // in a folder that was there
  CHECK(p.run({"--init", "nowhere.bin"}).code == 1);
  CHECK_FALSE(std::filesystem::exists(p.tiny.run_folder().lock()));
  CHECK(std::filesystem::exists(p.tiny.run_folder().dir / "mine.txt"));
}

TEST_CASE("--dump-config loads back equal; --check reads the text and changes no run folder") {
  const Program p;
  const Finished dump = p.run({"--dump-config"});
  CHECK(dump.code == 0);
  CHECK(parse_config(dump.out, "dump", {}) == p.tiny.config);
  const Finished check = p.run({"--check"});
  INFO(check.err);
  CHECK(check.code == 0);
  for (const char* word : {"river", "stones", "parameters", "memory", "disk", "time", "epochs"})
    CHECK(has(check.out, word));
  CHECK_FALSE(p.tiny.run_folder().occupied());
}

TEST_CASE("a run writes its folder; plain lines go to stderr, nothing to stdout; --run names the folder") {
  const Program p;
  const Path folder = p.tiny.root() / "elsewhere";
  const Finished f = p.run({"--run", folder.string()});
  INFO(f.err);
  CHECK(f.code == 0);
  CHECK(f.out.empty());
  CHECK(has(f.err, "step 20/20"));
  CHECK(has(f.err, "bits per byte"));
  CHECK(f.err.find('\033') == std::string::npos);
  CHECK(RunFolder{folder}.steps() == std::vector<int64_t>{5, 10, 15, 20});
  const auto events = read_log(folder / "events.jsonl");
  CHECK(std::get<RunStart>(events.front().what).arms.size() == 2);
  CHECK(std::get<RunEnd>(events.back().what).reason == "done");
  const Finished other = p.run({"--run", folder.string() + "-other", "--resume"});
  CHECK(other.code == 0);
  CHECK(has(other.err,
            "warning: there was no run folder " + folder.string() + "-other: the run starts at step 0"));
  const Finished anew = run_command({kTrain, "--run", folder.string()}, p.tiny.root());
  CHECK(anew.code == 2);
  CHECK(has(anew.err, "already holds a run\n  go on with it with --resume"));
  const Finished again = run_command({kTrain, "--run", folder.string(), "--resume"}, p.tiny.root());
  CHECK(again.code == 0);
  CHECK(has(again.err, "all 20 steps are done already"));
}

TEST_CASE(
    "SIGTERM, SIGINT and SIGHUP save and exit with 128 + n; the resumed run equals an uninterrupted one") {
  Program whole;
  whole.tiny.config.train.steps = 120;
  whole.tiny.config.cadence.every_steps = 40;
  whole.save_config();
  REQUIRE(whole.run().code == 0);
  Program p;
  p.tiny.config.train.steps = 120;
  p.tiny.config.cadence.every_steps = 40;
  p.save_config();
  int64_t stopped_at = 0;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    Process process(p.command({"--resume"}), p.tiny.root());
    const int64_t next = stopped_at + 10;
    CHECK(wait_until(process, [&] { return p.last_logged_step() >= next; }));
    process.kill(signal);
    const int code = process.wait();
    INFO(process.err());
    CHECK(code == 128 + signal);
    stopped_at = p.tiny.run_folder().steps().back();
    CHECK(stopped_at >= next);
  }
  CHECK(p.run({"--resume"}).code == 0);
  CHECK(final_state(p.tiny.run_folder(), 120) == final_state(whole.tiny.run_folder(), 120));
  CHECK(comparable_events(p.tiny.run_folder()) == comparable_events(whole.tiny.run_folder()));
}

TEST_CASE("SIGUSR1 saves and the run goes on; a second trainer is kept out") {
  Program p;
  p.tiny.config.train.steps = 1000000;
  p.tiny.config.cadence.every_steps = 100000;
  p.save_config();
  Process process(p.command(), p.tiny.root());
  CHECK(wait_until(process, [&] { return p.last_logged_step() >= 3; }));
  CHECK(p.tiny.run_folder().steps().empty());
  process.kill(SIGUSR1);
  CHECK(wait_until(process, [&] { return !p.tiny.run_folder().steps().empty(); }));
  const int64_t saved = p.tiny.run_folder().steps().back();
  CHECK(wait_until(process, [&] { return p.last_logged_step() > saved; }));

  const TemporaryFolder output;
  const Finished second = run_command(p.command({"--resume"}), output.path());
  CHECK(second.code == 2);
  CHECK(has(second.err, "another trainer is at work"));
  process.kill(SIGTERM);
  CHECK(process.wait() == 143);
}

// At moments spread over the whole life of a run: starting, stepping, evaluating, saving.
TEST_CASE("kill -9 ten times, then the final state and the log equal the uninterrupted run's") {
  Program whole;
  whole.tiny.config.train.steps = 150;
  whole.save_config();
  REQUIRE(whole.run().code == 0);
  Program p;
  p.tiny.config.train.steps = 150;
  p.save_config();
  Rng rng = stream(11, Purpose::test, 0);
  for (int kills = 0; kills < 10; ++kills) {
    Process process(p.command({"--resume"}), p.tiny.root());
    const int64_t from = p.last_logged_step();
    const int64_t wanted = std::min<int64_t>(from + 1 + int64_t(rng.below(12)), 140);
    wait_until(process, [&] { return p.last_logged_step() >= wanted; });
    std::this_thread::sleep_for(std::chrono::microseconds(rng.below(20000)));
    process.kill(SIGKILL);
    CHECK(process.wait() == 128 + SIGKILL);
  }
  const Finished last = p.run({"--resume"});
  INFO(last.err);
  CHECK(last.code == 0);
  CHECK(final_state(p.tiny.run_folder(), 150) == final_state(whole.tiny.run_folder(), 150));
  CHECK(comparable_events(p.tiny.run_folder()) == comparable_events(whole.tiny.run_folder()));
}
