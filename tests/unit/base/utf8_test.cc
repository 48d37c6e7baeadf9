#include "base/utf8.h"

#include <doctest/doctest.h>

using namespace andrea;

TEST_CASE("valid text stays as it is, each maximal bad part becomes one U+FFFD") {
  const auto r = [](int count, const char* rest = "") {
    std::string text;
    for (int i = 0; i < count; ++i) text += "\xEF\xBF\xBD";
    return text + rest;
  };
  const std::pair<std::string, std::string> table[] = {
      {"", ""},
      {"caf\xC3\xA9 \xE2\x98\x80 \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE2\x98\x80 \xF0\x9F\x98\x80"},
      {std::string("a\0b", 3), std::string("a\0b", 3)},
      {"\x80", r(1)},
      {"\x80\x80z", r(2, "z")},
      {"\xE2\x98", r(1)},            // cut off
      {"\xE2\x98!", r(1, "!")},      // two bytes that begin a character
      {"\xF0\x9F\x98!", r(1, "!")},  // three
      {"\xF0\x9F\x98\xF0\x9F\x98\x80", r(1, "\xF0\x9F\x98\x80")},
      {"\xC0\xAF", r(2)},          // overlong: neither byte begins a character
      {"\xE0\x80\xAF", r(3)},      // overlong
      {"\xF0\x80\x80\xAF", r(4)},  // overlong
      {"\xED\xA0\x80", r(3)},      // a surrogate
      {"\xF4\x90\x80\x80", r(4)},  // above U+10FFFF
      {"\xF4\x8F\xBF", r(1)},
      {"\xFF\xFEx", r(2, "x")},
  };
  for (const auto& [bytes, want] : table) {
    CAPTURE(want);
    CHECK(valid_utf8(bytes) == want);
  }
}
