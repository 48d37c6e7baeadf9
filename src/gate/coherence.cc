#include "gate/coherence.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "base/utf8.h"
#include "gate/characters.h"
#include "gate/english.h"

namespace andrea {
namespace {

bool is_apostrophe(uint32_t code) { return code == '\'' || code == 0x2019; }

class TokenReader {
 public:
  explicit TokenReader(std::vector<uint32_t> codes) : codes_(std::move(codes)) {}

  std::vector<TextToken> all() {
    std::vector<TextToken> tokens;
    while (at_ < codes_.size()) {
      switch (kind_of(codes_[at_])) {
        case Kind::white_space:
          ++at_;
          break;
        case Kind::letter:
          tokens.push_back({word(), true});
          break;
        case Kind::digit:
          tokens.push_back({number(), false});
          break;
        default:
          tokens.push_back({{}, false});
          append_utf8(codes_[at_++], tokens.back().text);
      }
    }
    return tokens;
  }

 private:
  bool is(size_t at, Kind kind) const { return at < codes_.size() && kind_of(codes_[at]) == kind; }

  std::string word() {
    std::string text;
    for (;;) {
      if (is(at_, Kind::letter) || is(at_, Kind::mark)) {
        append_utf8(lower_case(codes_[at_++]), text);
      } else if (at_ < codes_.size() && is_apostrophe(codes_[at_]) && is(at_ + 1, Kind::letter)) {
        text += '\'';
        ++at_;
      } else {
        return text;
      }
    }
  }

  std::string number() {
    std::string text;
    while (is(at_, Kind::digit)) append_utf8(codes_[at_++], text);
    return text;
  }

  std::vector<uint32_t> codes_;
  size_t at_ = 0;
};

// Distinct N-grams / N-grams of a sequence of ids.
template <size_t N>
double distinct_share(const std::vector<uint32_t>& ids) {
  if (ids.size() < N) return 0;
  std::vector<std::array<uint32_t, N>> grams(ids.size() + 1 - N);
  for (size_t i = 0; i < grams.size(); ++i) std::copy_n(ids.begin() + int64_t(i), N, grams[i].begin());
  const double all = double(grams.size());
  std::sort(grams.begin(), grams.end());
  return double(std::unique(grams.begin(), grams.end()) - grams.begin()) / all;
}

}  // namespace

std::vector<TextToken> tokens_of(std::string_view text) { return TokenReader(characters_of(text)).all(); }

Score coherence_score(std::string_view text) {
  static const EnglishWords english_words;
  const std::vector<uint32_t> codes = characters_of(text);
  const std::vector<TextToken> tokens = TokenReader(codes).all();
  if (tokens.empty()) return {};
  std::unordered_map<std::string, uint32_t> numbers;  // of each distinct token
  std::vector<uint32_t> ids;
  double english = 0;
  for (const TextToken& token : tokens) {
    const auto [found, is_new] = numbers.try_emplace(token.text, uint32_t(numbers.size()));
    ids.push_back(found->second);
    if (is_new && token.is_word && english_words.contains(token.text)) ++english;
  }
  std::unordered_set<uint32_t> characters;
  for (const uint32_t code : codes)
    if (kind_of(code) != Kind::white_space) characters.insert(code);
  Score s;
  s.bigram = 35 * distinct_share<2>(ids);
  s.trigram = 35 * distinct_share<3>(ids);
  s.english = 20 * std::min(1.0, 2 * english / double(tokens.size()));
  s.characters = 10 * std::min(1.0, double(characters.size()) / 30);
  s.total = s.bigram + s.trigram + s.english + s.characters;
  return s;
}

}  // namespace andrea
