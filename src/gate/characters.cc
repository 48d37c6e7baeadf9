#include "gate/characters.h"

#include <utf8proc.h>

#include "base/utf8.h"

namespace andrea {

Kind kind_of(uint32_t code) {
  if ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') return Kind::letter;  // most of them, without the tables
  if (code >= '0' && code <= '9') return Kind::digit;
  if (code == ' ') return Kind::white_space;
  if ((code >= 9 && code <= 13) || code == 0x85) return Kind::white_space;  // controls by their category
  switch (utf8proc_category(utf8proc_int32_t(code))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return Kind::letter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return Kind::mark;
    case UTF8PROC_CATEGORY_ND:
      return Kind::digit;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return Kind::white_space;
    default:
      return Kind::other;
  }
}

uint32_t lower_case(uint32_t code) {
  if (code < 0x80) return code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
  return uint32_t(utf8proc_tolower(utf8proc_int32_t(code)));
}

void append_utf8(uint32_t code, std::string& to) {
  if (code < 0x80) {
    to += char(code);
    return;
  }
  utf8proc_uint8_t bytes[4];
  const auto count = utf8proc_encode_char(utf8proc_int32_t(code), bytes);
  to.append(reinterpret_cast<const char*>(bytes), size_t(count));
}

std::vector<uint32_t> characters_of(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::vector<uint32_t> codes;
  for (std::string_view rest = valid; !rest.empty();) {
    const Character c = first_character(rest);
    codes.push_back(c.code);
    rest.remove_prefix(c.bytes);
  }
  return codes;
}

std::string lower_case_text(std::string_view text) {
  std::string lower;
  for (const uint32_t code : characters_of(text)) append_utf8(lower_case(code), lower);
  return lower;
}

}  // namespace andrea
