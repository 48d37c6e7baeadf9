#include "replay/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.h"
#include "gate/gate.h"

namespace andrea {
namespace {

constexpr double kFloors[] = {10, 20, 25, 30, 35, 40, 50, 60};
constexpr int64_t kPatience[] = {2, 3, 4, 5, 6, 8, 10};
constexpr int64_t kStartSteps[] = {0, 500, 1000, 2000};

std::optional<int64_t> halt_step(const SourceReport& run, const GateOptions& gate) {
  GateState state;
  for (const ScoredSample& scored : run.scores) {
    SampleDone sample;
    sample.score.total = scored.total, sample.judged = scored.judged;
    state = fold(std::move(state), gate, {scored.step, "", sample});
    if (scored.judged && halts(state, gate)) return scored.step;
  }
  return std::nullopt;
}

SweepCell cell_of(const std::vector<SourceReport>& runs, const std::vector<SourceReport>& healthy,
                  double floor, int64_t patience, int64_t start_step) {
  SweepCell cell;
  cell.floor = floor, cell.patience = patience, cell.start_step = start_step;
  GateOptions gate;
  gate.floor = floor, gate.patience = patience, gate.start_step = start_step;
  for (const SourceReport& run : runs) {
    cell.halt_steps.push_back(halt_step(run, gate));
    if (!cell.halt_steps.back()) continue;
    ++cell.halted;
    cell.saved_steps += run.last_step - *cell.halt_steps.back();
  }
  for (const SourceReport& run : healthy) {
    const auto halt = halt_step(run, gate);
    if (!halt) continue;
    ++cell.false_halts;
    cell.lost_steps += run.last_step - *halt;
  }
  return cell;
}

double distance_to_default(const SweepCell& cell) {
  const GateOptions usual;
  return std::abs(cell.floor - usual.floor) / 10 + double(std::abs(cell.patience - usual.patience)) +
         double(std::abs(cell.start_step - usual.start_step)) / 500;
}

auto rank(const SweepCell& cell) {  // less is better
  return std::tuple(cell.false_halts, -cell.halted, -cell.saved_steps, distance_to_default(cell));
}

}  // namespace

std::vector<SweepCell> sweep(const std::vector<SourceReport>& runs,
                             const std::vector<SourceReport>& healthy) {
  std::vector<SweepCell> cells;
  for (const int64_t start_step : kStartSteps)
    for (const double floor : kFloors)
      for (const int64_t patience : kPatience)
        cells.push_back(cell_of(runs, healthy, floor, patience, start_step));
  return cells;
}

const SweepCell& best_of(const std::vector<SweepCell>& cells) {
  check(!cells.empty(), "a sweep has cells");
  return *std::min_element(cells.begin(), cells.end(),
                           [](const SweepCell& a, const SweepCell& b) { return rank(a) < rank(b); });
}

std::string text_sweep(const std::vector<SweepCell>& cells, size_t runs, size_t healthy) {
  const SweepCell& best = best_of(cells);
  std::string out =
      fmt::format("Other gates, start_step {}: runs halted of {}, steps saved{}\n\n{:>8}", best.start_step,
                  runs, healthy > 0 ? fmt::format(", ! healthy runs halted of {}", healthy) : "", "floor");
  for (const int64_t patience : kPatience) out += fmt::format("{:>13}", fmt::format("patience {}", patience));
  double floor = -1;
  for (const SweepCell& cell : cells) {
    if (cell.start_step != best.start_step) continue;
    if (cell.floor != floor) out += fmt::format("\n{:>8g}", floor = cell.floor);
    const std::string wrong = cell.false_halts > 0 ? fmt::format(" !{}", cell.false_halts) : "";
    out +=
        fmt::format("{:>13}", cell.halted > 0 ? fmt::format("{}: {}{}", cell.halted, cell.saved_steps, wrong)
                                              : "-" + wrong);
  }
  if (best.halted == 0 && best.false_halts == 0)
    return out + "\n\nNo gate of these but such as halt healthy runs too would have halted a run.\n";
  out += fmt::format(
      "\n\nBest: floor {:g}, patience {}, start_step {}: {} of {} runs halted, {} steps saved, {} of {} "
      "healthy runs halted.\n",
      best.floor, best.patience, best.start_step, best.halted, runs, best.saved_steps, best.false_halts,
      healthy);
  out +=
      "The rule: fewest healthy runs halted, then most runs halted, then most steps saved, then nearest to "
      "30, 5, 500.\n";
  if (healthy == 0)
    out += "Without --healthy RUN... nothing speaks against a gate that halts everything: give some.\n";
  return out;
}

}  // namespace andrea
