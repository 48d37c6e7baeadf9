// A fuzz target is two functions: what it starts from, and what it does with any bytes. libFuzzer calls them,
// or fuzz_driver.cc without it. Whatever the bytes: an Error is an answer, everything else that leaves is a
// defect.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

std::vector<std::string> fuzz_seeds();
void fuzz_one(std::string_view bytes);

// One folder for the life of the program.
inline const andrea::Path& fuzz_folder() {
  static const andrea::TemporaryFolder folder;
  return folder.path();
}

// What must hold for all bytes; aborts, so that a fuzzer keeps the input.
inline void must(bool condition) {
  if (!condition) __builtin_trap();
}
