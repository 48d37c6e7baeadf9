#include "config/yaml.h"

#include <doctest/doctest.h>

#include <string>

using namespace andrea;
using Kind = YamlNode::Kind;

namespace {

// The mistakes of a text, "LINE: SENTENCE" each.
std::vector<std::string> mistakes_of(const std::string& text) {
  std::vector<std::string> all;
  for (const YamlMistake& m : parse_yaml(text).mistakes)
    all.push_back(std::to_string(m.line) + ": " + m.sentence);
  return all;
}
using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("yaml: a tree with the lines of its keys") {
  const YamlText yaml = parse_yaml("# comment\na:\n  b: 1\n  c: \"2\"\nd: [x, {e: 5}]\nf:\n");
  REQUIRE(yaml.mistakes.empty());
  REQUIRE(yaml.root.kind == Kind::map);
  REQUIRE(yaml.root.items.size() == 3);
  const YamlNode &a = yaml.root.items[0], &d = yaml.root.items[1], &f = yaml.root.items[2];
  CHECK(a.key == "a");
  CHECK(a.line == 2);
  REQUIRE(a.items.size() == 2);
  CHECK(a.items[0].key == "b");
  CHECK(a.items[0].text == "1");
  CHECK(a.items[0].line == 3);
  CHECK_FALSE(a.items[0].quoted);
  CHECK(a.items[1].text == "2");
  CHECK(a.items[1].quoted);
  REQUIRE(d.kind == Kind::list);
  REQUIRE(d.items.size() == 2);
  CHECK(d.items[0].text == "x");
  CHECK(d.items[1].items[0].key == "e");
  CHECK(f.kind == Kind::nothing);
  CHECK(f.line == 6);
}

TEST_CASE("yaml: Windows line ends, a byte order mark and letters beyond ASCII are text like any other") {
  const YamlText yaml = parse_yaml(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: \"\xC3\xA4\xF0\x9F\x98\x80\"\r\n");
  REQUIRE(yaml.mistakes.empty());
  REQUIRE(yaml.root.items.size() == 2);
  CHECK(yaml.root.items[0].text == "1");
  CHECK(yaml.root.items[1].text == "\xC3\xA4\xF0\x9F\x98\x80");
  CHECK(yaml.root.items[1].line == 2);
}

TEST_CASE("yaml: quotes that end, and quotes that do not") {
  CHECK(parse_yaml("a: 'it''s'\nb: \"x\\\"y\"\nc: ''\n").mistakes.empty());
  CHECK(parse_yaml("a: 'it''s'\n").root.items[0].text == "it's");
  CHECK(mistakes_of("a: \"\xC3\xA4\"\nb: \"x\nc: 2\n") ==
        Strings{"2: a \" opens a text that is never closed"});
  CHECK(mistakes_of("a: 'it''s\n") == Strings{"1: a ' opens a text that is never closed"});
  CHECK(mistakes_of("a: \"x\\\"\n") == Strings{"1: a \" opens a text that is never closed"});
}

TEST_CASE("yaml: what strictness refuses, with its line") {
  CHECK(mistakes_of("a: &x 1\nb: *x\n") ==
        Strings{"1: anchors (&) are not supported; write the value out where it is needed",
                "2: aliases (*) are not supported; write the value out"});
  CHECK(mistakes_of("a: !!int 1\nb: !!map {c: 1}\n") ==
        Strings{"1: tags (!) are not supported; write the value alone",
                "2: tags (!) are not supported; write the value alone"});
  CHECK(mistakes_of("g:\n  a: 1\n  b: 2\n  a: 3\n") ==
        Strings{"4: g.a is given twice; the first is in line 2"});
  CHECK(mistakes_of("g: {a: 1}\ng: {b: 1}\n") == Strings{"2: g is given twice; the first is in line 1"});
  CHECK(mistakes_of("[1, 2]: 3\n") == Strings{"1: a key must be a plain word"});
  CHECK(mistakes_of("~: 3\n") == Strings{"1: a key must be a plain word"});
  CHECK(mistakes_of("a: 1\n---\nb: 2\n") ==
        Strings{"2: a second document begins; a config is one document, without ---"});
  CHECK(mistakes_of("a: [[[[[[[1]]]]]]]\n").empty());
  CHECK(mistakes_of("a: [[[[[[[[1]]]]]]]]\n") == Strings{"1: nested more than 8 levels deep"});
}

TEST_CASE("yaml: grammar in plain words") {
  CHECK(mistakes_of("a: [1, 2\nb: 3\n") == Strings{"2: this is not valid YAML: a '[' has no ']'"});
  CHECK(mistakes_of("a: {b: 1\n") == Strings{"2: this is not valid YAML: a '{' has no '}'"});
  CHECK(mistakes_of("a: 1]\nb: [1]]\n") == Strings{"2: this is not valid YAML: a ']' or '}' closes nothing"});
  CHECK(mistakes_of("a:\n\tb: 2\n") ==
        Strings{"2: this is not valid YAML: a tab in the indentation; use blanks"});
  CHECK(
      mistakes_of("a: @b\n") ==
      Strings{"1: this is not valid YAML: a character that no value can begin with; put the text in quotes"});
  CHECK(mistakes_of("a: b: c\n") ==
        Strings{"1: this is not valid YAML: a ':' where no value can begin; check the "
                "indentation, and put texts that hold ': ' in quotes"});
  CHECK(mistakes_of("a: 1\n- b\n") ==
        Strings{"2: this is not valid YAML: a line that is no 'key: value' among lines "
                "that are; check the indentation"});
}

TEST_CASE("yaml: bytes that are no text") {
  CHECK(mistakes_of("a: 1\nb: \xFF\n") == Strings{"2: this is not UTF-8 text (byte 0xFF)"});
  CHECK(mistakes_of("\xFF\xFE"
                    "a\0:\0") == Strings{"1: this is not UTF-8 text (byte 0xFF)"});
  CHECK(mistakes_of(std::string("\x7F"
                                "ELF\x02\x01\x01\0\0",
                                9)) == Strings{"1: this is not text (control byte 0x02)"});
  CHECK(mistakes_of("a: 1\rb: 2\n") == Strings{"1: this is not text (control byte 0x0D)"});
  CHECK(mistakes_of(std::string((size_t{1} << 20) + 1, '#')) ==
        Strings{"0: 1048577 bytes long; a config has at most 1048576"});
  CHECK(mistakes_of(std::string(size_t{1} << 20, '#')).empty());
}

TEST_CASE("yaml: UTF-8 as RFC 3629 has it") {
  for (const char* good : {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(is_utf8(good));
  for (const char* bad : {"\x80", "\xC1\xBF", "\xC3", "\xC3z", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"})
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("yaml: hostile nesting and size end in a mistake or in what is no config, not in a crash") {
  for (const std::string unit :
       {"[", "{", "- ", "? ", "a: ", "{a: ", "[[],", "\"", "&a ", "!", "*a ", "| ", "%", "--- ", ": "}) {
    std::string text;
    while (text.size() + unit.size() <= kMaxYamlBytes / 16) text += unit;
    CAPTURE(unit);
    const YamlText yaml = parse_yaml(text);
    CHECK((!yaml.mistakes.empty() || yaml.root.kind != Kind::map));
  }
}

TEST_CASE("yaml: no prefix of a config and no changed byte of it escapes") {
  const std::string text =
      "run: {name: \"x\", dir: './y'}\nmodel:\n  d_model: 7 # c\narms:\n- name: a\n  path: |\n    p\n- b\n";
  int refused = 0;
  for (size_t n = 0; n <= text.size(); ++n) refused += !mistakes_of(text.substr(0, n)).empty();
  for (size_t i = 0; i < text.size(); ++i)
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[i] = char(byte);
      refused += !mistakes_of(changed).empty();  // no exception and no crash is what is asked
    }
  CHECK(refused > 0);
}
