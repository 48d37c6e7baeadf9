#include "replay/columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/utf8.h"

namespace andrea {
namespace {

const std::vector<std::string> kStep = {
    "step", "global_step", "trainer/global_step", "iter", "iteration", "update", "updates", "_step"};
const std::vector<std::string> kLoss = {"loss",          "train_loss", "train/loss",
                                        "training_loss", "train-loss", "ema"};
const std::vector<std::string> kText = {"text",           "sample", "content",   "generated",
                                        "generated_text", "output", "completion"};

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "step, loss, lr, ...", however many and long they are.
std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kMost = 20, kLongest = 40;
  std::vector<std::string> some(names.begin(), names.begin() + ptrdiff_t(std::min(names.size(), kMost)));
  for (std::string& name : some)
    if (name.size() > kLongest) name = valid_utf8(name.substr(0, kLongest)) + "...";
  if (some.size() < names.size()) some.push_back(fmt::format("and {} more", names.size() - some.size()));
  return fmt::format("{}", fmt::join(some, ", "));
}

std::string resolve(const std::string& wanted, const std::vector<std::string>& usual,
                    const std::vector<std::string>& names) {
  if (!wanted.empty()) {
    if (!is_among(names, wanted))
      throw usage_error(fmt::format("there is no column '{}'; there are {}", wanted, listed(names)));
    return wanted;
  }
  const auto same = [](const std::string& a, const std::string& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return x == y || (x >= 'A' && x <= 'Z' && x + 32 == y); });
  };
  for (const std::string& usual_name : usual)
    for (const std::string& name : names)
      if (same(name, usual_name)) return name;
  return "";
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

template <class T>
std::optional<T> number_of(std::string_view text) {
  text = without_blanks(text);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// 100, or 100.0 from tables that went through floating point.
std::optional<int64_t> step_of(std::string_view text) {
  text = without_blanks(text);
  if (text.ends_with(".0")) text.remove_suffix(2);
  const auto step = number_of<int64_t>(text);
  return step && is_step(*step) ? step : std::nullopt;
}

}  // namespace

Columns parse_columns(const std::string& argument) {
  Columns columns;
  std::string_view rest = argument;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    std::string* column = name == "step"   ? &columns.step
                          : name == "loss" ? &columns.loss
                          : name == "text" ? &columns.text
                                           : nullptr;
    if (!column || equals == std::string_view::npos || equals + 1 == part.size())
      throw usage_error(
          fmt::format("--columns {}: '{}' is not step=NAME, loss=NAME or text=NAME", argument, part));
    if (!column->empty()) throw usage_error(fmt::format("--columns {}: '{}' is named twice", argument, name));
    *column = part.substr(equals + 1);
  }
  return columns;
}

Columns resolve_columns(const Columns& wanted, const std::vector<std::string>& names) {
  const Columns columns{resolve(wanted.step, kStep, names), resolve(wanted.loss, kLoss, names),
                        resolve(wanted.text, kText, names)};
  if (columns.step.empty())
    throw usage_error(fmt::format("none of the columns is a step; there are {}", listed(names)),
                      "name it with --columns step=NAME");
  if (columns.loss.empty() && columns.text.empty())
    throw usage_error(fmt::format("none of the columns is a loss or a text; there are {}", listed(names)),
                      "name it with --columns loss=NAME or text=NAME");
  return columns;
}

bool split_csv(std::string_view row, char separator, std::vector<std::string>& fields) {
  size_t count = 0;
  const auto next_field = [&] {
    if (count == fields.size()) fields.emplace_back();
    fields[count].clear();
    return &fields[count++];
  };
  std::string* field = next_field();
  bool quoted = false;
  for (size_t i = 0; i < row.size();) {
    if (quoted && row.substr(i).starts_with("\"\"")) {
      *field += '"';
      i += 2;
    } else if (row[i] == '"' && (quoted || field->empty())) {
      quoted = !quoted;
      ++i;
    } else if (row[i] == separator && !quoted) {
      field = next_field();
      ++i;
    } else {
      size_t end = i + 1;
      while (end < row.size() && row[end] != '"' && (quoted || row[end] != separator)) ++end;
      field->append(row, i, end - i);
      i = end;
    }
  }
  fields.resize(count);
  return !quoted;
}

char guess_separator(std::string_view header) {
  std::vector<std::string> fields;
  const auto names = [&](char separator) { return split_csv(header, separator, fields) ? fields.size() : 0; };
  char best = ',';
  for (const char c : {';', '\t'})
    if (names(c) > names(best)) best = c;
  return best;
}

RecordReader csv_reader(std::string_view header, const Columns& wanted) {
  const char separator = guess_separator(header);
  std::vector<std::string> names;
  if (!split_csv(header, separator, names)) throw usage_error("the line of column names leaves a quote open");
  for (std::string& name : names) name = std::string(without_blanks(name));
  const Columns columns = resolve_columns(wanted, names);
  // A column that is not there has its place behind all others, also when one has no name (pandas' first).
  const auto place_of = [&](const std::string& name) {
    if (name.empty()) return names.size();
    return size_t(std::find(names.begin(), names.end(), name) - names.begin());
  };
  const size_t step_at = place_of(columns.step), loss_at = place_of(columns.loss),
               text_at = place_of(columns.text), width = names.size();
  return [=, head = std::string(header), fields = std::vector<std::string>()](
             std::string_view record, std::vector<Observation>& out) mutable {
    if (record.empty() || record == head) return Reading::passed_over;
    if (!split_csv(record, separator, fields) || fields.size() != width) return Reading::not_understood;
    const auto step = step_of(fields[step_at]);
    const std::string_view loss_text = loss_at < width ? fields[loss_at] : std::string_view();
    const auto loss = number_of<double>(loss_text);
    if (!step || (!loss && !without_blanks(loss_text).empty())) return Reading::not_understood;
    if (loss) out.push_back(LossPoint{*step, *loss, std::nullopt});
    const bool has_text = text_at < width && !fields[text_at].empty();
    if (has_text) out.push_back(WrittenSample{*step, std::move(fields[text_at]), {}, {}, {}});
    return loss || has_text ? Reading::understood : Reading::passed_over;
  };
}

}  // namespace andrea
