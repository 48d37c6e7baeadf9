#include "gate/english.h"

#include <algorithm>
#include <cstdint>

#include "base/checksum.h"
#include "gate/characters.h"

namespace andrea {
namespace {

// Most words are ASCII and need no tables.
std::string lower(std::string_view word) {
  if (std::any_of(word.begin(), word.end(), [](char c) { return uint8_t(c) >= 0x80; }))
    return lower_case_text(word);
  std::string text(word);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return text;
}

}  // namespace

EnglishWords::EnglishWords() {
  const std::string_view list = english_word_list();
  words_.reserve(size_t(std::count(list.begin(), list.end(), '\n')));
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find('\n', begin), list.size());
    std::string word = lower(list.substr(begin, end - begin));
    if (word.size() > 1 || word == "a" || word == "i") words_.insert(std::move(word));
    begin = end + 1;
  }
}

std::string english_words_checksum() { return hash128(english_word_list()).hex(); }

}  // namespace andrea
