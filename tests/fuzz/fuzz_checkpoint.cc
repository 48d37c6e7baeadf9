// Any bytes as a checkpoint: the record, a zero byte, the weights. The checksums are made right, so that what
// lies behind them is reached; what is loaded is finite and of the model's shape, and the bandit goes on from
// it with bounds that are numbers.
#include <cmath>

#include "base/json.h"
#include "curriculum/ucb.h"
#include "kernels/kernels.h"
#include "tests/fuzz/fuzz.h"
#include "train/checkpoint.h"
#include "train/resume.h"

using namespace andrea;

namespace {

const ModelShape kShape{11, 4, 4, 2, 1};

// The record's checksum of itself, as write_record makes it.
std::string with_checksum(std::string_view text, const std::string& weights) {
  Json json;
  try {
    json = parse_json(text, "fuzz");
  } catch (const Error&) {
    return std::string(text);
  }
  if (!json.is_object()) return std::string(text);
  json.erase("record_checksum");
  if (json.contains("checksum")) json["checksum"] = hash128(weights).hex();
  const std::string checksum = hash128(to_pretty(json)).hex();
  json["record_checksum"] = checksum;
  return to_pretty(json);
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  const RunFolder folder{fuzz_folder()};
  Tensors w(kShape), m(kShape), v(kShape);
  initialise(w, 1);
  const Written bin = write_weights(folder, 10, w, m, v);
  CheckpointRecord record;
  record.file = "step_000010.bin", record.bytes = int64_t(bin.bytes), record.checksum = bin.checksum.hex();
  record.parameters = parameter_count(kShape), record.state.step = 10, record.config = "train: {steps: 5}\n";
  const Worth worth{3.5, 3, 4.25, 1, 2.5, 2.75, 2.5, {2, 1, 3, 1, 2}};
  record.state.arms = {{"a", "ff", 1, 2, 3, 4, worth, 1}, {"b", "ee", 0, 1, 0, 6, worth, 2}};
  record.state.bandit = {12, 7, {4, 1}, {0.5, 8}};
  record.state.gate = {3, 1, {10}, {5.5}, 5, 4};
  write_record(folder, record);
  return {read_file(folder.record(10)) + std::string(1, '\0') + read_file(folder.weights(10))};
}

void fuzz_one(std::string_view bytes) {
  const size_t middle = std::min(bytes.find('\0'), bytes.size());
  const std::string weights(bytes.substr(std::min(middle + 1, bytes.size())));
  const RunFolder folder{fuzz_folder()};
  write_text(folder.weights(10), weights);
  write_text(folder.record(10), with_checksum(bytes.substr(0, middle), weights));
  Tensors w(kShape), m(kShape), v(kShape);
  try {
    read_old_weights(folder.weights(10), w);
    must(all_finite(w.flat()));
  } catch (const Error&) {
  }
  CheckpointRecord record = read_record(folder, 10);
  read_weights(folder, record, w, m, v);
  must(record.state.step == 10 && all_finite(w.flat()) && all_finite(m.flat()) && all_finite(v.flat()));

  CurriculumOptions options;
  options.policy = CurriculumPolicy::ucb1;
  std::vector<Alarm> alarms;
  continue_bandit({}, options, false, record.state, alarms);
  must(!fault(record.state.bandit, record.state.step));
  for (const ArmState& arm : record.state.arms) must(!fault(arm) && std::isfinite(mean_reward(arm.worth)));
  for (const double bound : upper_bounds(options, record.state.arms)) must(!std::isnan(bound));
}
