// Runs a fuzz target.
//
//   fuzz_NAME                     5,000 inputs made from the seeds (without libFuzzer: the short pass of
//   ctest) fuzz_NAME INPUTS SEED         so many, from another random seed; or fuzz_NAME --write-seeds DIR
//   writes the seeds, one file each, for libFuzzer
//
// Built with ANDREA_LIBFUZZER the same target has libFuzzer's own main instead.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/rng.h"
#include "tests/fuzz/fuzz.h"

using namespace andrea;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    fuzz_one({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {
  }
  return 0;
}

#ifndef ANDREA_LIBFUZZER
namespace {

// One to eight small changes: bits, bytes, numbers that are often wrong, pieces left out, doubled or taken
// from another seed.
std::string changed(const std::vector<std::string>& seeds, Rng& rng) {
  static const std::string kNumbers[] = {"-1",
                                         "0",
                                         "65536",
                                         "2147483648",
                                         "9223372036854775808",
                                         "1e999",
                                         "nan",
                                         "null",
                                         "\xFF\xFF\xFF\xFF",
                                         std::string(8, '\0'),
                                         "\xF0\x9F\x98",
                                         "\n",
                                         "{",
                                         "["};
  std::string text = seeds[rng.below(seeds.size())];
  for (uint64_t changes = 1 + rng.below(8); changes > 0; --changes) {
    const size_t at = rng.below(text.size() + 1), length = std::min<size_t>(rng.below(32), text.size() - at);
    switch (rng.below(7)) {
      case 0:
        if (at < text.size()) text[at] = char(text[at] ^ (1 << rng.below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = char(rng.below(256));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      case 4:
        text.replace(at, length, kNumbers[rng.below(std::size(kNumbers))]);
        break;
      case 5: {
        const std::string& other = seeds[rng.below(seeds.size())];
        const size_t from = rng.below(other.size() + 1);
        text.insert(at, other.substr(from, rng.below(64)));
        break;
      }
      default:
        if (rng.below(8) == 0) text.resize(at);
    }
  }
  return text;
}

std::string g_input;  // kept on the disk when the program dies of it

void keep_input(int signal) {
  if (FILE* file = std::fopen("crash-input", "wb")) {
    std::fwrite(g_input.data(), 1, g_input.size(), file);
    std::fclose(file);
    std::fputs("the input is kept in ./crash-input\n", stderr);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> seeds = fuzz_seeds();
  if (argc == 3 && std::string_view(argv[1]) == "--write-seeds") {
    for (size_t i = 0; i < seeds.size(); ++i) write_text(Path(argv[2]) / fmt::format("seed-{}", i), seeds[i]);
    return 0;
  }
  const long inputs = argc > 1 ? std::atol(argv[1]) : 5000;
  for (const int signal : {SIGABRT, SIGSEGV, SIGILL, SIGFPE, SIGTRAP}) std::signal(signal, keep_input);
  Rng rng = stream(argc > 2 ? uint64_t(std::atol(argv[2])) : 1, Purpose::test, 0);
  const auto run = [](std::string input) {
    g_input = std::move(input);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(g_input.data()), g_input.size());
  };
  for (const std::string& seed : seeds) run(seed);
  for (long i = 0; i < inputs; ++i) run(changed(seeds, rng));
  fmt::print("{} inputs from {} seeds: each was read or refused\n", inputs, seeds.size());
}
#endif
