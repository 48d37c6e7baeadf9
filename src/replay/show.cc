#include "replay/show.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/fields.h"
#include "base/utf8.h"
#include "gate/tracker.h"

namespace andrea {
namespace {

constexpr int kRows = 12, kLabel = 6;

template <class T>
Json json_of(const std::optional<T>& value) {
  return fields::encode(value);
}

Json json_of(const SourceReport& r) {
  Json json = Json::object();
  json["source"] = r.source, json["format"] = r.format;
  json["points"] = r.points, json["samples"] = r.samples, json["judged"] = r.judged;
  json["first_step"] = r.first_step, json["last_step"] = r.last_step;
  json["total_steps"] = json_of(r.total_steps), json["steps_per_minute"] = json_of(r.steps_per_minute);
  json["gate"] = {{"enabled", r.gate.enabled},
                  {"floor", r.gate.floor},
                  {"patience", r.gate.patience},
                  {"start_step", r.gate.start_step},
                  {"from", r.gate_source}};
  json["halt_step"] = json_of(r.halt_step), json["streak_start"] = json_of(r.streak_start);
  json["halted_by"] = nullptr;
  if (r.halt_step) json["halted_by"] = r.halted_by_loss ? "loss_signal" : "gate";
  Json& halted_on = json["halted_on"] = Json::array();
  for (const SampleText& s : r.halted_on)
    halted_on.push_back({{"step", s.step}, {"total", s.total}, {"text", s.text}});
  json["last_good_step"] = json_of(r.last_good_step);
  json["first_under"] = nullptr;
  if (r.first_garbage) json["first_under"] = r.first_garbage->step;
  json["wasted_steps"] = json_of(r.wasted_steps), json["saved_steps"] = json_of(r.saved_steps);
  json["saved_days"] = json_of(r.saved_days);
  json["ema"] = nullptr;
  if (r.ema) json["ema"] = {{"min", r.ema->min}, {"min_step", r.ema->min_step}, {"last", r.ema->last}};
  json["loss_signal"] = {{"halt_step", json_of(r.signal_step)},
                         {"margin", r.gate.loss_margin},
                         {"patience", r.gate.loss_patience}};
  Json scores = Json::array();
  for (const ScoredSample& s : r.scores) scores.push_back({s.step, s.total});
  json["scores"] = std::move(scores);
  json["remarks"] = r.remarks;
  return json;
}

Json json_of(const SweepCell& cell) {
  Json json = Json::object();
  json["floor"] = cell.floor, json["patience"] = cell.patience, json["start_step"] = cell.start_step;
  json["halted"] = cell.halted, json["halt_steps"] = fields::encode(cell.halt_steps);
  json["saved_steps"] = cell.saved_steps, json["false_halts"] = cell.false_halts,
  json["lost_steps"] = cell.lost_steps;
  return json;
}

// 132000 -> 132,000
std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

// One line of at most `width` characters, without control characters.
std::string shortened(std::string_view text, size_t width) {
  std::string out;
  size_t characters = 0;
  bool blank = true;  // leading white space goes too
  while (!text.empty() && characters < width) {
    const Character c = first_character(text);
    const size_t bytes = std::max<size_t>(c.bytes, 1);
    const bool is_blank = c.code <= 0x20 || c.code == 0x7f || c.bytes == 0;
    if (!is_blank || !blank) {
      out += is_blank ? std::string_view(" ") : text.substr(0, bytes);
      ++characters;
    }
    blank = is_blank;
    text.remove_prefix(bytes);
  }
  return text.empty() ? out : out + "...";
}

struct Column {
  double least = 100, greatest = 0;
  bool any = false, unjudged = false;
};

// Scores by step, from the first sample to the last: `o` judged, `.` too short to judge, the gate's floor as
// a dashed line.
std::string score_chart(const SourceReport& r, int width) {
  const int columns = width - kLabel - 2;
  const auto by_step = [](const ScoredSample& a, const ScoredSample& b) { return a.step < b.step; };
  const auto [first, last] = std::minmax_element(r.scores.begin(), r.scores.end(), by_step);
  const double span = double(std::max<int64_t>(last->step - first->step, 1));
  const auto column_of = [&, from = first->step](int64_t step) {
    return std::clamp(int(double(step - from) / span * (columns - 1) + 0.5), 0, columns - 1);
  };
  const auto row_of = [](double score) {
    return std::clamp(int(std::lround((100 - score) / 100 * (kRows - 1))), 0, kRows - 1);
  };
  std::vector<std::string> rows(kRows, std::string(size_t(columns), ' '));
  rows[size_t(row_of(r.gate.floor))].assign(size_t(columns), '-');
  for (const ScoredSample& s : r.scores) {
    char& mark = rows[size_t(row_of(s.total))][size_t(column_of(s.step))];
    if (s.judged || mark != 'o') mark = s.judged ? 'o' : '.';
  }
  if (r.halt_step)
    for (std::string& row : rows)
      if (char& mark = row[size_t(column_of(*r.halt_step))]; mark != 'o') mark = '|';
  std::string out;
  for (int i = 0; i < kRows; ++i) {
    const int score = i == row_of(r.gate.floor) ? int(std::lround(r.gate.floor))
                                                : int(std::lround(100 - 100.0 * i / (kRows - 1)));
    std::string& row = rows[size_t(i)];
    row.erase(row.find_last_not_of(' ') + 1);
    out += (i % 3 == 0 || i == kRows - 1 || i == row_of(r.gate.floor))
               ? fmt::format("{:>{}} |{}\n", score, kLabel, row)
               : fmt::format("{:>{}} |{}\n", "", kLabel, row);
  }
  const std::string from = grouped(first->step), to = grouped(last->step);
  out += fmt::format("{:>{}} +{:-<{}}\n", "", kLabel, "", columns);
  out += fmt::format("{:>{}}  {}{:>{}}\n", "", kLabel, from, to,
                     std::max(columns - int(from.size()), int(to.size()) + 1));
  return out;
}

std::string saved_time(double days) {
  return days >= 1      ? fmt::format("{:.1f} days", days)
         : days >= 0.05 ? fmt::format("{:.1f} hours", days * 24)
                        : fmt::format("{:.0f} minutes", days * 1440);
}

}  // namespace

std::string json_report(const std::vector<SourceReport>& reports, const std::vector<SweepCell>& cells) {
  Json sources = Json::array();
  for (const SourceReport& report : reports) sources.push_back(json_of(report));
  Json whole = Json::object();
  whole["sources"] = std::move(sources);
  if (!cells.empty()) {
    Json& sweep = whole["sweep"] = Json::object();
    sweep["cells"] = Json::array();
    for (const SweepCell& cell : cells) sweep["cells"].push_back(json_of(cell));
    sweep["best"] = json_of(best_of(cells));
  }
  return to_line(whole) + "\n";
}

namespace {

// Said where the log begins before it.
std::string from_start(const SourceReport& r) {
  return r.first_step < r.gate.start_step ? fmt::format(" from step {} on", grouped(r.gate.start_step)) : "";
}

}  // namespace

std::string headline(const SourceReport& r) {
  if (r.halted_by_loss)
    return fmt::format("The loss signal, set to halt, would have halted at step {}.", grouped(*r.halt_step));
  if (r.scores.empty()) return "No samples: the gate has nothing to read.";
  if (r.judged == 0) return fmt::format("None of {} samples is long enough to judge.", grouped(r.samples));
  if (!r.gate.enabled)
    return "The gate of this run is off; --set gate.enabled=true asks what it would have done.";
  if (!r.halt_step && r.judged_from_start == 0)
    return fmt::format("The gate says nothing: all judged samples lie before its start_step {}.",
                       grouped(r.gate.start_step));
  if (!r.halt_step)
    return fmt::format("The gate would not have halted: never {} judged scores in a row under {:g}{}.",
                       r.gate.patience, r.gate.floor, from_start(r));
  return fmt::format(
      "The gate would have halted at step {}: {} judged scores in a row under {:g}, from step {}.",
      grouped(*r.halt_step), r.gate.patience, r.gate.floor, grouped(*r.streak_start));
}

std::vector<std::pair<std::string, std::string>> report_facts(const SourceReport& r) {
  std::vector<std::pair<std::string, std::string>> facts;
  facts.emplace_back(
      "steps", fmt::format("{} to {}{}", grouped(r.first_step), grouped(r.last_step),
                           r.total_steps ? fmt::format(" of {} planned", grouped(*r.total_steps)) : ""));
  if (r.samples > 0)
    facts.emplace_back("gate", fmt::format("floor {:g}, {} in a row, from step {} on ({})", r.gate.floor,
                                           r.gate.patience, grouped(r.gate.start_step),
                                           r.gate_source == "log"   ? "as the log says"
                                           : r.gate_source == "set" ? "as set"
                                                                    : "the default"));
  facts.emplace_back("read", fmt::format("{} losses, {} samples, {} of them judged", grouped(r.points),
                                         grouped(r.samples), grouped(r.judged)));
  if (r.halt_step) {
    std::string saved = fmt::format("{} steps", grouped(*r.saved_steps));
    if (r.saved_days) saved += ", " + saved_time(*r.saved_days);
    if (r.steps_per_minute) saved += fmt::format(" at {:.3g} steps a minute", *r.steps_per_minute);
    facts.emplace_back("saved", saved);
    facts.emplace_back("last good", r.last_good_step ? fmt::format("step {}", grouped(*r.last_good_step))
                                                     : "none: no judged sample reached the floor");
  }
  if (r.first_garbage)
    facts.emplace_back(
        "first under",
        fmt::format(
            "step {}, {} steps before the end{}", grouped(r.first_garbage->step), grouped(*r.wasted_steps),
            r.halt_step ? fmt::format(", {} before the gate", grouped(*r.halt_step - r.first_garbage->step))
                        : ""));
  if (!r.ema) return facts;
  const char* off = r.gate.loss_signal == LossSignal::off ? " (the signal is off)" : "";
  facts.emplace_back("EMA loss",
                     fmt::format("lowest {:.3f} at step {}, last {:.3f}: {}", r.ema->min,
                                 grouped(r.ema->min_step), r.ema->last, tier_of(r.ema->last).reading));
  facts.emplace_back(
      "loss alone",
      r.signal_step
          ? fmt::format("would have spoken at step {}: {:g} nats over its minimum for {} steps{}",
                        grouped(*r.signal_step), r.gate.loss_margin, grouped(r.gate.loss_patience), off)
          : fmt::format("says nothing: never {:g} nats over its minimum for {} steps{}", r.gate.loss_margin,
                        grouped(r.gate.loss_patience), off));
  return facts;
}

std::string text_report(const SourceReport& r, int width) {
  std::string out = fmt::format("{} ({})\n{}\n", r.source, r.format, headline(r));
  for (const auto& [name, value] : report_facts(r)) out += fmt::format("  {:<11} {}\n", name, value);
  if (!r.scores.empty()) out += fmt::format("\n{}", score_chart(r, width));
  if (!r.halted_on.empty()) out += "\nHalted on\n";
  for (const SampleText& text : r.halted_on)
    out += fmt::format("  step {:>9}  score {:>4.1f}  {}\n", grouped(text.step), text.total,
                       shortened(text.text, size_t(std::max(6, width - 34))));
  for (const std::string& remark : r.remarks) out += "Note: " + remark + ".\n";
  return out;
}

}  // namespace andrea
