// The main of test programs that run all their cases once with each instruction set that this processor has.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "kernels/isa.h"

int main(int argc, char** argv) {
  int failed = 0;
  for (const andrea::Isa isa : andrea::usable_isas()) {
    andrea::set_isa(isa);
    std::printf("--- %s\n", andrea::name_of(isa).c_str());
    std::fflush(stdout);
    doctest::Context context(argc, argv);
    failed |= context.run();
    if (context.shouldExit()) break;  // --help, --list-test-cases
  }
  return failed;
}
