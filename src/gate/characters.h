// What kind of character this is, by the Unicode tables of utf8proc.
#pragma once
#include <cstdint>
#include <string>

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

}  // namespace andrea
