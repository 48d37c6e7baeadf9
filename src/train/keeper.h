// Keeping checkpoints: writing them, and rotating old ones away.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "record/run_log.h"
#include "text/tokenizer.h"
#include "train/checkpoint.h"
#include "train/learner.h"

namespace andrea {

// Which of `steps` (in rising order) are to go: all but the `keep` newest and the precious ones.
std::vector<int64_t> steps_to_remove(const std::vector<int64_t>& steps, int64_t keep,
                                     const std::vector<int64_t>& precious);

class Keeper {
 public:
  // All arguments outlive it. `resumed_from`: a step that is never rotated away.
  Keeper(const RunFolder& folder, const Config& config, const Tokenizer& tokenizer,
         std::optional<int64_t> resumed_from);

  // Weights, then the `checkpoint` event, then the record: the checkpoint exists with its record, which knows
  // where the log ends. Error (exit code 4) when weights or moments are not finite, before anything is
  // written; Error when the disk refuses, and then older checkpoints are as they were.
  Saved save(const Learner& learner, const TrainState& state, const std::function<void(const Saved&)>& note,
             RunLog& log);

  // Removes checkpoints beyond checkpoint.keep, but never the newest, the best, the newest whose sample left
  // the streak at 0, the newest healthy one and the one resumed from. What cannot be removed is tried again
  // next time; one alarm a file that failed for the first time.
  std::vector<Alarm> rotate(const TrainState& state);

 private:
  const RunFolder& folder_;
  const Config& config_;
  const Tokenizer& tokenizer_;
  std::optional<int64_t> resumed_from_;
  std::vector<Path> stuck_;  // files that could not be removed
};

}  // namespace andrea
