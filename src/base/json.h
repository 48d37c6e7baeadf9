// The only door to the JSON library. Keys keep their order, numbers read back to the same bits.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace andrea {

using Json = nlohmann::ordered_json;

// `where` names the source in the error ("events.jsonl:12"). Throws Error, also for more than 1000 levels of
// nesting. Duplicate keys: the last one counts.
Json parse_json(std::string_view text, const std::string& where);

// One line, no blanks. Non-finite numbers become null; bytes that are not UTF-8 become U+FFFD.
std::string to_line(const Json& value);

// The same, indented by two blanks and with a closing newline: for files that people read.
std::string to_pretty(const Json& value);

}  // namespace andrea
