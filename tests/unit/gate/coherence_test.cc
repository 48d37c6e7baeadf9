#include "gate/coherence.h"

#include <doctest/doctest.h>

#include "base/files.h"
#include "base/json.h"
#include "gate/english.h"

using namespace andrea;

namespace {

std::vector<std::string> texts_of(std::string_view text) {
  std::vector<std::string> texts;
  for (const TextToken& token : tokens_of(text)) texts.push_back(token.text);
  return texts;
}

}  // namespace

TEST_CASE("the four parts of the score, text by text, to 1e-4") {
  const Json vectors =
      parse_json(read_file(ANDREA_SOURCE_DIR "/tests/data/coherence_vectors.json"), "coherence_vectors.json");
  REQUIRE(vectors.size() == 18);
  for (const Json& v : vectors) {
    CAPTURE(v["name"].get<std::string>());
    const std::string text = v["text"];
    const Score s = coherence_score(text);
    const auto near = [&](double value, const char* key) {
      return std::abs(value - v[key].get<double>()) < 1e-4;
    };
    CHECK(near(s.bigram, "bigram"));
    CHECK(near(s.trigram, "trigram"));
    CHECK(near(s.english, "english"));
    CHECK(near(s.characters, "characters"));
    CHECK(near(s.total, "total"));
    CHECK(tokens_of(text).size() == v["tokens"].get<size_t>());
  }
}

TEST_CASE("words, numbers, apostrophes and marks") {
  using Texts = std::vector<std::string>;
  CHECK(texts_of("Don't STOP") == Texts{"don't", "stop"});
  CHECK(texts_of("it\u2019s the dogs' 'own'") == Texts{"it's", "the", "dogs", "'", "'", "own", "'"});
  CHECK(texts_of("rock 'n' roll") == Texts{"rock", "'", "n", "'", "roll"});
  CHECK(texts_of("a''b") == Texts{"a", "'", "'", "b"});
  CHECK(texts_of("3.14 and x1y") == Texts{"3", ".", "14", "and", "x", "1", "y"});
  CHECK(texts_of("e\u0301te\u0301 \u00c9T\u00c9") == Texts{"e\u0301te\u0301", "\u00e9t\u00e9"});
  CHECK(texts_of("\u0301a") == Texts{"\u0301", "a"});
  CHECK(texts_of("a\u00a0b\u3000c\u2028d\u0085e\tf") == Texts{"a", "b", "c", "d", "e", "f"});
  CHECK(texts_of("\xE2\x98 x") == Texts{"\uFFFD", "x"});
  CHECK(texts_of(" \n\t ").empty());
}

TEST_CASE("the word list: as Debian ships it, in lower case, of single letters only a and i") {
  const EnglishWords words;
  CHECK(words.size() > 90000);
  for (const char* word : {"a", "i", "the", "river", "don't", "monday", "\u00e9clair"})
    CHECK(words.contains(word));
  for (const char* word : {"b", "x", "budy", "Monday", "", "the "}) CHECK_FALSE(words.contains(word));
  CHECK(english_words_checksum().size() == 32);
  CHECK(english_words_notice().find("SCOWL") != std::string_view::npos);
}

TEST_CASE("white space, control bytes and bytes that are no UTF-8 have a score too") {
  CHECK(coherence_score("") == Score{});
  CHECK(coherence_score(std::string(420, '\n')) == Score{});
  const Score bad = coherence_score(std::string(500, '\xFF'));
  CHECK(bad.total < 1);
  CHECK(bad.total > 0);
  CHECK(coherence_score(std::string(500, '\0')).total < 1);
}
