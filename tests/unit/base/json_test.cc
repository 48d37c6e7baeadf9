#include "base/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

std::string repeat(const std::string& text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a line and back: keys keep their order, text its characters") {
  const std::string line = R"({"z":1,"a":[true,null,-2,"q\"\\\n\u0001é🙂"],"m":{}})";
  CHECK(to_line(parse_json(line, "test")) == line);
  CHECK(to_pretty(parse_json(R"({"b":[1],"a":2})", "test")) == "{\n  \"b\": [\n    1\n  ],\n  \"a\": 2\n}\n");
  CHECK(to_line(parse_json(R"({"a":1,"b":2,"a":3})", "test")) == R"({"a":3,"b":2})");
}

TEST_CASE("numbers that are not finite become null") {
  Json json = Json::array();
  json.push_back(std::numeric_limits<double>::quiet_NaN());
  json.push_back(std::numeric_limits<double>::infinity());
  json.push_back(-std::numeric_limits<double>::infinity());
  CHECK(to_line(json) == "[null,null,null]");
}

// The byte sequence and its reading are table 3-11 of the Unicode standard, "U+FFFD substitution of maximal
// subparts"; the others are tables 3-8 to 3-10 in short.
TEST_CASE("bytes that are not UTF-8 become U+FFFD, one for each maximal bad part") {
  const std::string r = "\xEF\xBF\xBD";
  const auto written = [](const std::string& bytes) { return to_line(Json(bytes)); };
  CHECK(written("a\xF1\x80\x80\xE1\x80\xC2"
                "b\x80"
                "c\x80\xBF"
                "d") == "\"a" + r + r + r + "b" + r + "c" + r + r + "d\"");
  CHECK(written("\xC0\xAF") == "\"" + r + r + "\"");          // overlong
  CHECK(written("\xED\xA0\x80") == "\"" + r + r + r + "\"");  // surrogate
  CHECK(written("\xF4\x91\x92\x93\xFF"
                "A") == "\"" + r + r + r + r + r + "A\"");
  CHECK(written("x\xE2\x82") == "\"x" + r + "\"");  // cut off
  CHECK(written("\xF0\x9F\x99\x82") == "\"\xF0\x9F\x99\x82\"");
  CHECK(parse_json(written("\xFF"), "test") == Json(r));
}

TEST_CASE("what is not JSON is an Error that names its source") {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\":1}x", "nan", "Infinity", "'a'", "[1e999]", "\"\xFF\"", "01", "{a:1}"})
    CHECK(sentence_of([&] {
            parse_json(text, "events.jsonl:12");
          }).starts_with("events.jsonl:12: not valid JSON: "));
}

TEST_CASE("a damaged text of a megabyte gives a short sentence") {
  CHECK(sentence_of([] { parse_json("[\"" + std::string(1 << 20, 'x'), "t"); }).size() < 400);
}

// Reading is a loop, but copying and writing recurse: a hostile depth must end as an Error, not as a dead
// process.
TEST_CASE("deep nesting does not crash") {
  for (const size_t depth : {size_t{1000}, size_t{1001}, size_t{1000000}}) {
    for (const auto& [open, close] : {std::pair<std::string, std::string>{"[", "]"}, {"{\"a\":", "}"}}) {
      const std::string text = repeat(open, depth) + "1" + repeat(close, depth);
      if (depth <= 1000) {
        CHECK(to_line(parse_json(text, "t")) == text);
      } else {
        CHECK(sentence_of([&] { parse_json(text, "t"); }) == "t: nested more than 1000 levels deep");
        CHECK(sentence_of([&] { parse_json(repeat(open, depth), "t"); }) ==
              "t: nested more than 1000 levels deep");
      }
    }
  }
  const std::string brackets_in_text = repeat("\"", 1) + repeat("[{\\\"", 5000) + "\"";
  CHECK(to_line(parse_json(brackets_in_text, "t")) == brackets_in_text);
  const std::string side_by_side = repeat("[", 1) + repeat("[],{},", 3000) + "0]";
  CHECK(to_line(parse_json(side_by_side, "t")) == side_by_side);
}
