#include "train/halt_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/run_log.h"
#include "train/progress.h"

namespace andrea {

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
  const bool saved = std::filesystem::exists(folder.record(state.healthy_step));
  if (state.healthy_step > 0 && saved) {
    out += fmt::format(
        "The last healthy checkpoint is step {}. Find the cause (learning rate? text? clipping?), then go on "
        "from it:\n"
        "  andrea-train --run {} --resume {} --set GROUP.KEY=VALUE",
        state.healthy_step, folder.dir.string(), state.healthy_step);
  } else {
    out +=
        "No sample was healthy, so there is no checkpoint to go on from: change the config and start anew "
        "under\n"
        "another run.name.";
  }
  return out;
}

}  // namespace andrea
