// What every main does: parse, run, and make of errors a text and an exit code.
#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"
#include "config/suggest.h"

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

// For the end of --help.
inline constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 something failed (a file, the disk, memory), 2 the command line or the config is "
    "wrong";

// A sentence about a command line that is not understood.
inline std::string wrong_arguments(const CLI::App& app, const CLI::ParseError& e) {
  if (e.get_exit_code() != int(CLI::ExitCodes::ExtrasError)) return e.what();
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    if (const std::string name = option->get_name(); name.starts_with("--")) known.push_back(name);
  const std::vector<std::string> extra = app.remaining();
  const auto is_option = [](const std::string& word) { return word.starts_with("-") && word != "--"; };
  const auto first = std::find_if(extra.begin(), extra.end(), is_option);
  if (first == extra.end())
    return fmt::format("'{}' is one word too many", extra.empty() ? std::string() : extra[0]);
  const std::string name = first->substr(0, first->find('='));
  const std::string nearest = nearest_name(name, known);
  return fmt::format("there is no option {}", name) +
         (nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
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
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    say(Level::error, wrong_arguments(app, e));
    say(Level::info, fmt::format("  {} --help lists what there is", app.get_name()));
    return kExitUsage;
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
