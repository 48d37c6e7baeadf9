// What kind of character this is, by the Unicode tables of utf8proc.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace andrea {

enum class Kind {
  letter,       // L*
  mark,         // M*
  digit,        // Nd
  white_space,  // the property White_Space
  other,
};
Kind kind_of(uint32_t code);

uint32_t lower_case(uint32_t code);  // character by character
void append_utf8(uint32_t code, std::string& to);

std::vector<uint32_t> characters_of(std::string_view text);  // bad UTF-8 reads as U+FFFD
std::string lower_case_text(std::string_view text);

}  // namespace andrea
