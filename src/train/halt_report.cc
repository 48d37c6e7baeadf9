#include "train/halt_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

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

// ", rows 0, 3 of 8", counted as in row_losses; nothing when the gradient alone is not finite.
std::string rows_not_finite(const std::vector<double>& losses) {
  std::vector<size_t> rows;
  for (size_t r = 0; r < losses.size(); ++r)
    if (!std::isfinite(losses[r])) rows.push_back(r);
  if (rows.empty()) return "";
  return fmt::format(", row{} {} of {}", rows.size() == 1 ? "" : "s", fmt::join(rows, ", "), losses.size());
}

constexpr const char* kStartAnew = "change the config and start anew in another run folder.";

std::string go_on_from(const RunFolder& folder, int64_t step) {
  return fmt::format(
      " Find the cause (learning rate? clipping? text?) and go on from it, with\nthe cause removed by --set "
      "GROUP.KEY=VALUE:\n"
      "  andrea-train --run {} --resume {}",
      quoted(folder.dir.string()), step);
}

bool saved(const RunFolder& folder, int64_t step) {
  return step > 0 && std::filesystem::exists(folder.record(step));
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
                       shown_sample(sample->text, 60));
  }
  const int64_t back_to = saved(folder, state.healthy_step) ? state.healthy_step : state.calm_step;
  if (!saved(folder, back_to)) return out + "There is no checkpoint from before the streak: " + kStartAnew;
  out += back_to == state.healthy_step
             ? fmt::format("The last healthy checkpoint is step {}.", back_to)
             : fmt::format("No judged sample reached {:g}; the last checkpoint before the streak is step {}.",
                           gate.floor, back_to);
  return out + go_on_from(folder, back_to);
}

std::string non_finite_sentence(int64_t step, const std::string& arm, const LearnResult& result) {
  const auto shown = [](double x) { return std::isnan(x) ? "nan" : fmt::format("{:.4g}", x); };
  return fmt::format("step {}, arm '{}'{}: loss {}, gradient norm {}", step, arm,
                     rows_not_finite(result.row_losses), shown(result.loss), shown(result.grad_norm));
}

std::string non_finite_report(const RunFolder& folder, const std::string& what) {
  const std::vector<int64_t> steps = folder.steps();
  const std::string begin = what + "; nothing was changed";
  const std::string again = "A plain --resume meets the same numbers again.";
  if (steps.empty()) return begin + ", and nothing was saved before it.\n" + again + " " + kStartAnew;
  return begin + fmt::format(", and the checkpoint of step {} is as it was.\n", steps.back()) + again +
         go_on_from(folder, steps.back());
}

std::string loss_rise_sentence(const TrainState& state, const GateOptions& gate) {
  return fmt::format(
      "step {}: the smoothed loss, {:.3f}, has been {:g} or more above its minimum ({:.3f} at step {}) since "
      "step {}",
      state.step, state.tracker.ema, gate.loss_margin, least_ema(state.rise, state.tracker),
      state.rise.least > 0 ? state.rise.least_step : state.tracker.min_step, state.rise.since);
}

std::string loss_halt_report(const RunFolder& folder, const TrainState& state, const GateOptions& gate) {
  const std::string out = "The loss signal halted the run: " + loss_rise_sentence(state, gate) + ".\n";
  if (!saved(folder, state.best_step) || state.best_step >= state.rise.since)
    return out + "There is no better checkpoint from before: " + kStartAnew;
  return out + fmt::format("The best held-out loss is that of step {}.", state.best_step) +
         go_on_from(folder, state.best_step);
}

}  // namespace andrea
