// What a replay found out about one log. Plain data: the fold fills it (replay.h), the printers show it
// (JSON, terminal, page).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"

namespace andrea {

struct ScoredSample {
  int64_t step = 0;
  double total = 0;     // coherence score, 0-100
  bool judged = false;  // long enough
};

// Some points in a row, for drawing.
struct LossBucket {
  int64_t first_step = 0, last_step = 0, points = 0;
  double least = 0, greatest = 0;  // of the finite losses
  double ema = 0;                  // behind the last point
};

struct SampleText {
  int64_t step = 0;
  double total = 0;
  bool judged = false;
  std::string text;  // its beginning, valid UTF-8, at most 400 bytes
};

struct LossReading {  // the loss as a health figure
  double min = 0;     // of the EMA
  int64_t min_step = 0;
  double last = 0;
};

struct SourceReport {
  std::string source;  // the path as given, or of a file found in the folder that was given
  std::string format;  // for people: "andrea-train run", "nanoGPT"
  int64_t points = 0, samples = 0, judged = 0;
  int64_t judged_from_start = 0;          // at or after gate.start_step: what the gate goes by
  int64_t first_step = 0, last_step = 0;  // of points and samples
  std::optional<int64_t> total_steps;     // planned
  std::optional<double> steps_per_minute;

  GateOptions gate;                     // the floor, patience and start step it was judged by
  std::string gate_source = "default";  // of them: "default", "log", or "set" by the one who asks
  std::optional<int64_t> halt_step;     // where the run would have been halted
  bool halted_by_loss = false;          // there by the loss signal, set to halt, and not by the gate
  std::optional<int64_t> streak_start;  // first sample of the streak it halted on
  std::vector<SampleText> halted_on;    // the samples of that streak
  std::optional<SampleText>
      first_garbage;                      // first judged sample under the floor, at or after gate.start_step
  std::optional<int64_t> last_good_step;  // last judged sample before the halt that was not under the floor
  std::optional<int64_t> wasted_steps;    // last_step - first_garbage.step
  std::optional<int64_t> saved_steps;     // last_step - halt_step
  std::optional<double> saved_days;       // at steps_per_minute

  std::optional<LossReading> ema;
  std::optional<int64_t> signal_step;  // where the loss signal would have spoken

  std::vector<ScoredSample> scores;  // all, in the order of the log
  std::vector<LossBucket> losses;    // at most 2,000, in the order of the log
  std::vector<SampleText> texts;     // at most 2,000, spread over the log
  std::vector<std::string> remarks;  // what was not understood, restarts, what to mind: one sentence each
};

}  // namespace andrea
