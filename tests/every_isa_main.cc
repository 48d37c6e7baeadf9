// The main of test programs that run all their cases once with each instruction set that this processor has;
// with --isa=NAME first, with that one alone.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "kernels/isa.h"

int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  const std::string wanted = first.starts_with("--isa=") ? first.substr(6) : "";
  int failed = 0, ran = 0;
  for (const andrea::Isa isa : andrea::usable_isas()) {
    if (!wanted.empty() && wanted != andrea::name_of(isa)) continue;
    andrea::set_isa(isa);
    std::printf("--- %s\n", andrea::name_of(isa).c_str());
    std::fflush(stdout);
    doctest::Context context(argc, argv);
    failed |= context.run(), ++ran;
    if (context.shouldExit()) break;  // --help, --list-test-cases
  }
  if (ran == 0) std::printf("this processor has no instructions named %s\n", wanted.c_str());
  return ran == 0 ? 2 : failed;
}
