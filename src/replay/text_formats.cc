#include "replay/text_formats.h"

#include <cctype>
#include <charconv>
#include <limits>

#include "replay/moment.h"

namespace andrea {
namespace {

constexpr int64_t kMostSteps = 1'000'000'000'000'000;

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '/' || c == '.';
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// A whole number that is no part of a longer word or of a fraction.
std::optional<int64_t> take_step(std::string_view& text) {
  int64_t step = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc() || step < 0 || step > kMostSteps) return std::nullopt;
  std::string_view rest = text.substr(size_t(end - text.data()));
  if (!rest.empty() && is_letter(rest.front()) && rest.front() != '/') return std::nullopt;
  text = rest;
  return step;
}

// "5.23", "nan", "-inf", with a unit or a comma behind it.
std::optional<double> take_loss(std::string_view& text) {
  double loss = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), loss);
  if (error == std::errc::result_out_of_range) return std::nullopt;
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(size_t(end - text.data()));
  if (!text.empty() && is_letter(text.front()) && text.front() != '.') return std::nullopt;
  return loss;
}

// Behind `name` as a word of its own and then blanks, one of = and :, or both; the text is moved there. Not
// behind "val " and the like.
bool skip_to_value(std::string_view& text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::string_view before = text.substr(0, at);
    std::string_view after = text.substr(at + name.size());
    if (!before.empty() && is_letter(before.back())) continue;
    if (before.ends_with("val ") || before.ends_with("eval ") || before.ends_with("valid ") ||
        before.ends_with("test ") || before.ends_with("validation "))
      continue;
    const size_t long_before = after.size();
    skip_blanks(after);
    if (!after.empty() && (after.front() == '=' || after.front() == ':')) after.remove_prefix(1);
    skip_blanks(after);
    if (after.size() == long_before) continue;
    text = after;
    return true;
  }
  return false;
}

struct Line {
  std::string_view text;
  std::optional<double> time;
};

// Without a moment at its beginning, in brackets or not.
Line without_moment(std::string_view text) {
  skip_blanks(text);
  std::string_view rest = text;
  const bool bracket = take(rest, "[");
  for (const size_t length : {19u, 20u, 23u, 24u, 26u, 27u}) {
    if (rest.size() < length) continue;
    const bool ends_here =
        rest.size() == length || rest[length] == ' ' || rest[length] == ']' || rest[length] == ':';
    if (!ends_here) continue;
    if (const auto time = moment_of(rest.substr(0, length))) {
      rest.remove_prefix(length);
      if (bracket) take(rest, "]");
      skip_blanks(rest);
      return {rest, time};
    }
  }
  return {text, std::nullopt};
}

// Of a progress bar that is redrawn, what stands there last; without colours, which go to `plain`.
std::string_view as_shown(std::string_view line, std::string& plain) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  if (const size_t redrawn = line.rfind('\r'); redrawn != std::string_view::npos)
    line.remove_prefix(redrawn + 1);
  if (line.find('\x1b') == std::string_view::npos) return line;
  plain.clear();
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      plain += line[i];
      continue;
    }
    if (i + 1 < line.size() && line[i + 1] == '[') ++i;
    while (i + 1 < line.size() && !std::isalpha(static_cast<unsigned char>(line[i + 1]))) ++i;
    ++i;
  }
  return plain;
}

Reading found(std::vector<Observation>& out, std::optional<int64_t> step, std::optional<double> loss,
              std::optional<double> time) {
  if (!step || !loss) return Reading::not_understood;
  out.push_back(LossPoint{*step, *loss, time});
  return Reading::understood;
}

// s:0 trl:10.98 lr:0.000001 norm:15.2; s:250 tel:6.4
Reading read_llmc_log(std::string_view line, std::vector<Observation>& out) {
  if (!take(line, "s:")) return Reading::not_understood;
  const auto step = take_step(line);
  skip_blanks(line);
  if (step && (line.starts_with("tel:") || line.starts_with("eval:"))) return Reading::passed_over;
  if (!take(line, "trl:")) return Reading::not_understood;
  return found(out, step, take_loss(line), std::nullopt);
}

// "step", a number, "/", the number of steps planned. The text is moved behind them.
struct StepOf {
  std::optional<int64_t> step, planned;
};
StepOf take_step_of(std::string_view& text) {
  if (!take(text, "step")) return {};
  skip_blanks(text);
  StepOf both{take_step(text), {}};
  if (both.step && take(text, "/")) both.planned = take_step(text);
  return both;
}

Reading read_step_of(std::string_view line, std::string_view loss_name, std::vector<Observation>& out) {
  std::string plain;
  const Line shown = without_moment(as_shown(line, plain));
  std::string_view text = shown.text;
  const StepOf at = take_step_of(text);
  if (!at.planned || !skip_to_value(text, loss_name)) return Reading::not_understood;
  const auto loss = take_loss(text);
  if (!loss) return Reading::not_understood;
  out.emplace_back(std::in_place_type<PlannedSteps>, PlannedSteps{*at.planned});
  return found(out, at.step, loss, shown.time);
}

// step    1/19560 | loss 11.009 (+nanz)| norm 15.1 (+nanz)| lr 8.6e-07 | ...
Reading read_llmc_stdout(std::string_view line, std::vector<Observation>& out) {
  if (line.starts_with("val loss ")) return Reading::passed_over;
  if (line.find("| loss:") != std::string_view::npos) return Reading::not_understood;  // nanochat's
  return read_step_of(line, "loss", out);
}

// step 00012/21400 (0.06%) | loss: 9.123456 | lrm: 1.00 | dt: 512.12ms | ...
Reading read_nanochat(std::string_view line, std::vector<Observation>& out) {
  if (line.starts_with("Step ") && line.find("Validation bpb") != std::string_view::npos)
    return Reading::passed_over;
  if (line.find("| loss:") == std::string_view::npos) return Reading::not_understood;
  return read_step_of(line, "loss", out);
}

// iter 0: loss 10.9886, time 54321.11ms, mfu -100.00%; step 0: train loss 10.98, val loss 10.99
Reading read_nanogpt(std::string_view line, std::vector<Observation>& out) {
  std::string plain;
  const Line shown = without_moment(as_shown(line, plain));
  std::string_view text = shown.text;
  if (text.starts_with("step ") && text.find(": train loss ") != std::string_view::npos)
    return Reading::passed_over;
  if (!take(text, "iter ")) return Reading::not_understood;
  const auto step = take_step(text);
  if (!take(text, ": loss ")) return Reading::not_understood;
  return found(out, step, take_loss(text), shown.time);
}

// [2026-01-02 03:04:05] Ep. 1 : Up. 1000 : Sen. 12,345 : Cost 5.43210000 * 123,456 @ 7,890 after 1,234,567 :
// ...
Reading read_marian(std::string_view line, std::vector<Observation>& out) {
  const Line shown = without_moment(line);
  std::string_view text = shown.text;
  if (!take(text, "Ep. ") || !skip_to_value(text, "Up.")) return Reading::not_understood;
  const auto step = take_step(text);
  if (!skip_to_value(text, "Cost")) return Reading::not_understood;
  return found(out, step, take_loss(text), shown.time);
}

// step 100 loss=5.23; step=100 loss=5.23 lr=0.001; [100] loss: 5.23; loss: 5.23; train_loss: 5.23, also
// inside a longer line. Without a step the points number themselves (-1).
Reading read_any(std::string_view line, std::vector<Observation>& out) {
  std::string plain;
  const Line shown = without_moment(as_shown(line, plain));
  std::optional<double> loss;
  for (const std::string_view name : {"train_loss", "training_loss", "loss"}) {
    std::string_view text = shown.text;
    if (!loss && skip_to_value(text, name)) loss = take_loss(text);
  }
  if (!loss) return Reading::not_understood;
  std::optional<int64_t> step;
  for (const std::string_view name : {"global_step", "step", "iter", "iteration", "update"}) {
    std::string_view text = shown.text;
    if (!step && skip_to_value(text, name)) step = take_step(text);
  }
  if (std::string_view text = shown.text; !step && take(text, "[")) {
    step = take_step(text);
    if (!text.starts_with("]")) step.reset();
  }
  return found(out, step.value_or(-1), loss, shown.time);
}

constexpr TextFormat kFormats[] = {
    {"llm.c main.log", read_llmc_log}, {"llm.c", read_llmc_stdout}, {"nanochat", read_nanochat},
    {"nanoGPT", read_nanogpt},         {"marian", read_marian},     {"lines of step and loss", read_any},
};

}  // namespace

std::span<const TextFormat> text_formats() { return kFormats; }

}  // namespace andrea
