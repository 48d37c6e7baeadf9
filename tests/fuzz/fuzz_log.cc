// Any bytes as an event log: read it, cut it. What is read is written as it was meant.
#include "record/run_log.h"
#include "tests/fuzz/fuzz.h"

using namespace andrea;

std::vector<std::string> fuzz_seeds() {
  RunStart start;
  start.name = "x", start.arms = {{"a", "a", 1, 2, "ff"}}, start.changed = {"k"};
  SampleDone sample{"a", "a", "The", "river \xF0\x9F\x98\x80", 2,    1.5,
                    0.8, 50,  1,     {80, 30, 30, 10, 10},     true, 1};
  std::string log;
  for (const Happening& what : std::vector<Happening>{
           start, StepDone{9, 9, 1e-4, 1, true, "a", 0, 64, 0.1, {9, 9}}, EvalDone{3, 1, {{"a", {3, 1}}}},
           sample, Saved{"step_000001.bin", 8, "ff", true}, Alarm{"disk", "full"}, Halt{"gate", 5, {1, 2}},
           RunEnd{"done", 0, 1}})
    log += to_line(Event{1, "2026-01-31T23:59:59.123Z", what}) + "\n";
  return {log, log.substr(0, log.size() / 2)};
}

void fuzz_one(std::string_view bytes) {
  const Path log = fuzz_folder() / "events.jsonl";
  write_text(log, std::string(bytes));
  try {
    cut_log(log, {bytes.size() / 2});
    std::filesystem::remove(fuzz_folder() / "events.jsonl.cut-1");
  } catch (const Error&) {
  }
  for (const Event& event : read_log(log)) must(event_from_line(to_line(event), "again").has_value());
}
