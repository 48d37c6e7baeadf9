#include "record/run_folder.h"

#include <doctest/doctest.h>

#include "tests/support/temporary_folder.h"

using namespace andrea;

TEST_CASE("places in a run folder have the promised names") {
  const RunFolder folder{"runs/a"};
  CHECK(folder.log() == "runs/a/events.jsonl");
  CHECK(folder.config() == "runs/a/config.yaml");
  CHECK(folder.weights(0) == "runs/a/step_000000.bin");
  CHECK(folder.weights(100) == "runs/a/step_000100.bin");
  CHECK(folder.record(100) == "runs/a/step_000100.json");
  CHECK(folder.record(999999) == "runs/a/step_999999.json");
  CHECK(folder.record(1000000) == "runs/a/step_1000000.json");
}

TEST_CASE("steps are listed by number, also past 999,999; what is no record is passed over") {
  const TemporaryFolder temporary;
  const RunFolder folder{temporary.path()};
  CHECK(folder.steps().empty());
  for (const int64_t step : {1000000, 100, 999999, 20, 10000000, 0}) write_text(folder.record(step), "");
  for (const char* name : {"step_000300.bin", "step_000300.json.tmp", "step_000300.json.cut-1",
                           "step_300.json", "step_0000300.json", "step_.json", "step_-00300.json",
                           "step_+00300.json", "step_00030x.json", "step_000300.jsonl", "xstep_000300.json",
                           "step_000300", "notes.json", "step_99999999999999999999.json", "step_ 00300.json"})
    write_text(folder.dir / name, "");
  CHECK(folder.steps() == std::vector<int64_t>{0, 20, 100, 999999, 1000000, 10000000});
}

TEST_CASE("a folder that is not there has no steps; an events.jsonl makes it occupied") {
  const TemporaryFolder temporary;
  const RunFolder none{temporary.path() / "none"};
  CHECK(none.steps().empty());
  CHECK_FALSE(none.occupied());
  const RunFolder folder{temporary.path()};
  CHECK_FALSE(folder.occupied());
  write_text(folder.record(1), "");
  CHECK_FALSE(folder.occupied());
  write_text(folder.log(), "");
  CHECK(folder.occupied());
}
