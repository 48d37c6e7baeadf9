// What every main does: parse, run, and make of errors a text and an exit code.
#pragma once
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"

namespace andrea {

// Parses the command line, then runs `body` (returns an exit code); says what was thrown.
template <class Body>
int run_program(CLI::App& app, int argc, char** argv, const Body& body) {
  wait_without_spinning(argv);
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
