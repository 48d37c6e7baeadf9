// What every main does: parse, run, and make of errors a text and an exit code.
#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"

namespace andrea {

// Holds an option's value, as it was typed, against a range: nothing is rounded, cut or wrapped.
template <class Number>
CLI::Validator number_between(Number least, Number most, const char* what) {
  return CLI::Validator(
      [=](const std::string& typed) {
        Number value{};
        const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), value);
        const bool whole = error == std::errc() && end == typed.data() + typed.size();
        if (whole && value >= least && value <= most) return std::string();  // NaN is neither
        return fmt::format("'{}' is not a {} from {} to {}", typed, what, least, most);
      },
      fmt::format("[{} - {}]", least, most));
}
inline CLI::Validator whole_number(int64_t least, int64_t most) {
  return number_between(least, most, "whole number");
}
inline CLI::Validator real_number(double least, double most) { return number_between(least, most, "number"); }

// Token stores are mapped into memory: when the disk cannot be read, or a store is cut, the system sends
// SIGBUS.
extern "C" inline void on_bus_error(int) {
  constexpr char kWords[] =
      "error: a file that is in use cannot be read: a disk error, or it was cut short meanwhile\n";
  (void)!::write(STDERR_FILENO, kWords, sizeof kWords - 1);
  ::_exit(kExitFailed);
}

// Parses the command line, then runs `body` (returns an exit code); says what was thrown.
template <class Body>
int run_program(CLI::App& app, int argc, char** argv, const Body& body) {
  wait_without_spinning(argv);
  std::signal(SIGBUS, on_bus_error);
  try {
    app.parse(argc, argv);
    return body();
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kExitDone : kExitUsage;
  } catch (const Error& e) {
    say(Level::error, e.what());
    if (!e.hint.empty()) say(Level::info, "  " + e.hint);
    return e.exit_code;
  } catch (const std::bad_alloc&) {
    say(Level::error, "out of memory; a smaller train.micro_batch or model needs less");
    return kExitFailed;
  } catch (const std::exception& e) {
    say(Level::error, e.what());
    return kExitFailed;
  }
}

}  // namespace andrea
