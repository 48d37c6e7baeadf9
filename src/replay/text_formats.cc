#include "replay/text_formats.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "replay/moment.h"

namespace andrea {
namespace {

constexpr ptrdiff_t kLongestNumber = 64;  // no program prints more digits; a longer one is damage

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/' || c == '.';
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// Whether a number may end before `rest`: not in the middle of a word, of another number or of binary bytes.
// "loss 5.23." ends a sentence, "loss 5.23.1" is no number.
bool may_end_before(std::string_view rest) {
  if (rest.empty() || rest.front() == '\t') return true;
  if (rest.front() == '.') return rest.size() == 1 || !is_of_word(rest[1]);
  return rest.front() >= ' ' && rest.front() <= '~' && !is_of_word(rest.front());
}

template <class T>
std::optional<T> take_number(std::string_view& text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end - text.data() > kLongestNumber) return std::nullopt;
  text.remove_prefix(size_t(end - text.data()));
  return number;
}

// "1/100" is step 1; "1,000" is none that we can be sure of.
std::optional<int64_t> take_step(std::string_view& text) {
  const auto step = take_number<int64_t>(text);
  if (!step || !is_step(*step)) return std::nullopt;
  const bool digits_follow = text.size() > 1 && text[0] == ',' && is_digit(text[1]);
  if (digits_follow || (!text.starts_with('/') && !may_end_before(text))) return std::nullopt;
  return step;
}

// "5.23", "nan", "-inf", with a comma or the like behind it.
std::optional<double> take_loss(std::string_view& text) {
  const auto loss = take_number<double>(text);
  return loss && may_end_before(text) ? loss : std::nullopt;
}

// From a program that always goes on behind the loss: where the line ends with it, it was cut.
std::optional<double> take_loss_inside(std::string_view& text) {
  const auto loss = take_loss(text);
  return text.empty() ? std::nullopt : loss;
}

bool looks_like_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && is_digit(text.front());
}

constexpr std::string_view kEvaluations[] = {"val",        "valid", "validation", "eval",
                                             "evaluation", "test",  "dev"};

bool looks_like_step(std::string_view text) {
  take(text, "[");
  return looks_like_number(text);
}

// "Validation ", "val-", "[test] ": what follows is not of the training.
bool names_evaluation(std::string_view before) {
  before = before.substr(0, before.find_last_not_of(" \t-:|]") + 1);
  for (const std::string_view word : kEvaluations) {
    if (before.size() < word.size()) continue;
    const std::string_view rest = before.substr(0, before.size() - word.size());
    const std::string_view last = before.substr(rest.size());
    const auto same = [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b); };
    if (std::equal(last.begin(), last.end(), word.begin(), same) &&
        (rest.empty() || !is_of_word(rest.back())))
      return true;
  }
  return false;
}

// "[eval] step 100 ...", "... | valid | epoch 001 | ...", "test: ...": the line is no line of the training.
bool is_of_evaluation(std::string_view before) {
  for (const std::string_view word : kEvaluations)
    for (size_t at = before.find(word); at != std::string_view::npos; at = before.find(word, at + 1)) {
      const std::string_view head = before.substr(0, at), tail = before.substr(at + word.size());
      const size_t last = head.find_last_not_of(" \t"), first = tail.find_first_not_of(" \t");
      const bool opens = last == head.npos || head[last] == '[' || head[last] == '|' || head[last] == '(';
      const bool closes = first != tail.npos && std::string_view("]|):").find(tail[first]) != tail.npos;
      if (opens && closes) return true;
    }
  return false;
}

bool is_quote(char c) { return c == '"' || c == '\''; }

// Where a name stands as a word of its own, with blanks or one of = and : or both behind it. Name and value
// may stand in quotes, as in what a program prints of a dictionary.
struct Place {
  std::string_view before, value;
};

std::optional<Place> find_value(std::string_view text, std::string_view name, size_t from = 0) {
  for (size_t at = text.find(name, from); at != std::string_view::npos; at = text.find(name, at + 1)) {
    std::string_view before = text.substr(0, at), after = text.substr(at + name.size());
    if (!before.empty() && is_of_word(before.back())) continue;
    const bool quoted = !before.empty() && is_quote(before.back()) && after.starts_with(before.back());
    if (quoted) before.remove_suffix(1), after.remove_prefix(1);
    std::string_view value = after;
    skip_blanks(value);
    if (value.starts_with('=') || value.starts_with(':')) value.remove_prefix(1);
    skip_blanks(value);
    if (quoted && !value.empty() && is_quote(value.front())) value.remove_prefix(1);
    if (value.size() < after.size() && !names_evaluation(before)) return Place{before, value};
  }
  return std::nullopt;
}

// The first place where a number, or what was meant to be one, stands behind the name.
template <class IsWanted>
std::optional<Place> find_value(std::string_view text, std::string_view name, IsWanted is_wanted) {
  auto place = find_value(text, name);
  while (place && !is_wanted(place->value))
    place = find_value(text, name, size_t(place->value.data() - text.data()));
  return place;
}

// A line as it is shown, without the moment that it begins with.
struct Line {
  std::string_view text;
  std::optional<double> time = {};
};

// [2026-01-02 03:04:05], 2026-01-02T03:04:05.123+01:00 and the like; a comma or a dash may follow.
Line without_moment(std::string_view text) {
  constexpr size_t kShortest = 19, kLongest = 35;
  skip_blanks(text);
  std::string_view rest = text;
  const bool bracket = take(rest, "[");
  if (rest.size() < kShortest || rest[4] != '-' || rest[13] != ':') return {text};
  size_t length = std::min(rest.find_first_not_of("0123456789.,:+-Zz", kShortest), rest.size());
  while (length > kShortest && !is_digit(rest[length - 1]) && (rest[length - 1] | 32) != 'z') --length;
  const auto time = length <= kLongest ? moment_of(rest.substr(0, length)) : std::nullopt;
  if (!time) return {text};
  rest.remove_prefix(length);
  if (bracket) take(rest, "]");
  skip_blanks(rest);
  return {rest, time};
}

// Without escape codes for colours and the like.
std::string without_escapes(std::string_view line) {
  std::string plain;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      plain += line[i];
    } else if (++i < line.size() && line[i] == '[') {
      while (i + 1 < line.size() && line[i + 1] >= ' ' && line[i + 1] <= '?') ++i;
      if (i + 1 < line.size() && line[i + 1] >= '@' && line[i + 1] <= '~') ++i;
    }
  }
  return plain;
}

// What every format has in common: of a progress bar that is redrawn, what stands there last, without colours
// and without the moment. `read` sees only that.
template <Reading (*read)(const Line&, std::vector<Observation>&)>
Reading as_shown(std::string_view line, std::vector<Observation>& out) {
  if (line.find('\0') != std::string_view::npos) return Reading::not_understood;
  std::string plain;
  if (line.find('\x1b') != std::string_view::npos) line = plain = without_escapes(line);
  while (line.ends_with('\r')) line.remove_suffix(1);
  line.remove_prefix(line.rfind('\r') + 1);  // npos + 1 is 0
  return read(without_moment(line), out);
}

Reading found(std::vector<Observation>& out, std::optional<int64_t> step, std::optional<double> loss,
              std::optional<double> time, std::optional<double> seconds = {}) {
  if (!step || !loss) return Reading::not_understood;
  out.push_back(LossPoint{*step, *loss, time, seconds});
  return Reading::understood;
}

// "... time 54.11ms", "| 2048.33 ms |": what stands between `before` and the unit, in seconds.
std::optional<double> milliseconds(std::string_view text, std::string_view before) {
  for (size_t at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
    std::string_view rest = text.substr(at + before.size());
    const auto number = take_number<double>(rest);
    skip_blanks(rest);
    if (number && rest.starts_with("ms")) return *number / 1000;
  }
  return std::nullopt;
}

// s:0 trl:10.9850 lr:0.000001 norm:15.20, before without lr and norm; s:250 tel:6.4000; s:250 eval:0.2489
Reading read_llmc_log(const Line& line, std::vector<Observation>& out) {
  std::string_view text = line.text;
  if (!take(text, "s:")) return Reading::not_understood;
  const auto step = take_step(text);
  skip_blanks(text);
  if (step && (take(text, "tel:") || take(text, "eval:")))
    return take_loss(text) ? Reading::passed_over : Reading::not_understood;
  if (!take(text, "trl:")) return Reading::not_understood;
  return found(out, step, take_loss(text), line.time);
}

// step    1/19560 and somewhere behind it a loss
Reading read_step_of_planned(const Line& line, std::vector<Observation>& out) {
  std::string_view text = line.text;
  if (!take(text, "step")) return Reading::not_understood;
  skip_blanks(text);
  const auto step = take_step(text);
  if (!step || !take(text, "/")) return Reading::not_understood;
  const auto planned = take_step(text);
  auto place = find_value(text, "loss");
  if (!planned || !place) return Reading::not_understood;
  const auto loss = take_loss_inside(place->value);
  if (!loss) return Reading::not_understood;
  out.emplace_back(std::in_place_type<PlannedSteps>, PlannedSteps{*planned});  // gcc 12 warns of push_back
  auto seconds = milliseconds(place->value, "| ");
  if (!seconds) seconds = milliseconds(place->value, "dt: ");
  return found(out, step, loss, line.time, seconds);
}

bool has_nanochat_loss(std::string_view text) { return text.find("| loss:") != std::string_view::npos; }

// step    1/19560 | loss 11.009000 (+nanz)| norm 15.1 (+nanz)| lr 8.6e-07 | ...; val loss 6.3; HellaSwag:
// 3/10 = 0.3
Reading read_llmc_stdout(const Line& line, std::vector<Observation>& out) {
  if (std::string_view text = line.text; take(text, "val loss "))
    return take_loss(text) ? Reading::passed_over : Reading::not_understood;
  if (line.text.starts_with("HellaSwag: ")) return Reading::passed_over;
  return has_nanochat_loss(line.text) ? Reading::not_understood : read_step_of_planned(line, out);
}

// step 00012/21400 (0.06%) | loss: 9.123456 | lrm: 1.00 | ...; Step 00250 | Validation bpb: 1.1234, or
// another measure
Reading read_nanochat(const Line& line, std::vector<Observation>& out) {
  if (std::string_view text = line.text; take(text, "Step ") && take_step(text) && take(text, " | "))
    return Reading::passed_over;
  return has_nanochat_loss(line.text) ? read_step_of_planned(line, out) : Reading::not_understood;
}

// iter 0: loss 10.9886, time 54321.11ms, mfu -100.00%; step 0: train loss 10.98, val loss 10.99
Reading read_nanogpt(const Line& line, std::vector<Observation>& out) {
  std::string_view text = line.text;
  if (take(text, "step ") && take_step(text) && take(text, ": train loss ") && take_loss(text) &&
      take(text, ", val loss ") && take_loss(text))
    return Reading::passed_over;
  text = line.text;
  if (!take(text, "iter ")) return Reading::not_understood;
  const auto step = take_step(text);
  if (!take(text, ": loss ")) return Reading::not_understood;
  const auto loss = take_loss_inside(text);
  return found(out, step, loss, line.time, milliseconds(text, ", time "));
}

// Ep. 1 : Up. 1000 : Sen. 12,345 : Cost 5.43210000 * 123,456 @ 7,890 after 1,234,567 : Time 123.45s : ...;
// [valid] Ep. 1 : Up. 5000 : cross-entropy : 57.0348 : new best
Reading read_marian(const Line& line, std::vector<Observation>& out) {
  std::string_view text = line.text;
  if (text.starts_with("[valid] Ep. ")) return Reading::passed_over;
  if (!take(text, "Ep. ")) return Reading::not_understood;
  auto update = find_value(text, "Up."), cost = find_value(text, "Cost");
  if (!update || !cost) return Reading::not_understood;
  return found(out, take_step(update->value), take_loss_inside(cost->value), line.time);
}

// The 100 of "[100] loss" and "[100/5000] loss", the text up to "loss" being given; as text, for it may be no
// step.
std::optional<std::string_view> number_in_brackets(std::string_view before) {
  before = before.substr(0, before.find_last_not_of(" \t") + 1);
  const size_t open = before.rfind('[');
  if (!before.ends_with(']') || open == std::string_view::npos) return std::nullopt;
  const std::string_view inside = before.substr(open + 1, before.size() - open - 2);
  const bool number = looks_like_number(inside) && inside.find_first_not_of("0123456789/", 1) == inside.npos;
  return number ? std::optional(inside) : std::nullopt;
}

// step 100 loss=5.23; step=100 loss=5.23 lr=0.001; [100] loss: 5.23; loss: 5.23; train_loss: 5.23; Epoch
// [3/10], Step [100/500], Loss: 5.23; also inside a longer line, and in capitals. Without a step the points
// are to be numbered (-1); with one that is no step, such as -5, the line is not understood.
Reading read_any(const Line& shown, std::vector<Observation>& out) {
  thread_local std::string small;
  small.resize(shown.text.size());
  std::transform(shown.text.begin(), shown.text.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const Line line{small, shown.time};
  if (line.text.find("loss") == std::string_view::npos) return Reading::not_understood;
  if (line.text.starts_with("{\"")) return Reading::not_understood;  // JSON, whole or torn, is not for here
  std::optional<double> loss;
  std::string_view before_loss;
  const auto is_loss = [&](std::string_view value) { return (loss = take_loss(value)).has_value(); };
  for (const std::string_view name : {"train_loss", "training_loss", "loss"})
    if (const auto place = find_value(line.text, name, is_loss)) {
      before_loss = place->before;
      break;
    }
  if (!loss) return Reading::not_understood;
  if (is_of_evaluation(before_loss)) return Reading::passed_over;
  std::optional<std::string_view> step;
  for (const std::string_view name : {"global_step", "step", "num_updates", "iter", "iteration", "update"})
    if (auto place = find_value(line.text, name, looks_like_step)) {
      take(place->value, "[");
      step = place->value;
      break;
    }
  if (!step) step = number_in_brackets(before_loss);
  return found(out, step ? take_step(*step) : -1, loss, line.time);
}

constexpr TextFormat kFormats[] = {
    {"llm.c main.log", as_shown<read_llmc_log>}, {"llm.c", as_shown<read_llmc_stdout>},
    {"nanochat", as_shown<read_nanochat>},       {"nanoGPT", as_shown<read_nanogpt>},
    {"marian", as_shown<read_marian>},           {"lines of step and loss", as_shown<read_any>},
};

}  // namespace

std::span<const TextFormat> text_formats() { return kFormats; }

}  // namespace andrea
