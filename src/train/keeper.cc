#include "train/keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "kernels/kernels.h"

namespace andrea {
namespace {

bool contains(const auto& list, const auto& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::vector<int64_t> steps_to_remove(const std::vector<int64_t>& steps, int64_t keep,
                                     const std::vector<int64_t>& precious) {
  std::vector<int64_t> gone;
  for (size_t i = 0; i + size_t(keep) < steps.size(); ++i)
    if (!contains(precious, steps[i])) gone.push_back(steps[i]);
  return gone;
}

Keeper::Keeper(const RunFolder& folder, const Config& config, const Tokenizer& tokenizer,
               std::optional<int64_t> resumed_from)
    : folder_(folder), config_(config), tokenizer_(tokenizer), resumed_from_(resumed_from) {}

Saved Keeper::save(const Learner& learner, const TrainState& state,
                   const std::function<void(const Saved&)>& note, RunLog& log) {
  for (const Tensors* t : {&learner.weights, &learner.m, &learner.v})
    if (!all_finite(t->flat()))
      throw Error(
          fmt::format("step {}: weights or moments are not finite, so they are not saved", state.step),
          "the last checkpoint is as it was; go on from it with --resume", kExitNonFinite);
  const Written bin = write_weights(folder_, state.step, learner.weights, learner.m, learner.v);
  const Saved saved{folder_.weights(state.step).filename().string(), int64_t(bin.bytes), bin.checksum.hex(),
                    state.best_step == state.step && state.best_loss.has_value()};
  note(saved);
  log.sync();
  CheckpointRecord record;
  record.version = ANDREA_VERSION;
  record.file = saved.file, record.bytes = saved.bytes, record.checksum = saved.checksum;
  record.parameters = parameter_count(learner.weights.shape);
  record.log_offset = int64_t(log.offset()), record.log_checksum = log.checksum().hex();
  record.tokenizer = tokenizer_.fingerprint().hex();
  record.config = dump_config(config_);
  record.state = state;
  write_record(folder_, record);
  return saved;
}

std::vector<Alarm> Keeper::rotate(const TrainState& state) {
  std::vector<int64_t> precious{state.step, state.best_step, state.gate.calm_step, state.gate.healthy_step};
  if (resumed_from_) precious.push_back(*resumed_from_);
  std::vector<Path> files = std::move(stuck_);
  stuck_.clear();
  const size_t tried_before = files.size();
  for (const int64_t step : steps_to_remove(folder_.steps(), config_.checkpoint.keep, precious))
    // The record last: killed in between, its step is seen and removed next time, and no large file stays
    // behind.
    for (const Path& file : {folder_.weights(step), folder_.record(step)})
      if (!contains(files, file)) files.push_back(file);
  std::vector<Alarm> alarms;
  for (size_t i = 0; i < files.size(); ++i) {
    std::error_code error;
    std::filesystem::remove(files[i], error);
    if (!error) continue;
    stuck_.push_back(files[i]);
    if (i >= tried_before)
      alarms.push_back({"disk", fmt::format("the old checkpoint {} cannot be removed: {}; it is tried again",
                                            files[i].string(), error.message())});
  }
  return alarms;
}

}  // namespace andrea
