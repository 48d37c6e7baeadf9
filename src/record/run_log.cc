#include "record/run_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/json.h"

namespace andrea {
namespace {

constexpr const char* kChangedLog =
    "the log was changed after the checkpoint was written; put the old log back, or move the log away to go "
    "on with an empty one";

}  // namespace

RunLog::RunLog(const Path& file) {
  file_ = std::make_unique<FileWriter>(file, O_WRONLY | O_CREAT | O_APPEND);
  FileReader before(file);
  start_ = before.size();
  before.read(start_, [&](std::string_view piece) { checksum_.update(piece); });
}

void RunLog::append(const Event& event) {
  const uint64_t whole_lines = offset();
  const std::string line = to_line(event) + "\n";
  try {
    file_->write(line);
  } catch (const Error&) {
    // A half line would swallow the next event, perhaps the alarm about this very failure.
    (void)!::truncate(file_->path().c_str(), off_t(whole_lines));
    throw;
  }
  checksum_.update(line);
}

void RunLog::sync() { file_->sync(); }

uint64_t RunLog::offset() const { return start_ + file_->bytes(); }

void check_cut(const Path& log, const LogEnd& end) {
  FileReader file(log);
  char last = '\n';
  if (file.size() >= end.offset) file.read(end.offset, [&](std::string_view piece) { last = piece.back(); });
  if (file.size() < end.offset || last != '\n')
    throw Error(
        fmt::format("{} has {} bytes and does not hold the end of a line at byte {}, where the checkpoint "
                    "expects one",
                    log.string(), file.size(), end.offset),
        kChangedLog);
  if (!end.checksum.empty() && file.checksum().hex() != end.checksum)
    throw Error(fmt::format("the first {} bytes of {} are not those that the checkpoint was written with",
                            end.offset, log.string()),
                kChangedLog);
}

Path cut_log(const Path& log, const LogEnd& end) {
  check_cut(log, end);
  const uint64_t offset = end.offset;
  FileReader file(log);
  if (file.size() == offset) return {};
  Path kept;
  for (int i = 1; kept.empty() || std::filesystem::exists(kept); ++i)
    kept = log.parent_path() / fmt::format("{}.cut-{}", log.filename().string(), i);
  file.read(offset, [](std::string_view) {});
  write_atomically(kept, [&](FileWriter& to) {
    file.read(file.size() - offset, [&](std::string_view piece) { to.write(piece); });
  });
  if (::truncate(log.c_str(), off_t(offset)) != 0)
    throw Error(fmt::format("cannot cut {} to {} bytes: {}", log.string(), offset, std::strerror(errno)));
  return kept;
}

namespace {

std::optional<Event> event_or_none(std::string_view line) {
  try {
    return event_from_line(line, "");
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

void each_event(const Path& log, const std::function<void(const Event&)>& see) {
  const std::string text = read_file(log, ~uint64_t{0});
  for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    if (const auto event = event_or_none(std::string_view(text).substr(begin, end - begin))) see(*event);
}

std::optional<Event> last_event(const Path& log) {
  const std::string text = read_file(log, ~uint64_t{0});
  if (!text.ends_with('\n')) return std::nullopt;
  const size_t end = text.size() - 1;
  const size_t begin = end == 0 ? 0 : text.rfind('\n', end - 1) + 1;  // npos + 1 is 0
  return event_or_none(std::string_view(text).substr(begin, end - begin));
}

std::optional<Event> first_event(const Path& log) {
  const std::string text = read_file(log, ~uint64_t{0});
  return event_or_none(std::string_view(text).substr(0, text.find('\n')));
}

std::vector<Event> read_log(const Path& log) {
  const std::string text = read_file(log, ~uint64_t{0});
  std::vector<Event> events;
  size_t begin = 0, line = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    if (auto event = event_from_line(std::string_view(text).substr(begin, end - begin),
                                     fmt::format("{}:{}", log.string(), ++line)))
      events.push_back(std::move(*event));
  return events;
}

}  // namespace andrea
