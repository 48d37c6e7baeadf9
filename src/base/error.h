// The two ways in which something can be wrong.
//
// The world is wrong (a file, a config, an argument): throw Error. main prints its sentence and hint and
// exits with its code; on the way only those catch it who can go on without (an older checkpoint) or have
// something to write down first. We are wrong (a shape mismatch, a broken invariant): check(), always on.
// Wrong numbers (a NaN loss) are neither: they are an observation that the training loop acts upon.
#pragma once
#include <stdexcept>
#include <string>

namespace andrea {

// Exit codes of every program. 128 + n means: stopped and saved by signal n.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;  // usage, config, or an occupied run folder
inline constexpr int kExitHalted = 3;
inline constexpr int kExitNonFinite = 4;

// `message` is one sentence: what is wrong and where. `hint` says what would be right; it may be empty.
struct Error : std::runtime_error {
  explicit Error(const std::string& message, std::string hint_ = "", int exit_code_ = kExitFailed)
      : std::runtime_error(message), hint(std::move(hint_)), exit_code(exit_code_) {}
  std::string hint;
  int exit_code;
};

inline Error usage_error(const std::string& message, std::string hint = "") {
  return Error(message, std::move(hint), kExitUsage);
}

// A broken invariant of our own. Throws std::logic_error, so that tests can see it.
inline void check(bool condition, const char* what) {
  if (!condition) throw std::logic_error(std::string("internal error: ") + what);
}

}  // namespace andrea
