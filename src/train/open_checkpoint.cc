#include "train/open_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "record/run_log.h"

namespace andrea {
namespace {

// The run's own tokenizer; where that file is no more, the shipped one, if it is the same.
Tokenizer tokenizer_of(const CheckpointRecord& record, const Config& config) {
  std::vector<Path> candidates{config.tokenizer.model};
  for (const Path& configs : shipped_config_folders())
    candidates.push_back(configs.parent_path() / "tokenizer" / config.tokenizer.model.filename());
  for (const Path& path : candidates) {
    if (!std::filesystem::exists(path)) continue;
    Tokenizer tokenizer(path);
    if (tokenizer.fingerprint().hex() == record.tokenizer) return tokenizer;
  }
  throw Error(fmt::format("the tokenizer of this run is not here: {} is missing or has changed since",
                          config.tokenizer.model.string()),
              "put the model file back that the run was trained with");
}

OpenCheckpoint open_step(const RunFolder& folder, int64_t step) {
  CheckpointRecord record = read_record(folder, step);
  Config config = parse_config(record.config, folder.record(step).string(), {}, Demand::nothing_on_disk);
  Tokenizer tokenizer = tokenizer_of(record, config);
  Tensors weights(shape_of(config.model)), m(weights.shape), v(weights.shape);
  read_weights(folder, record, weights, m, v);
  return {folder, std::move(record), std::move(config), std::move(tokenizer), std::move(weights)};
}

OpenCheckpoint open_newest(const RunFolder& folder) {
  std::vector<int64_t> steps = folder.steps();
  std::reverse(steps.begin(), steps.end());
  for (const int64_t step : steps) {
    try {
      return open_step(folder, step);
    } catch (const Error& e) {
      // A run that is alive may have rotated it away meanwhile: what is newest now?
      if (const auto now = folder.steps(); !now.empty() && now.back() > steps.front())
        return open_newest(folder);
      if (step == steps.back()) throw;
      warn("step {} is passed over: {}", step, e.what());
    }
  }
  throw Error(fmt::format("{} holds no checkpoint (step_*.json with its .bin)", folder.dir.string()),
              "name a run folder, or a step_NNNNNN.bin in one");
}

}  // namespace

OpenCheckpoint open_checkpoint(const Path& where) {
  if (!std::filesystem::exists(where))
    throw Error(fmt::format("there is no {}", where.string()),
                "name a run folder, or a step_NNNNNN.bin in one");
  if (std::filesystem::is_directory(where)) return open_newest({where});
  const RunFolder folder{where.has_parent_path() ? where.parent_path() : Path(".")};
  for (const int64_t step : folder.steps())
    if (where.filename() == folder.weights(step).filename() ||
        where.filename() == folder.record(step).filename())
      return open_step(folder, step);
  throw usage_error(fmt::format("{} is no checkpoint", where.string()),
                    "a checkpoint is step_NNNNNN.bin with its step_NNNNNN.json beside it");
}

std::optional<SampleDone> logged_sample(const RunFolder& folder, int64_t step) {
  if (!folder.occupied()) return std::nullopt;
  std::optional<SampleDone> found;
  each_event(folder.log(), [&](const Event& event) {
    if (const auto* sample = std::get_if<SampleDone>(&event.what); sample && event.step == step)
      found = *sample;
  });
  return found;
}

}  // namespace andrea
