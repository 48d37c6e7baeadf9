// A small run on made-up text, for tests of training: a folder of its own under the system's temporary
// folder, two arms, the real tokenizer, a model of a few hundred thousand parameters.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/rng.h"
#include "record/run_folder.h"
#include "record/run_log.h"
#include "tests/support/temporary_folder.h"
#include "train/trainer.h"

namespace andrea {

// `documents` of about 60 words each, drawn by `index`; blank lines between them.
inline std::string made_up_text(int documents, uint32_t index) {
  const char* words[] = {"the", "river", "ran",  "over",    "old", "stones",
                         "and", "she",   "said", "nothing", "of",  "it"};
  Rng rng = stream(1, Purpose::test, 99, index);
  std::string text;
  for (int d = 0; d < documents; ++d) {
    const uint64_t n = 50 + rng.below(20);
    for (uint64_t i = 0; i < n; ++i)
      text += fmt::format("{}{}", i ? " " : "", words[rng.below(std::size(words))]);
    text += fmt::format(" {}.\n\n", d);  // no two documents alike
  }
  return text;
}

class TinyRun {
 public:
  explicit TinyRun(std::string name = "tiny") {
    write_text(text("river.txt"), made_up_text(40, 1));
    write_text(text("stones.txt"), made_up_text(5, 2));
    config.run = {std::move(name), folder_.path() / "runs"};
    config.train = {.steps = 20, .batch_size = 3, .micro_batch = 2, .seed = 5, .threads = 2};
    config.model = {.d_model = 16, .n_head = 2, .n_layer = 1, .context = 32, .vocab_size = 8449};
    config.tokenizer.model = ANDREA_SOURCE_DIR "/tokenizer/andrea-8449.model";
    config.text.stores = folder_.path() / "stores";
    config.optimizer.learning_rate = 3e-3, config.optimizer.min_learning_rate = 3e-4;
    config.schedule.warmup_steps = 4;
    config.cadence.every_steps = 5;
    config.eval.tokens = 300;
    config.sampling.tokens = 40;  // past the context of 32, and too short to judge
    config.arms = {{.name = "river", .domain = "river", .path = text("river.txt")},
                   {.name = "stones", .domain = "stones", .path = text("stones.txt"), .floor = 0.5}};
  }

  Path text(const char* name) const { return folder_.path() / name; }
  const Path& root() const { return folder_.path(); }
  RunFolder run_folder() const { return {config.run.folder()}; }

  // Trains until the end or, when `stop` is not 0, as if SIGTERM had come in step `stop`.
  int train(int64_t stop = 0, bool resume = false) const {
    TrainRequest request;
    request.config = config;
    request.resume = resume;
    request.progress = ProgressMode::none;
    if (stop > 0) request.stop_after = [stop](int64_t step) { return step == stop ? 15 : 0; };
    return andrea::train(request);
  }

  Config config;

 private:
  TemporaryFolder folder_;
};

// The events of one kind, with their steps.
template <class E>
std::vector<std::pair<int64_t, E>> events_of(const TinyRun& run) {
  std::vector<std::pair<int64_t, E>> found;
  for (const Event& event : read_log(run.run_folder().log()))
    if (const auto* what = std::get_if<E>(&event.what)) found.emplace_back(event.step, *what);
  return found;
}

// Of a run that may be alive, or not even have a log yet: 0.
inline int64_t last_logged_step(const RunFolder& folder) {
  std::error_code none;
  if (!std::filesystem::exists(folder.log(), none)) return 0;
  int64_t step = 0;
  for (const Event& event : read_log(folder.log())) step = event.step;
  return step;
}

// The events that a stopped and resumed run must share with an uninterrupted one, without times.
inline std::vector<std::string> comparable_events(const RunFolder& folder) {
  std::vector<std::string> lines;
  for (Event event : read_log(folder.log())) {
    event.time.clear();
    if (auto* step = std::get_if<StepDone>(&event.what)) step->seconds = 0;
    const bool compared =
        std::holds_alternative<StepDone>(event.what) || std::holds_alternative<EvalDone>(event.what) ||
        std::holds_alternative<SampleDone>(event.what) || std::holds_alternative<Halt>(event.what) ||
        std::holds_alternative<FocusDone>(event.what);
    if (compared) lines.push_back(to_line(event));
  }
  return lines;
}

// Weights, moments and all other state of a step, as bytes; the state without what knows the log's length.
inline std::string final_state(const RunFolder& folder, int64_t step) {
  Json record = parse_json(read_file(folder.record(step)), "record");
  return read_file(folder.weights(step)) + to_line(record["state"]);
}

}  // namespace andrea
