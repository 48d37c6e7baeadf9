#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace andrea {
namespace {

// The library reads in a loop, but copies and writes by recursion: a hostile depth would overflow the stack.
constexpr int kDeepest = 1000;

bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  if (too_deep(text)) throw Error(fmt::format("{}: nested more than {} levels deep", where, kDeepest));
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    const auto* wrong = dynamic_cast<const Json::parse_error*>(&e);
    const std::string_view before = text.substr(0, wrong && wrong->byte > 0 ? wrong->byte - 1 : 0);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t character = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
    throw Error(wrong && wrong->byte > text.size()
                    ? fmt::format("{}: not valid JSON: it ends too early", where)
                    : fmt::format("{}: not valid JSON: line {}, character {}", where, line, character));
  }
}

std::string to_line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string to_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace andrea
