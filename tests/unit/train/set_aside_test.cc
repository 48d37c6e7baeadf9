// What a resume moves out of the way, and that a kill in the middle of it does no harm.
#include <doctest/doctest.h>

#include "record/run_log.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_run.h"
#include "train/set_aside.h"

using namespace andrea;

namespace {

// A folder with checkpoints (names only) of steps 5, 10 and 15 and a log of 20 steps.
struct Folder {
  TemporaryFolder temporary;
  RunFolder run{temporary.path()};
  std::string log;
  CheckpointRecord at_10;

  Folder() {
    at_10.state.step = 10;
    RunLog file(run.log());
    for (int64_t step = 1; step <= 20; ++step) {
      file.append({step, "t", StepDone{}});
      if (step == 10) at_10.log_offset = int64_t(file.offset());
    }
    for (const int64_t step : {5, 10, 15}) {
      write_text(run.weights(step), "weights");
      write_text(run.record(step), "record");
    }
    log = read_file(run.log());
  }
  bool has(const char* name) const { return std::filesystem::exists(run.dir / name); }
};

}  // namespace

TEST_CASE("newer checkpoints and the log's end are kept under other names, what is older stays") {
  Folder f;
  set_aside_what_follows(f.run, f.at_10);
  CHECK(f.run.steps() == std::vector<int64_t>{5, 10});
  CHECK(read_file(f.run.dir / "step_000015.bin.cut-1") == "weights");
  CHECK(read_file(f.run.dir / "step_000015.json.cut-1") == "record");
  CHECK(read_file(f.run.log()) == f.log.substr(0, size_t(f.at_10.log_offset)));
  CHECK(read_file(f.run.dir / "events.jsonl.cut-1") == f.log.substr(size_t(f.at_10.log_offset)));
  set_aside_what_follows(f.run, f.at_10);  // again: nothing is left to do
  CHECK_FALSE(f.has("events.jsonl.cut-2"));
}

TEST_CASE(
    "half-written files of a program that was killed are removed; whole ones without a record are not") {
  Folder f;
  for (const char* name : {"step_000017.bin.tmp", "config.yaml.tmp", "tiny.loss.json.tmp", "step_000007.bin",
                           "notes.txt", "notes.tmp", "my.json.tmp"})
    write_text(f.run.dir / name, "x");
  set_aside_what_follows(f.run, f.at_10);
  CHECK_FALSE(f.has("step_000017.bin.tmp"));
  CHECK_FALSE(f.has("config.yaml.tmp"));
  CHECK_FALSE(f.has("tiny.loss.json.tmp"));
  CHECK((f.has("notes.tmp") && f.has("my.json.tmp")));  // of the user
  CHECK(f.has("step_000007.bin"));
  CHECK(f.has("notes.txt"));
}

TEST_CASE("a log that changed behind an older checkpoint: the hint names that one") {
  const TinyRun run;
  CHECK(run.train(15) == 143);
  const CheckpointRecord at_10 = read_record(run.run_folder(), 10), at_15 = read_record(run.run_folder(), 15);
  std::string log = read_file(run.run_folder().log());
  log[size_t(at_10.log_offset) + 40] ^= 1;
  write_text(run.run_folder().log(), log);
  std::string hint;
  try {
    set_aside_what_follows(run.run_folder(), at_15);
  } catch (const Error& error) {
    hint = error.hint;
  }
  CHECK(hint.ends_with("or go on from step 10, whose part of the log is whole, with --resume 10"));
}

TEST_CASE("a log changed by hand is refused before anything is moved") {
  Folder f;
  write_text(f.run.log(), f.log.substr(0, size_t(f.at_10.log_offset) - 1));
  CHECK(sentence_of([&] {
          set_aside_what_follows(f.run, f.at_10);
        }).find("does not hold the end of a line") != std::string::npos);
  CHECK(f.run.steps() == std::vector<int64_t>{5, 10, 15});
}

// The log's end can be kept only where there is space. As after a kill: checkpoints moved, log not yet cut.
TEST_CASE("stopped before the log is cut, the same call finishes the work later") {
  Folder f;
  make_folders(f.run.dir / "events.jsonl.cut-1.tmp");  // a folder: the kept part cannot be written
  CHECK_THROWS_AS(set_aside_what_follows(f.run, f.at_10), Error);
  CHECK(f.run.steps() == std::vector<int64_t>{5, 10});
  CHECK(read_file(f.run.log()) == f.log);
  std::filesystem::remove(f.run.dir / "events.jsonl.cut-1.tmp");
  set_aside_what_follows(f.run, f.at_10);
  CHECK(read_file(f.run.log()) == f.log.substr(0, size_t(f.at_10.log_offset)));
}

TEST_CASE("without a checkpoint all of the log is set aside; without a log there is none to cut") {
  Folder f;
  for (const int64_t step : {5, 10, 15}) std::filesystem::remove(f.run.record(step));
  set_aside_what_follows(f.run, std::nullopt);
  CHECK(read_file(f.run.log()) == "");
  CHECK(read_file(f.run.dir / "events.jsonl.cut-1") == f.log);
  Folder g;
  std::filesystem::remove(g.run.log());
  set_aside_what_follows(g.run, g.at_10);
  CHECK(g.run.steps() == std::vector<int64_t>{5, 10});
  CHECK_FALSE(g.has("events.jsonl"));
}
