// Keeping checkpoints: writing them, and rotating old ones away.
#pragma once
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
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

  ~Keeper();  // waits for what is being written

  // Copies weights and moments and hands the `checkpoint` event to `note`; then a thread of its own writes
  // the .bin and, the log being on the disk, the record, with which the checkpoint exists. A save that is
  // being written is waited for first. Error (exit code 4) when weights or moments are not finite, before
  // anything is noted.
  Saved save(const Learner& learner, const TrainState& state, const std::function<void(const Saved&)>& note,
             RunLog& log);

  // The state that was saved, once the thread has come to its end; none before, and none a second time. Error
  // when the disk refused: then older checkpoints are as they were. `wait`: it comes to its end now.
  std::optional<TrainState> finished(bool wait);

  // Removes checkpoints beyond checkpoint.keep, but never the newest, and of what `state` knows never the
  // best, the newest whose sample left the streak at 0, the newest healthy one and the one resumed from. What
  // cannot be removed is tried again next time; one alarm a file that failed for the first time.
  std::vector<Alarm> rotate(const TrainState& state);

 private:
  struct Snapshot {
    Tensors weights, m, v;
    CheckpointRecord record;
  };
  void write(RunLog& log);

  std::unique_ptr<Snapshot> snapshot_;  // as large as a checkpoint; not touched while `writing_` is valid
  std::future<void> writing_;
  const RunFolder& folder_;
  const Config& config_;
  const Tokenizer& tokenizer_;
  std::optional<int64_t> resumed_from_;
  std::vector<Path> stuck_;  // files that could not be removed
};

}  // namespace andrea
