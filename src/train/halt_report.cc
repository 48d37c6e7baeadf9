#include "train/halt_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/run_log.h"
#include "train/progress.h"

namespace andrea {
namespace {

// As a shell wants it.
std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+:,@%";
  if (word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string halt_report(const RunFolder& folder, const GateState& state, const GateOptions& gate) {
  std::string out = fmt::format("The gate halted the run: {} samples in a row scored under {:g}.\n",
                                state.streak, gate.floor);
  for (const Event& event : read_log(folder.log())) {
    const auto* sample = std::get_if<SampleDone>(&event.what);
    if (!sample || std::find(state.steps.begin(), state.steps.end(), event.step) == state.steps.end())
      continue;
    out += fmt::format("  step {:>7}  score {:>4.1f}  {}\n", event.step, sample->score.total,
                       one_line(sample->text, 60));
  }
  const auto saved = [&](int64_t step) { return step > 0 && std::filesystem::exists(folder.record(step)); };
  const int64_t back_to = saved(state.healthy_step) ? state.healthy_step : state.calm_step;
  if (!saved(back_to))
    return out +
           "There is no checkpoint from before the streak: change the config and start anew under another "
           "run.name.";
  out += back_to == state.healthy_step
             ? fmt::format("The last healthy checkpoint is step {}.", back_to)
             : fmt::format("No judged sample reached {:g}; the last checkpoint before the streak is step {}.",
                           gate.floor, back_to);
  out += fmt::format(
      " Find the cause (learning rate? clipping? text?) and go on from it, with\nthe cause removed by --set "
      "GROUP.KEY=VALUE:\n"
      "  andrea-train --run {} --resume {}",
      quoted(folder.dir.string()), back_to);
  return out;
}

}  // namespace andrea
