#include "replay/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "replay/json_records.h"
#include "replay/text_formats.h"

namespace andrea {
namespace {

constexpr size_t kLooked = 1 << 18;    // bytes
constexpr size_t kLookedLines = 1000;  // of text, for its format

std::string first_bytes(const Path& file) {
  ByteSource source(file);
  std::string head(kLooked, '\0');
  size_t have = 0;
  while (have < head.size()) {
    const size_t got = source.read(head.data() + have, head.size() - have);
    if (got == 0) break;
    have += got;
  }
  head.resize(have);
  return head;
}

// Whole lines; the last one only when nothing else is there.
std::vector<std::string_view> lines_of(std::string_view head) {
  std::vector<std::string_view> lines;
  while (!head.empty() && lines.size() < kLookedLines) {
    const size_t end = head.find('\n');
    if (end == std::string_view::npos && !lines.empty()) break;
    lines.push_back(head.substr(0, end));
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
    if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
    if (lines.back().find_first_not_of(" \t") == std::string_view::npos) lines.pop_back();
  }
  return lines;
}

// How many of the lines are of the format. None, when not one of them holds something for us: what is passed
// over (a header, an evaluation) may well look like another program's.
size_t fitting(const RecordReader& read, const std::vector<std::string_view>& lines) {
  std::vector<Observation> out;
  size_t of_format = 0;
  for (const std::string_view line : lines) of_format += read(line, out) != Reading::not_understood;
  return out.empty() ? 0 : of_format;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The first element of an array that is a loss or a sample tells what the others are.
LogFormat array_format(const Path& file) {
  Records records(ByteSource(file), RecordKind::element);
  std::string_view element;
  std::vector<Observation> out;
  bool any = false;
  for (size_t i = 0; i < kLookedLines && records.next(element); ++i) {
    any = true;
    if (read_loss_pair(element, out) == Reading::understood)
      return {"<name>.loss.json", RecordKind::element, "", read_loss_pair};
    if (read_published_sample(element, out) == Reading::understood)
      return {"<name>.samples.json", RecordKind::element, "", read_published_sample};
  }
  if (!any) throw Error(fmt::format("{} holds an empty JSON array: nothing was logged", file.native()));
  throw Error(
      fmt::format("{} is a JSON array, but its elements are neither [step, loss] nor objects with step and "
                  "text, content or ids",
                  file.native()));
}

// What the file may be, and for each kind it cannot be the reason.
struct Candidates {
  std::vector<LogFormat> formats;
  std::vector<Error> reasons;

  template <class Make>
  void add(const Make& make) {
    try {
      formats.push_back(make());
    } catch (const Error& reason) {
      reasons.push_back(reason);
    }
  }
};

// By the names that stand in any of the lines, for the first may be a config or an evaluation; or by those of
// the first, for the last may be another program's.
void add_object_lines(Candidates& all, const std::vector<std::string_view>& lines, const Columns& columns,
                      bool asked) {
  std::vector<std::string> names, first;
  for (const std::string_view line : lines) {
    for (std::string& name : json_names(line).value_or(std::vector<std::string>{}))
      if (!has(names, name)) names.push_back(std::move(name));
    if (first.empty()) first = names;
  }
  if (names.empty()) return;
  if (!asked && has(names, "event") && has(names, "step"))
    all.formats.push_back({"andrea-train events", RecordKind::line, "", read_event});
  if (!asked && has(names, "type"))
    all.formats.push_back({"run events (JSONL)", RecordKind::line, "", run_event_reader()});
  for (const auto& some : {names, first})
    all.add([&] {
      return LogFormat{"JSONL", RecordKind::line, "", json_columns_reader(resolve_columns(columns, some))};
    });
}

// As many rows of a table, which may be of several lines.
size_t fitting_rows(const Path& file, const RecordReader& read) {
  Records records(ByteSource(file), RecordKind::row);
  std::string_view row;
  std::vector<Observation> out;
  size_t of_format = 0;
  for (size_t i = 0; i < kLookedLines && records.next(row); ++i)
    of_format += read(row, out) != Reading::not_understood;
  return out.empty() ? 0 : of_format;
}

// The one that most of the file's beginning is of.
const LogFormat* best_of(const Candidates& all, const Path& file,
                         const std::vector<std::string_view>& lines) {
  const LogFormat* best = nullptr;
  size_t most = 0;
  for (const LogFormat& format : all.formats) {
    const size_t count =
        format.kind == RecordKind::row ? fitting_rows(file, format.read) : fitting(format.read, lines);
    if (count > most) best = &format, most = count;
  }
  return best;
}

// Not "[100] loss: 5" or "[2026-01-01 00:00:00] ...": those are lines of text.
bool is_array(std::string_view head) {
  const size_t begin = head.find_first_not_of(" \t\r\n");
  const size_t inside = head.find_first_not_of(" \t\r\n", begin + 1);
  return head[begin] == '[' && inside != head.npos &&
         (std::string_view("[{]\"").find(head[inside]) != head.npos ||
          head.substr(inside).starts_with("null"));
}

LogFormat format_of(const Path& file, const std::string& head, const Columns& columns) {
  const std::vector<std::string_view> lines = lines_of(without_mark(head));
  if (lines.empty()) throw Error(fmt::format("{} is empty", file.native()));
  const char first = lines[0][lines[0].find_first_not_of(" \t")];
  const bool asked = !columns.step.empty() || !columns.loss.empty() || !columns.text.empty();
  const auto names = json_names(lines[0]);
  if (first == '{' && (!names || has(*names, "log_history")) &&
      head.find("\"log_history\"") != std::string::npos)
    return {"Hugging Face trainer_state.json", RecordKind::element, "log_history", read_log_history,
            read_behind_log_history};
  if (is_array(without_mark(head))) return array_format(file);
  const bool is_table = lines[0].find_first_of(",;\t") != std::string_view::npos;
  Candidates all;
  add_object_lines(all, lines, columns, asked);
  if (!asked)
    for (const TextFormat& format : text_formats())
      all.formats.push_back({format.name, RecordKind::line, "", format.read});
  if (first != '{' && (is_table || asked))
    all.add([&] { return LogFormat{"CSV", RecordKind::row, "", csv_reader(lines[0], columns)}; });
  if (const LogFormat* best = best_of(all, file, lines)) return *best;
  if (first == '{' && !names)
    throw Error(fmt::format("{} begins like JSON, but its first line is no whole object", file.native()),
                "a JSONL log has one object a line");
  if (!all.reasons.empty()) throw all.reasons.front();
  throw Error("not one of its first lines holds a step and a loss or a text");
}

}  // namespace

LogFormat detect_format(const Path& file, const Columns& columns) {
  const std::string head = first_bytes(file);
  try {
    return format_of(file, head, columns);
  } catch (const Error& error) {
    // A log may hold binary bytes, such as the zeros of a block that was never written; nothing else may.
    if (head.find('\0') != std::string::npos)
      throw Error(fmt::format("{} is binary, not a log", file.native()));
    const std::string what = error.what();
    if (what.starts_with(file.native())) throw;
    const bool asked = !columns.step.empty() || !columns.loss.empty() || !columns.text.empty();
    throw Error(fmt::format("{} is no log of a kind that is known: {}", file.native(), what), error.hint,
                asked ? error.exit_code : kExitFailed);
  }
}

}  // namespace andrea
