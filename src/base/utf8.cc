#include "base/utf8.h"

#include <algorithm>

namespace andrea {
namespace {

// How many bytes of `text`, which does not begin with a valid character, could begin one.
size_t bad_part(std::string_view text) {
  const auto could_begin = [&](size_t n) {  // does some continuation make the first n bytes valid?
    for (const char low : {'\x80', '\x90', '\xA0'}) {
      std::string whole(text.substr(0, n));
      whole.resize(n + 1, low);
      whole.resize(4, '\x80');
      if (first_character(whole).bytes > n) return true;
    }
    return false;
  };
  size_t n = 1;
  while (n < std::min<size_t>(3, text.size()) && could_begin(n + 1)) ++n;
  return n;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t bytes = first_character(text).bytes;
    valid += bytes > 0 ? text.substr(0, bytes) : std::string_view("\xEF\xBF\xBD");
    text.remove_prefix(bytes > 0 ? bytes : bad_part(text));
  }
  return valid;
}

}  // namespace andrea
