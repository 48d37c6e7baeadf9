// What a person sees while a run goes on, on stderr: one live line on a terminal, else a plain line a
// cadence.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "config/config.h"
#include "record/event.h"

namespace andrea {

enum class ProgressMode { automatic, bar, plain, none };

class Progress {
 public:
  Progress(ProgressMode mode, const Config& config, int64_t first_step);
  void step(int64_t step, const StepDone& done);  // after each update
  void eval(int64_t step, const EvalDone& done);
  void sample(int64_t step, const SampleDone& done);
  void saved(int64_t step, const Saved& done, double seconds);  // that training waited for it
  void finish();                                                // leaves the live line

 private:
  // Of what there is to say as many whole parts as fit into `width` characters, the important ones first.
  std::string line(int64_t step, const StepDone& done, size_t width) const;
  void say_line(const std::string& text);

  bool bar_, quiet_;
  int64_t steps_, every_;
  double flops_per_token_;
  double tokens_per_second_ = 0;  // smoothed
  double seconds_per_step_ = 0;   // of wall time, evaluation and saving included
  int64_t first_step_;
  std::chrono::steady_clock::time_point start_;
  bool live_ = false;  // the live line is on the screen
  StepDone last_;
};

std::string spoken_duration(double seconds);  // "3 min 20 s"

// The beginning of a text for one line of a terminal: white space in a row is one blank, control characters
// are U+FFFD, and after `width` characters there are dots.
std::string one_line(std::string_view text, size_t width);

// The same for what a model wrote, which may be nothing that shows.
std::string shown_sample(std::string_view text, size_t width);

}  // namespace andrea
