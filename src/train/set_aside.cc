#include "train/set_aside.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "record/run_log.h"

namespace andrea {
namespace {

void rename_aside(const Path& path) {
  if (!std::filesystem::exists(path)) return;
  Path aside;
  for (int i = 1; aside.empty() || std::filesystem::exists(aside); ++i) {
    aside = path;
    aside += fmt::format(".cut-{}", i);
  }
  std::error_code error;
  std::filesystem::rename(path, aside, error);
  if (error)
    throw Error(fmt::format("cannot rename {} to {}: {}", path.string(), aside.string(), error.message()));
}

// The newest checkpoint whose part of the log is as it was written; none when it is none.
std::optional<int64_t> newest_with_its_log(const RunFolder& folder) {
  std::vector<int64_t> steps = folder.steps();
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    try {
      const CheckpointRecord record = read_record(folder, *step);
      check_cut(folder.log(), {uint64_t(record.log_offset), record.log_checksum});
      return *step;
    } catch (const Error&) {  // then an older one
    }
  }
  return std::nullopt;
}

// Whether write_atomically() or cut_log() of a trainer that was killed can have left it.
bool is_half_written(const std::string& name) {
  if (!name.ends_with(".tmp")) return false;
  const std::string whole = name.substr(0, name.size() - 4);
  const auto ends = [&](const char* ending) { return whole.ends_with(ending); };
  return whole == "config.yaml" || whole.starts_with("events.jsonl.cut-") || ends(".loss.json") ||
         ends(".samples.json") || ends(".bandit.json") ||
         (whole.starts_with("step_") && (ends(".bin") || ends(".json")));
}

// What a program that was killed has left half written; and a .bin whose record never came.
void clean_up(const RunFolder& folder) {
  std::error_code error;
  std::vector<Path> files;
  for (std::filesystem::directory_iterator entry(folder.dir, error), end; !error && entry != end;
       entry.increment(error))
    files.push_back(entry->path());
  const std::vector<int64_t> steps = folder.steps();
  for (const Path& file : files) {
    const std::string name = file.filename().string();
    if (is_half_written(name) && std::filesystem::is_regular_file(file, error)) {
      std::filesystem::remove(file, error);
    } else if (name.starts_with("step_") && name.ends_with(".bin") &&
               std::none_of(steps.begin(), steps.end(),
                            [&](int64_t step) { return folder.weights(step).filename() == name; })) {
      info(
          "{} has no record beside it, so it is no checkpoint; its save was interrupted, and it can be "
          "removed",
          file.string());
    }
  }
}

}  // namespace

// The log is cut last: killed before that, the next resume finds this checkpoint and a log that still holds
// its end. A newer checkpoint beside a log that is cut already could not be gone on from.
void set_aside_what_follows(const RunFolder& folder, const std::optional<CheckpointRecord>& record) {
  const LogEnd log_end = record ? LogEnd{uint64_t(record->log_offset), record->log_checksum} : LogEnd{};
  const bool has_log = folder.occupied();
  try {
    if (has_log) check_cut(folder.log(), log_end);
  } catch (const Error& error) {
    const auto step = newest_with_its_log(folder);
    throw step
        ? Error(error.what(), fmt::format("{}; or go on from step {}, whose part of the log is whole, with "
                                          "--resume {}",
                                          error.hint, *step, *step))
        : error;
  }
  clean_up(folder);
  if (!has_log && record)
    warn("{} is missing; the log begins anew, and what happened before is not in it", folder.log().string());
  for (const int64_t step : folder.steps()) {
    if (record && step <= record->state.step) continue;
    rename_aside(folder.record(step));  // first: without its record a checkpoint is none
    rename_aside(folder.weights(step));
    info("the newer checkpoint of step {} is set aside (.cut)", step);
  }
  const Path cut = has_log ? cut_log(folder.log(), log_end) : Path();
  if (!cut.empty()) info("the end of the log, behind the checkpoint, is kept in {}", cut.string());
}

}  // namespace andrea
