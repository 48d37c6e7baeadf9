// A training run from its first step, or from where it stopped, to its end.
#pragma once
#include <functional>
#include <optional>

#include "config/config.h"
#include "train/progress.h"

namespace andrea {

struct TrainRequest {
  Config config;
  bool resume = false;
  std::optional<int64_t> resume_step;  // none: the newest whole checkpoint
  Path init;  // a .bin with the weights a new run begins with; empty: drawn from the seed
  bool accept_changed_text = false;
  ProgressMode progress = ProgressMode::automatic;
  // For programs that embed a run, and for tests: asked after each finished step; a signal number stops the
  // run as that signal would.
  std::function<int(int64_t step)> stop_after;
};

// The program's exit code: kExitDone, kExitHalted, kExitNonFinite (a step), or 128 + n after signal n. Errors
// (usage, files, weights that are not finite when they are to be saved) are thrown; what was saved before
// stays. Sets threads and instructions for the whole process (train/machine.h), and takes signals while it
// trains (train/signals.h).
int train(const TrainRequest& request);

}  // namespace andrea
