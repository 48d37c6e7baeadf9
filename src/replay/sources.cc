#include "replay/sources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/bar.h"
#include "base/error.h"
#include "record/run_folder.h"
#include "replay/detect.h"
#include "replay/resample.h"

namespace andrea {
namespace {

namespace fs = std::filesystem;

// What is replayed as one: a file, or the losses and samples of one run.
struct Log {
  std::string name;  // as given
  std::vector<Path> files;
  std::string format;                                      // empty: that of the file
  std::vector<std::pair<int64_t, Path>> checkpoints = {};  // whose samples are made again, by step
};

const std::string kLoss = ".loss.json", kSamples = ".samples.json";

// What stands before .loss.json or .samples.json, packed or not; nullopt when neither ends the name.
std::optional<std::string> stem_of(std::string file) {
  for (const std::string packing : {".gz", ".zst"})
    if (file.ends_with(packing)) file.resize(file.size() - packing.size());
  for (const std::string& ending : {kLoss, kSamples})
    if (file.ends_with(ending)) return file.substr(0, file.size() - ending.size());
  return std::nullopt;
}

// <name>.loss.json and <name>.samples.json, as many of them as there are, or the file alone.
Log log_of_file(const Path& file, const std::string& name) {
  const auto stem = stem_of(file.native());
  if (!stem) return {name, {file}, ""};
  Log log{name, {}, "loss and samples of the original"};
  for (const std::string& kind : {kLoss, kSamples})
    for (const char* packing : {"", ".gz", ".zst"})
      if (const Path found = *stem + kind + packing; fs::exists(found)) {
        log.files.push_back(found);
        break;
      }
  return log;
}

// The losses of a run folder, and its checkpoints.
Log log_of_checkpoints(const Path& folder, const std::string& name) {
  const RunFolder run{folder};
  Log log{name, {}, "andrea-train checkpoints"};
  for (const int64_t step : run.steps()) log.checkpoints.emplace_back(step, run.weights(step));
  if (log.checkpoints.empty())
    throw Error(fmt::format("{} holds no checkpoint: no step_NNNNNN.json with its .bin", folder.native()));
  if (run.occupied()) log.files.push_back(run.log());
  return log;
}

// A run folder, or a folder that holds published files. Several runs in one folder are several logs.
std::vector<Log> logs_of_folder(const Path& folder, const std::string& name) {
  if (fs::exists(folder / "events.jsonl")) return {{name, {folder / "events.jsonl"}, "andrea-train run"}};
  std::set<std::string> stems;
  for (const auto& entry : fs::directory_iterator(folder))
    if (const auto stem = stem_of(entry.path().native())) stems.insert(*stem);
  std::vector<Log> logs;
  for (const std::string& stem : stems) {
    logs.push_back(log_of_file(stem + kLoss, ""));
    logs.back().name = logs.back().files.front().native();
  }
  if (logs.empty())
    throw Error(
        fmt::format("{} holds nothing to replay: no events.jsonl, no *.loss.json, no *.samples.json", name),
        "name the log file itself");
  return logs;
}

std::vector<Log> logs_of(const std::string& path, bool from_checkpoints) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (failed && failed != std::errc::no_such_file_or_directory)
    throw Error(fmt::format("cannot open {}: {}", path, failed.message()));
  if (!fs::exists(status))
    throw Error(fmt::format("there is no {}", path), "name a run folder or a log file");
  if (from_checkpoints && !fs::is_directory(status))
    throw usage_error(fmt::format("{} is no folder: --sample-from-checkpoints wants run folders", path));
  if (from_checkpoints) return {log_of_checkpoints(path, path)};
  if (fs::is_directory(status)) return logs_of_folder(path, path);
  return {log_of_file(path, path)};
}

// How much of a file was not what it seemed to be.
struct Unread {
  uint64_t records = 0, first = 0, of_other_runs = 0;
};

std::vector<std::string> read_file_into(Replay& replay, const Path& file, const LogFormat& format,
                                        bool with_samples, Bar* bar) {
  Records records(ByteSource(file), format.kind, format.key);
  std::vector<Observation> found;
  std::string_view record;
  Unread unread;
  const auto hand_on = [&] {
    for (Observation& observation : found)
      if (with_samples || !std::holds_alternative<WrittenSample>(observation))
        replay.add(std::move(observation));
    found.clear();
  };
  while (records.next(record)) {
    if (record.find_first_not_of(" \t") == std::string_view::npos) continue;
    const Reading reading = format.read(record, found);
    if (reading == Reading::not_understood && unread.records++ == 0) unread.first = records.number();
    unread.of_other_runs += reading == Reading::of_another_run;
    hand_on();
    if (bar && records.number() % 1024 == 0)
      bar->show(file.filename().native(), records.source().consumed(), records.source().file_size());
  }
  if (format.read_rest) format.read_rest(records.rest(), found);
  hand_on();
  std::vector<std::string> remarks;
  const char* what = format.kind == RecordKind::line  ? "line"
                     : format.kind == RecordKind::row ? "row"
                                                      : "element";
  if (unread.records > 0)
    remarks.push_back(fmt::format("{}: {}s not understood: {} of {}, the first is {} {}",
                                  file.filename().native(), what, unread.records, records.number(), what,
                                  unread.first));
  if (unread.of_other_runs > 0)
    remarks.push_back(fmt::format("{}: records of other runs than the first (run_id), left out: {}",
                                  file.filename().native(), unread.of_other_runs));
  if (!records.source().damage().empty())
    remarks.push_back(fmt::format("{}: {}; what stands before that was used", file.filename().native(),
                                  records.source().damage()));
  if (records.too_long() > 0)
    remarks.push_back(fmt::format("{}: {}s of more than 64 MB, left out: {}", file.filename().native(), what,
                                  records.too_long()));
  const bool torn_array = records.torn() && format.kind == RecordKind::element;
  if (records.source().damage().empty() && (records.source().cut_off() || torn_array))
    remarks.push_back(
        fmt::format("{}: it ends in the middle; what stands before that was used", file.filename().native()));
  return remarks;
}

// A checkpoint that cannot be used is remarked upon, and the others are.
std::vector<std::string> sample_into(Replay& replay, const Log& log, const ReplayRequest& request, Bar* bar) {
  const auto size_of = [](const Path& file) {
    std::error_code missing;
    const uintmax_t size = fs::file_size(file, missing);
    return missing ? 0 : size;
  };
  uint64_t done = 0, total = 0;
  for (const auto& [step, checkpoint] : log.checkpoints) total += size_of(checkpoint);
  std::vector<std::string> remarks;
  for (const auto& [step, checkpoint] : log.checkpoints) {
    if (bar) bar->show("samples from checkpoints", done, total);
    done += size_of(checkpoint);
    try {
      replay.add(sample_again(checkpoint, step, *request.sample_again));
    } catch (const Error& e) {
      if (e.exit_code == kExitUsage) throw;
      remarks.emplace_back(e.what());
    }
  }
  return remarks;
}

SourceReport replay_log(const Log& log, const Columns& columns, const ReplayRequest& request, Bar* bar) {
  Replay replay(request);
  std::vector<std::string> remarks;
  std::string format_name = log.format;
  for (const Path& file : log.files) {
    const LogFormat format = detect_format(file, log.format.empty() ? columns : Columns{});
    if (format_name.empty()) format_name = format.name;
    for (std::string& remark : read_file_into(replay, file, format, log.checkpoints.empty(), bar))
      remarks.push_back(std::move(remark));
  }
  for (std::string& remark : sample_into(replay, log, request, bar)) remarks.push_back(std::move(remark));
  SourceReport report = replay.finish();
  report.source = log.name, report.format = format_name;
  report.remarks.insert(report.remarks.begin(), remarks.begin(), remarks.end());
  if (report.points + report.samples == 0)
    throw Error(fmt::format("{} ({}) holds neither a loss nor a sample", log.name, report.format),
                fmt::format("{}", fmt::join(report.remarks, "; ")));
  return report;
}

}  // namespace

Replayed replay_each(const std::vector<std::string>& paths, const Columns& columns,
                     const ReplayRequest& request, bool with_bar) {
  Replayed all;
  std::vector<Log> done;
  std::optional<Bar> bar;
  if (with_bar) bar.emplace();
  const auto or_unread = [&](const auto& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.exit_code == kExitUsage || paths.size() == 1) throw;
      all.unread.emplace_back(error.what());
    }
  };
  for (const std::string& path : paths)
    or_unread([&] {
      for (const Log& log : logs_of(path, request.sample_again.has_value())) {
        const bool known = std::any_of(done.begin(), done.end(), [&](const Log& other) {
          return other.files == log.files && other.checkpoints == log.checkpoints;
        });
        if (known) continue;
        done.push_back(log);
        or_unread([&] { all.reports.push_back(replay_log(log, columns, request, bar ? &*bar : nullptr)); });
      }
    });
  if (all.reports.empty())
    throw Error(
        fmt::format("none of the {} logs can be read: {}", paths.size(), fmt::join(all.unread, "; ")));
  return all;
}

std::vector<SourceReport> replay_all(const std::vector<std::string>& paths, const Columns& columns,
                                     const ReplayRequest& request, bool with_bar) {
  Replayed all = replay_each(paths, columns, request, with_bar);
  if (!all.unread.empty()) throw Error(all.unread.front());
  return std::move(all.reports);
}

}  // namespace andrea
