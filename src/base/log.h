// Talk to the person: one line each to stderr. Data goes to stdout, never through here.
#pragma once
#include <fmt/format.h>

#include <string>
#include <utility>

namespace andrea {

enum class Level { info, warning, error };
void say(Level level, const std::string& line);

template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
  say(Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
  say(Level::warning, fmt::format(text, std::forward<Args>(args)...));
}

// Is stderr a terminal that wants bars and colour (a TTY, TERM not "dumb")? Colour also needs NO_COLOR unset.
bool terminal_on_stderr();
bool colour_on_stderr();

}  // namespace andrea
