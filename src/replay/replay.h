// The back-test: the gate, the loss tracker and the score of training, folded over what a log holds. The same
// code as live, so the same log gives the same verdict to the last bit.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "replay/observation.h"
#include "replay/report.h"

namespace andrea {

struct ReplayRequest {
  std::vector<std::string> sets = {};           // gate.floor=25 and the like, over what the log itself says
  std::optional<int64_t> total_steps = {};      // planned, when the log does not say
  std::optional<double> steps_per_minute = {};  // instead of the log's own pace
  std::function<std::string(const std::vector<int32_t>&)> decode = {};  // pieces to text; may be empty
  // Arguments of andrea-sample: the samples of a run folder are made again from its checkpoints (resample.h).
  std::optional<std::vector<std::string>> sample_again = {};
};

// A sample of a log that names no tokens is judged from so many characters on.
inline constexpr int64_t kJudgedCharacters = 200;

// One log. Samples are scored many at a time, on all threads; everything else is in the order of the log.
class Replay {
 public:
  // Error (usage) when a set is none of gate.* and loss.ema_alpha, or its value is out of range.
  explicit Replay(const ReplayRequest& request);
  ~Replay();
  Replay(Replay&&) noexcept;

  void add(Observation&& observation);
  // All but source, format and the remarks of the reader.
  SourceReport finish();

 private:
  class Fold;
  std::unique_ptr<Fold> fold_;
};

}  // namespace andrea
