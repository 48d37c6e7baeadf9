// The coherence score of a text, 0 to 100: is this language, or a loop?
//
//   score = 35 d2 + 35 d3 + 20 min(1, 2 E / n) + 10 min(1, C / 30)
//
// over n tokens: words in lower case, numbers, and every other character that is not white space on its own.
// dN = distinct N-grams / N-grams (0 when there are none), E = distinct words of the English list, C =
// distinct characters that are not white space, case kept. It does not see word salad: docs/gate.md.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/event.h"

namespace andrea {

struct TextToken {
  std::string text;  // a word in lower case, a number, or one character
  bool is_word;
  bool operator==(const TextToken&) const = default;
};

// A word is a run of letters and their combining marks, with an apostrophe (' or U+2019, read as ') inside
// when a letter follows; a number is a run of decimal digits. Bad UTF-8 reads as U+FFFD.
std::vector<TextToken> tokens_of(std::string_view text);

// The word list is read at the first call of a program. Safe to call from many threads.
Score coherence_score(std::string_view text);

}  // namespace andrea
