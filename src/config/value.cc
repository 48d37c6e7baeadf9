#include "config/value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace andrea {
namespace {

using Kind = YamlNode::Kind;

// Empty when the node is a scalar; else the mistake.
std::string not_scalar(const YamlNode& node, const std::string& must) {
  if (node.kind == Kind::scalar) return "";
  const char* what = node.kind == Kind::list  ? "is a list"
                     : node.kind == Kind::map ? "is a mapping"
                                              : "has no value";
  return fmt::format("{}; it must be {}", what, must);
}

// The same for what may not be in quotes.
std::string not_plain(const YamlNode& node, const std::string& must) {
  if (std::string mistake = not_scalar(node, must); !mistake.empty()) return mistake;
  if (node.quoted) return fmt::format("is a text in quotes; it must be {}, without quotes", must);
  if (node.text.empty()) return fmt::format("has no value; it must be {}", must);
  return "";
}

bool parse_real(const std::string& text, double& value) {
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

// Digits with an optional sign; a leading zero is refused because YAML readers differ on it (octal or not).
bool parse_whole(const std::string& text, int64_t& value) {
  const std::string digits = text.substr(text[0] == '-' || text[0] == '+' ? 1 : 0);
  if (digits.empty() || (digits[0] == '0' && digits.size() > 1)) return false;
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string take_real(const YamlNode& node, const Real& rule, const std::string& must, double& member) {
  if (std::string mistake = not_plain(node, must); !mistake.empty()) return mistake;
  double value = 0;
  const bool fits = parse_real(node.text, value) && (rule.above_min ? value > rule.min : value >= rule.min) &&
                    (rule.below_max ? value < rule.max : value <= rule.max);
  if (!fits) return fmt::format("is {}; it must be {}", in_words(node.text), must);
  member = value == 0 ? 0.0 : value;  // no -0
  return "";
}

}  // namespace

std::string allowed(const Whole& rule) {
  return fmt::format("a whole number{}{} from {} to {}", *rule.unit ? " of " : "", rule.unit, rule.min,
                     rule.max);
}

std::string allowed(const Real& rule) {
  return fmt::format("a number{}{} {} {} {} {}", *rule.unit ? " of " : "", rule.unit,
                     rule.above_min ? "above" : "from", rule.min,
                     rule.above_min   ? "and at most"
                     : rule.below_max ? "to below"
                                      : "to",
                     rule.max);
}

std::string allowed(const RealOrAuto& rule) { return "auto or " + allowed(static_cast<const Real&>(rule)); }

std::string allowed(const Flag&) { return "true or false"; }

std::string allowed(const Text& rule) {
  return rule.file_name ? "a plain file name of at most 100 bytes" : "a text that is not empty";
}

std::string allowed(const Location& rule) { return rule.what; }

std::string one_of(const std::vector<std::string>& names) {
  std::string all;
  for (size_t i = 0; i < names.size(); ++i)
    all += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return all;
}

std::string take(const YamlNode& node, const Whole& rule, const Bases&, int64_t& member) {
  const std::string must = allowed(rule);
  if (std::string mistake = not_plain(node, must); !mistake.empty()) return mistake;
  int64_t value = 0;
  if (parse_whole(node.text, value) && value >= rule.min && value <= rule.max) {
    member = value;
    return "";
  }
  std::string mistake = fmt::format("is {}; it must be {}", in_words(node.text), must);
  double real = 0;
  if (!parse_whole(node.text, value) && parse_real(node.text, real) && real == std::floor(real) &&
      std::abs(real) < 0x1p53 && real >= double(rule.min) && real <= double(rule.max))
    mistake += fmt::format(", in plain digits: {}", int64_t(real));
  return mistake;
}

std::string take(const YamlNode& node, const Real& rule, const Bases&, double& member) {
  return take_real(node, rule, allowed(rule), member);
}

std::string take(const YamlNode& node, const RealOrAuto& rule, const Bases&, std::optional<double>& member) {
  if (node.kind == Kind::scalar && node.text == "auto") {
    member.reset();
    return "";
  }
  double value = 0;
  std::string mistake = take_real(node, rule, allowed(rule), value);
  if (mistake.empty()) member = value;
  return mistake;
}

std::string take(const YamlNode& node, const Flag& rule, const Bases&, bool& member) {
  const std::string must = allowed(rule);
  if (std::string mistake = not_plain(node, must); !mistake.empty()) return mistake;
  if (node.text != "true" && node.text != "false")
    return fmt::format("is {}; it must be {}", in_words(node.text), must);
  member = node.text == "true";
  return "";
}

std::string take(const YamlNode& node, const Text& rule, const Bases&, std::string& member) {
  const std::string must = allowed(rule);
  if (std::string mistake = not_scalar(node, must); !mistake.empty()) return mistake;
  if (node.text.empty()) return fmt::format("is empty; it must be {}", must);
  if (rule.file_name)
    if (const std::string why = wrong_file_name(node.text); !why.empty())
      return fmt::format("is {}, which {}; it must be {}", in_words(node.text), why, must);
  member = node.text;
  return "";
}

std::string take(const YamlNode& node, const Location& rule, const Bases& bases, Path& member) {
  const std::string must = allowed(rule);
  if (std::string mistake = not_scalar(node, must); !mistake.empty()) return mistake;
  if (node.text.empty()) return fmt::format("is empty; it must be {}", must);
  for (const char c : node.text)
    if (uint8_t(c) < 0x20 || c == 0x7F)
      return fmt::format("is {}, which holds a control character; it must be {}", in_words(node.text), must);
  const Path path = absolute_path(node.text, rule.beside_file ? bases.file : bases.here);
  if (!is_utf8(path.native())) return "lies in a folder whose name is not UTF-8, which a config cannot hold";
  member = path;
  return "";
}

std::string take_name(const YamlNode& node, const std::string& must, std::string& name) {
  if (std::string mistake = not_scalar(node, must); !mistake.empty()) return mistake;
  if (node.text.empty()) return fmt::format("is empty; it must be {}", must);
  name = in_words(node.text);
  return "";
}

std::string show(int64_t value) { return fmt::format("{}", value); }
std::string show(double value) { return fmt::format("{}", value); }
std::string show(const std::optional<double>& value) { return value ? show(*value) : "auto"; }
std::string show(bool value) { return value ? "true" : "false"; }
std::string show(const std::string& value) { return value; }
std::string show(const Path& value) { return value.native(); }

std::string name_of(CurriculumPolicy policy) { return show(policy); }
std::string name_of(CurriculumReward reward) { return show(reward); }

Path absolute_path(const Path& path, const Path& base) {
  Path absolute = (base / path).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

std::string in_words(std::string_view text) {
  constexpr size_t kLongest = 80;
  const bool letters = is_utf8(text);
  std::string words;
  for (const char c : text.substr(0, kLongest))
    words += uint8_t(c) < 0x20 || c == 0x7F || (uint8_t(c) >= 0x80 && !letters) ? '?' : c;
  if (text.size() <= kLongest) return words;
  while (!is_utf8(words)) words.pop_back();  // a letter cut in two
  return words + "...";
}

std::string wrong_file_name(const std::string& name) {
  if (name.size() > 100) return "is too long";
  if (!is_utf8(name)) return "is not UTF-8";
  if (name[0] == '.' || name[0] == '-') return fmt::format("begins with {}", name[0]);
  for (const char c : name) {
    if (c == '/') return "holds a /";
    if (uint8_t(c) < 0x20 || c == 0x7F) return "holds a control character";
  }
  return "";
}

}  // namespace andrea
