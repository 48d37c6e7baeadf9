// Moments in logs.
#pragma once
#include <optional>
#include <string_view>

namespace andrea {

// Seconds since 1970 of "2026-11-25T04:32:41.123Z" (blank instead of T, comma instead of the point, no
// fraction, no Z, an offset like +01:00 are fine; without an offset it is UTC). nullopt for anything else.
std::optional<double> moment_of(std::string_view text);

}  // namespace andrea
