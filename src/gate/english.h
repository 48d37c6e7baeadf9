// The English words: Debian's american-english (package wamerican, SCOWL), built into the program.
#pragma once
#include <string>
#include <string_view>
#include <unordered_set>

namespace andrea {

class EnglishWords {
 public:
  EnglishWords();  // reads the list, about 100,000 words
  // `word` in lower case. Of single letters only "a" and "i".
  bool contains(const std::string& word) const { return words_.contains(word); }
  size_t size() const { return words_.size(); }

 private:
  std::unordered_set<std::string> words_;
};

std::string_view english_word_list();     // the file as it was, a word a line
std::string_view english_words_notice();  // its copyright notice
std::string english_words_checksum();     // XXH3-128 of the list

}  // namespace andrea
