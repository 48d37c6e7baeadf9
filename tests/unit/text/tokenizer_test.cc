#include "text/tokenizer.h"

#include "text/model_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/rng.h"
#include "base/threads.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/text/model_file.h"
#include "text/sentencepiece_model.h"

using namespace andrea;

namespace {

const Path kModel = ANDREA_SOURCE_DIR "/tokenizer/andrea-8449.model";

const Tokenizer& shipped() {
  static const Tokenizer tokenizer(kModel);
  return tokenizer;
}

std::string utf8(uint32_t code) {
  if (code < 0x80) return {char(code)};
  if (code < 0x800) return {char(0xC0 | code >> 6), char(0x80 | (code & 63))};
  if (code < 0x10000)
    return {char(0xE0 | code >> 12), char(0x80 | (code >> 6 & 63)), char(0x80 | (code & 63))};
  return {char(0xF0 | code >> 18), char(0x80 | (code >> 12 & 63)), char(0x80 | (code >> 6 & 63)),
          char(0x80 | (code & 63))};
}

// A code point that is no surrogate, small ones more often.
std::string random_character(Rng& rng) {
  const uint64_t limits[] = {0x80, 0x250, 0x3000, 0x10000, 0x110000};
  for (;;) {
    const auto code = uint32_t(rng.below(limits[rng.below(5)]));
    if (code < 0xD800 || code > 0xDFFF) return utf8(code);
  }
}

const std::vector<std::string>& nasty() {
  using namespace std::string_literals;
  static const std::vector<std::string> all = {
      ""s,
      " "s,
      "  "s,
      std::string(5000, ' '),
      "a"s,
      " a"s,
      "a "s,
      "  a  b  "s,
      "\t\t\tif (x)\t{\n"s,
      "\n"s,
      "\n\n\n\n"s,
      "\r\n\r\n"s,
      "\r"s,
      "\0"s,
      "a\0b\0\0c"s,
      "\x01\x02\x1B[31mred\x1B[0m\x7F"s,
      "\v\f\b\a"s,
      "<s>"s,
      "</s>"s,
      "<unk>"s,
      "<pad>"s,
      "<0x41>"s,
      " <s> the <0x0A> and </s>"s,
      "\xE2\x96\x81"s,
      "\xE2\x96\x81the \xE2\x96\x81 the\xE2\x96\x81"s,
      "\xE2\x96\x81\xE2\x96\x81\xE2\x96\x81\xE2\x96\x81"s,
      "\xE2\x96"s,                   // U+2581 cut off
      " \xE2\x96\x80\xE2\x96\x82"s,  // its neighbours
      "\xE2\x81\x87"s,               // what sentencepiece prints for an unknown piece
      "\xEF\xBF\xBD"s,               // U+FFFD
      "\xEF\xBB\xBFwith a BOM"s,
      "\xC2\xA0no-break\xE2\x80\x89thin\xE3\x80\x80wide"s,
      "\xC0\xAF\xE0\x80\xAF\xF0\x80\x80\xAF"s,      // overlong
      "\xED\xA0\x80\xED\xBF\xBF"s,                  // surrogates
      "\xF4\x90\x80\x80\xF5\x80\x80\x80\xFF\xFE"s,  // beyond Unicode
      "\x80\x80\x80"s,
      "\xE4\xB8"s,
      "ab\xE4\xB8yz"s,
      "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7 family"s,
      "\xE4\xB8\xAD\xE6\x96\x87\xE6\xB2\xA1\xE6\x9C\x89\xE7\xA9\xBA\xE6\xA0\xBC"s,
      "e\xCC\x81 \xC3\xA9 \xEF\xAC\x81 \xEF\xBC\xA1"s,
      "12345678901234567890 3.14159 1,000,000"s,
      std::string(3077, 'x'),
      std::string(100000, 'e'),
  };
  return all;
}

// An independent reading of what UTF-8 is: a sequence is valid when it is the encoding of a code point.
int64_t invalid_bytes(std::string_view text) {
  int64_t invalid = 0;
  for (size_t at = 0; at < text.size();) {
    size_t valid = 0;
    for (size_t length = 1; length <= 4 && at + length <= text.size() && valid == 0; ++length) {
      const auto lead = uint8_t(text[at]);
      uint32_t code = length == 1 ? lead : length == 2 ? lead & 31 : length == 3 ? lead & 15 : lead & 7;
      for (size_t i = 1; i < length; ++i) code = code << 6 | (uint8_t(text[at + i]) & 63);
      const bool scalar = code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
      if (scalar && utf8(code) == text.substr(at, length)) valid = length;
    }
    invalid += valid == 0;
    at += std::max<size_t>(valid, 1);
  }
  return invalid;
}

// Everything that must hold for any bytes; one CHECK a text keeps thousands of texts fast.
bool round_trip(const Tokenizer& tokenizer, const std::string& text) {
  EncodeStats stats;
  const auto ids = tokenizer.encode(text, &stats);
  const bool in_range = std::all_of(ids.begin(), ids.end(), [&](uint16_t id) {
    return id >= Tokenizer::kFirstByte && id < tokenizer.vocab_size();
  });
  return in_range && tokenizer.decode(ids) == text && stats.invalid_bytes == invalid_bytes(text);
}

std::string random_text(Rng& rng, int kind) {
  std::string text;
  const uint64_t length = rng.below(60);
  for (uint64_t i = 0; i < length; ++i) {
    const int what = kind == 3 ? int(rng.below(4)) : kind;
    if (what == 0) text += char(rng.below(256));
    if (what == 1) text += random_character(rng);
    if (what == 2) text += shipped().piece_bytes(uint16_t(rng.below(uint64_t(shipped().vocab_size()))));
    if (what == 3) text += nasty()[rng.below(nasty().size())].substr(0, 40);
  }
  return text;
}

}  // namespace

TEST_CASE("the shipped model has the layout that the model's files rely on") {
  const Tokenizer& t = shipped();
  CHECK(t.vocab_size() == 8449);
  CHECK(t.piece_bytes(Tokenizer::kUnk).empty());
  CHECK(t.piece_bytes(Tokenizer::kBos).empty());
  for (int b = 0; b < 256; ++b)
    CHECK(t.piece_bytes(uint16_t(Tokenizer::kFirstByte + b)) == std::string(1, char(b)));
  CHECK(t.encode("\n") == std::vector<uint16_t>{Tokenizer::kFirstByte + '\n'});
  CHECK(t.fingerprint() == hash128(read_file(kModel)));
}

TEST_CASE("nasty texts come back byte for byte") {
  for (const std::string& text : nasty()) {
    CAPTURE(text.substr(0, 60));
    CHECK(round_trip(shipped(), text));
  }
  std::string bytes;
  for (int b = 0; b < 256; ++b) bytes += char(b);
  CHECK(round_trip(shipped(), bytes));
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) bytes += char(a), bytes += char(b);
  CHECK(round_trip(shipped(), bytes));
}

TEST_CASE("random bytes, random characters, pieces and mixtures come back byte for byte") {
  Rng rng = stream(1, Purpose::test, 0);
  for (int i = 0; i < 8000; ++i) {
    const std::string text = random_text(rng, i % 4);
    CAPTURE(i);
    REQUIRE(round_trip(shipped(), text));
  }
}

TEST_CASE("the pieces are sentencepiece's own") {
  const SentencepieceModel judge(read_file(kModel), "judge");
  const auto same = [&](const std::string& text) {
    const auto expected = judge.encode(text);
    const auto got = shipped().encode(text);
    return std::equal(got.begin(), got.end(), expected.begin(), expected.end());
  };
  Rng rng = stream(1, Purpose::test, 1);
  int compared = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = random_text(rng, 1 + i % 2);
    // The blank sign as a letter, and what is no UTF-8 (byte pieces in a row), are where we differ on
    // purpose.
    if (text.find("\xE2\x96\x81") != std::string::npos || invalid_bytes(text) > 0) continue;
    CAPTURE(text);
    REQUIRE(same(text));
    ++compared;
  }
  CHECK(compared > 2000);
  CHECK(same(read_file(ANDREA_SOURCE_DIR "/LICENSE")));
  CHECK(same(read_file(ANDREA_SOURCE_DIR "/CMakeLists.txt")));
  CHECK(same(std::string(5000, 'x')));
}

TEST_CASE("encoding does not depend on where a text is cut at its line ends") {
  Rng rng = stream(1, Purpose::test, 2);
  for (int i = 0; i < 1000; ++i) {
    std::string whole;
    std::vector<uint16_t> parts;
    for (uint64_t lines = rng.below(5); lines > 0; --lines) {
      const std::string line = random_text(rng, 3) + "\n";
      whole += line;
      shipped().encode(line, parts);
    }
    REQUIRE(shipped().encode(whole) == parts);
  }
}

TEST_CASE("a long line is sentencepiece's own too; a word longer than a run is cut there") {
  const SentencepieceModel judge(read_file(kModel), "judge");
  Rng rng = stream(1, Purpose::test, 5);
  std::string line;
  while (line.size() < 10 * Tokenizer::kLongestRun) {
    line += std::string(rng.below(3), ' ');
    line += shipped().piece_bytes(uint16_t(Tokenizer::kFirstLearned + rng.below(8000)));
    if (rng.below(10) == 0) line += "\xE4\xB8\xAD\xC3\xA9";
  }
  const auto expected = judge.encode(line);
  const auto got = shipped().encode(line);
  CHECK(std::equal(got.begin(), got.end(), expected.begin(), expected.end()));

  const std::string longest(Tokenizer::kLongestRun, 'e');
  std::vector<uint16_t> parts = shipped().encode(longest);
  shipped().encode("eee", parts);
  CHECK(shipped().encode(longest + "eee") == parts);
}

TEST_CASE("many threads encode at once with the same result") {
  std::vector<std::string> texts;
  Rng rng = stream(1, Purpose::test, 3);
  for (int i = 0; i < 64; ++i) texts.push_back(random_text(rng, 3));
  std::vector<std::vector<uint16_t>> together(texts.size());
  set_threads(4);
  parallel_for(int64_t(texts.size()),
               [&](int64_t i) { together[size_t(i)] = shipped().encode(texts[size_t(i)]); });
  for (size_t i = 0; i < texts.size(); ++i) CHECK(together[i] == shipped().encode(texts[i]));
}

TEST_CASE("decode refuses an id that is no piece") {
  const std::vector<uint16_t> ids = {8449};
  CHECK_THROWS_AS(shipped().decode(ids), std::logic_error);
}

TEST_CASE("models of another layout are refused with a sentence") {
  TemporaryFolder folder;
  const Path path = folder.path() / "some.model";
  const auto refusal = [&](const ModelFile& model) {
    write_text(path, model.bytes());
    const std::string sentence = sentence_of([&] { Tokenizer tokenizer(path); });
    return sentence.starts_with(path.string() + ": ") ? sentence.substr(path.string().size() + 2) : sentence;
  };
  using Kind = ModelFile::Kind;
  const ModelFile good(few_pieces());

  CHECK(refusal(good) == "no error");
  const Tokenizer few(path);
  CHECK(few.vocab_size() == 258 + 32);
  CHECK(few.encode(" the") == std::vector<uint16_t>{260});
  CHECK(few.encode("the") == std::vector<uint16_t>{264 + 't' - 'a', 259});

  ModelFile m = good;
  m.pieces[0].kind = Kind::control, m.pieces[1].kind = Kind::unknown;
  CHECK(refusal(m) == "piece 0 is not the unknown piece");
  m = good, m.pieces[1].kind = Kind::user_defined;
  CHECK(refusal(m) == "piece 1 is not the begin of a document");
  m = good, std::swap(m.pieces[2], m.pieces[3]);
  CHECK(refusal(m) == "piece 2 is not the byte piece <0x00>");
  m = good, m.pieces.insert(m.pieces.begin() + 2, {"</s>", 0, Kind::control});
  CHECK(refusal(m) == "piece 2 is not the byte piece <0x00>");
  m = good, m.pieces[260].kind = Kind::unused;
  CHECK(refusal(m) == "piece 260 is not a learned piece");
  m = good, m.pieces[259].piece = "h\n";
  CHECK(refusal(m) == "piece 259 holds a line end or a plain blank");
  m = good, m.pieces[259].piece = "h e";
  CHECK(refusal(m) == "piece 259 holds a line end or a plain blank");
  m = good, m.pieces[259].piece = "e\xE2\x96\x81";
  CHECK(refusal(m) == "piece 259 has a blank behind a letter");
  m = good, m.pieces.resize(258);
  CHECK(refusal(m) == "the model has 258 pieces; 259 to 65535 are possible");
  m = good, m.add_dummy_prefix = true;
  CHECK(refusal(m).starts_with("the model normalises text or adds a prefix (seen with '"));
}

TEST_CASE("a damaged model file gives a sentence or a tokenizer that still loses nothing") {
  TemporaryFolder folder;
  const Path path = folder.path() / "damaged.model";
  const std::string good = read_file(kModel);
  const auto loads = [&](const std::string& bytes) {
    write_text(path, bytes);
    const std::string sentence = sentence_of([&] {
      const Tokenizer tokenizer(path);
      CHECK(tokenizer.decode(tokenizer.encode(nasty()[20] + nasty()[32])) == nasty()[20] + nasty()[32]);
    });
    return sentence == "no error" ? "" : sentence.substr(path.string().size());
  };
  CHECK(loads("") == " is not a whole sentencepiece model");
  CHECK(loads("no model at all\n") == " is not a whole sentencepiece model");
  CHECK(loads(good.substr(0, good.size() / 2)) == " is not a whole sentencepiece model");
  CHECK(sentence_of([&] { Tokenizer none(folder.path() / "missing"); }).starts_with("cannot read "));
  CHECK(sentence_of([&] { Tokenizer none(folder.path()); }).ends_with(" is not a regular file"));
  Rng rng = stream(1, Purpose::test, 4);
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    std::string bytes = good;
    for (int flips = i % 3 == 0 ? 1 : 20; flips > 0; --flips)
      bytes[rng.below(bytes.size())] = char(rng.below(256));
    refused += !loads(bytes).empty();
  }
  CHECK(refused > 30);  // 40 of the 60 have 20 wrong bytes
}

TEST_CASE("what the library might stumble over is seen before it sees the file") {
  const auto refusal = [&](const ModelFile& model) {
    return sentence_of([&] { check_model_file(model.bytes(), "x.model"); });
  };
  const ModelFile good(few_pieces());
  CHECK(refusal(good) == "no error");
  CHECK(sentence_of([&] { check_model_file(read_file(kModel), "x.model"); }) == "no error");
  ModelFile m = good;
  m.pieces[259].piece = "";
  CHECK(refusal(m) == "x.model is damaged: piece 259 is empty");
  m = good, m.pieces[259].piece = std::string(513, 'x');
  CHECK(refusal(m) == "x.model is damaged: piece 259 has more than 512 bytes");
  m = good, m.pieces[259].piece = "\xFF";
  CHECK(refusal(m) == "x.model is damaged: piece 259 is not valid UTF-8");
  m = good, m.pieces[259].score = std::numeric_limits<float>::infinity();
  CHECK(refusal(m) == "x.model is damaged: piece 259 has a score that is not finite");
  m = good, m.pieces[259].kind = ModelFile::Kind(7);
  CHECK(refusal(m) == "x.model is damaged: piece 259 is of no known kind");
  m = good, m.model_type = 1;
  CHECK(refusal(m) == "x.model is not a BPE model");
  m = good, m.normalisation = "a table";
  CHECK(refusal(m) == "x.model normalises text, and so would change it");
  const std::string bytes = good.bytes();
  for (size_t size = 0; size < bytes.size(); size += 7)
    CHECK(
        sentence_of([&] { check_model_file(bytes.substr(0, size), "x.model"); }).starts_with("x.model is "));
}
