// The one place where errors become text and an exit code.
#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "base/error.h"
#include "base/log.h"

namespace andrea {

// Runs `body` (returns an exit code); says what was thrown.
template <class Body>
int run_program(const Body& body) {
  try {
    return body();
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
