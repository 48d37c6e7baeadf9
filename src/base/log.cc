#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace andrea {
namespace {

spdlog::logger& logger() {
  static spdlog::logger the_logger("andrea", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  static const bool ready = [] {
    the_logger.set_pattern("%v");
    return true;
  }();
  (void)ready;
  return the_logger;
}

}  // namespace

void say(Level level, const std::string& line) {
  const bool colour = colour_on_stderr();
  const char* off = colour ? "\033[0m" : "";
  switch (level) {
    case Level::info:
      logger().info("{}", line);
      break;
    case Level::warning:
      logger().warn("{}warning:{} {}", colour ? "\033[33m" : "", off, line);
      break;
    case Level::error:
      logger().error("{}error:{} {}", colour ? "\033[31m" : "", off, line);
      break;
  }
  logger().flush();
}

bool terminal_on_stderr() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term && std::string_view(term) != "dumb";
}

bool colour_on_stderr() {
  const char* no_color = std::getenv("NO_COLOR");
  return terminal_on_stderr() && !(no_color && *no_color);
}

}  // namespace andrea
