// Sentencepiece model files made by hand, for tests: a protocol buffer with pieces, model type and
// normaliser. Field numbers: sentencepiece_model.proto of the sentencepiece project.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace andrea {

struct ModelFile {
  enum Kind { text = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };
  struct Piece {
    std::string piece;
    float score;
    Kind kind;
  };
  std::vector<Piece> pieces;
  int model_type = 2;  // 1 unigram, 2 BPE
  bool add_dummy_prefix = false;
  std::string normalisation;  // a table of rules

  // unknown, BOS, the bytes, then `learned` with falling scores.
  explicit ModelFile(const std::vector<std::string>& learned) {
    pieces = {{"<unk>", 0, unknown}, {"<s>", 0, control}};
    for (int b = 0; b < 256; ++b) pieces.push_back({fmt::format("<0x{:02X}>", b), 0, byte});
    for (size_t i = 0; i < learned.size(); ++i) pieces.push_back({learned[i], -float(i), text});
  }

  std::string bytes() const {
    std::string model;
    for (const Piece& p : pieces) {
      std::string score(4, '\0');
      std::memcpy(score.data(), &p.score, 4);
      std::string one = block(1, p.piece) + '\x15' + score;
      if (p.kind != text) one += number(3, uint64_t(p.kind));
      model += block(1, one);
    }
    const auto minus_one = ~uint64_t{0};
    model += block(2, number(3, uint64_t(model_type)) + number(4, pieces.size()) + number(35, 1) +
                          number(40, 0) + number(41, 1) + number(42, minus_one) + number(43, minus_one));
    model +=
        block(3, block(1, "identity") + block(2, normalisation) + number(3, add_dummy_prefix) + number(4, 0));
    return model;
  }

 private:
  static std::string varint(uint64_t value) {
    std::string bytes;
    for (; value >= 128; value >>= 7) bytes += char(value | 128);
    return bytes + char(value);
  }
  static std::string number(uint64_t field, uint64_t value) { return varint(field << 3) + varint(value); }
  static std::string block(uint64_t field, const std::string& value) {
    return varint(field << 3 | 2) + varint(value.size()) + value;
  }
};

// Blank, the letters a to z, and a few merges.
inline std::vector<std::string> few_pieces() {
  std::vector<std::string> learned = {"\xE2\x96\x81t",
                                      "he",
                                      "\xE2\x96\x81the",
                                      "an",
                                      "\xE2\x96\x81"
                                      "an",
                                      "\xE2\x96\x81"};
  for (char c = 'a'; c <= 'z'; ++c) learned.emplace_back(1, c);
  return learned;
}

}  // namespace andrea
