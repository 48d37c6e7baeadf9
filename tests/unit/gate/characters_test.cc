#include "gate/characters.h"

#include <doctest/doctest.h>

#include <cctype>

using namespace andrea;

TEST_CASE("ASCII is read as C reads it") {
  for (int c = 0; c < 0x80; ++c) {
    CAPTURE(c);
    const Kind want = std::isalpha(c)   ? Kind::letter
                      : std::isdigit(c) ? Kind::digit
                      : std::isspace(c) ? Kind::white_space
                                        : Kind::other;
    CHECK(kind_of(uint32_t(c)) == want);
    CHECK(lower_case(uint32_t(c)) == uint32_t(std::tolower(c)));
    std::string text;
    append_utf8(uint32_t(c), text);
    CHECK(text == std::string(1, char(c)));
  }
}

TEST_CASE("beyond ASCII by the Unicode tables") {
  CHECK(kind_of(0xE9) == Kind::letter);
  CHECK(kind_of(0x301) == Kind::mark);
  CHECK(kind_of(0x663) == Kind::digit);
  CHECK(kind_of(0xA0) == Kind::white_space);
  CHECK(kind_of(0x85) == Kind::white_space);
  CHECK(kind_of(0x2014) == Kind::other);
  CHECK(lower_case(0xC9) == 0xE9);
  std::string text;
  append_utf8(0x2581, text);
  CHECK(text == "\xE2\x96\x81");
}
