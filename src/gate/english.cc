#include "gate/english.h"

#include "base/checksum.h"
#include "gate/coherence.h"

namespace andrea {

EnglishWords::EnglishWords() {
  const std::string_view list = english_word_list();
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find('\n', begin), list.size());
    std::string word = lower_case_text(list.substr(begin, end - begin));
    if (word.size() > 1 || word == "a" || word == "i") words_.insert(std::move(word));
    begin = end + 1;
  }
}

std::string english_words_checksum() { return hash128(english_word_list()).hex(); }

}  // namespace andrea
