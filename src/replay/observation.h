// What the log of any trainer amounts to, whatever its format: losses and samples, in the order of the log.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace andrea {

// No run has as many steps; a number over this is damage, as one under 0 is.
inline constexpr int64_t kMostSteps = 1'000'000'000'000'000;
inline bool is_step(int64_t number) { return number >= 0 && number <= kMostSteps; }

struct LossPoint {
  int64_t step = 0;                    // -1: the record names none, and the fold counts it as the next
  double loss = 0;                     // nats per token; not finite when the log says so
  std::optional<double> time = {};     // seconds since any moment that is the same for the whole log
  std::optional<double> seconds = {};  // that the step took, from logs that say so instead
  bool operator==(const LossPoint&) const = default;
};

struct WrittenSample {
  int64_t step = 0;
  std::string text;                         // what the model wrote, without the prompt; any bytes
  std::vector<int32_t> ids = {};            // the same as pieces, from logs that hold no text
  std::optional<int64_t> tokens = {};       // how many, when the log says so
  std::optional<double> logged_score = {};  // what the gate of the run itself made of it
  bool operator==(const WrittenSample&) const = default;
};

// A run of ours began or went on: the options it says, as "group.key" and value.
struct LoggedOptions {
  std::vector<std::pair<std::string, std::string>> options;
  bool text_changed = false;  // from here on another text
  bool operator==(const LoggedOptions&) const = default;
};

// How many steps were planned.
struct PlannedSteps {
  int64_t steps = 0;
  bool operator==(const PlannedSteps&) const = default;
};

using Observation = std::variant<LossPoint, WrittenSample, LoggedOptions, PlannedSteps>;

// What a reader makes of one record: a line of text, or an element of a JSON array.
enum class Reading {
  understood,      // it held what we look for, now at the end of `out`
  passed_over,     // of the format, but nothing for us: a header, an evaluation, a blank line
  not_understood,  // not of the format, or torn
  of_another_run,  // whole, but of another run than the first of the log
};
using RecordReader = std::function<Reading(std::string_view record, std::vector<Observation>& out)>;

}  // namespace andrea
