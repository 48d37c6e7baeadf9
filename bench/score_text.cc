// score_text FILE...: the coherence score of real text. Each file is cut into windows of 1,600 characters
// (about the length of a sample of 420 tokens), 400 of them spread over the file; a table of the scores'
// distribution and of the median parts. Figures of docs/gate.md.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/files.h"
#include "base/utf8.h"
#include "gate/coherence.h"

using namespace andrea;

namespace {

constexpr size_t kCharacters = 1600, kWindows = 400;

// Where each window begins, and where the last one ends.
std::vector<std::string_view> windows_of(std::string_view text) {
  std::vector<std::string_view> windows;
  size_t begin = 0, characters = 0;
  for (size_t at = 0; at < text.size();) {
    at += first_character(text.substr(at)).bytes;
    if (++characters % kCharacters) continue;
    windows.push_back(text.substr(begin, at - begin));
    begin = at;
  }
  std::vector<std::string_view> spread;
  for (size_t i = 0; i < std::min(kWindows, windows.size()); ++i)
    spread.push_back(windows[i * windows.size() / std::min(kWindows, windows.size())]);
  return spread;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[size_t(q * double(values.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fmt::print(stderr, "score_text FILE...\n"), 2;
  fmt::print("{:<24} {:>7} {:>6} {:>6} {:>6} {:>9}  {:>8} {:>8} {:>8} {:>10}\n", "text", "windows", "least",
             "1 %", "median", "under 30", "bigrams", "trigrams", "English", "characters");
  for (int i = 1; i < argc; ++i) {
    const std::string text = valid_utf8(read_file(argv[i], ~uint64_t{0}));
    std::vector<double> total, parts[4];
    for (const std::string_view window : windows_of(text)) {
      const Score s = coherence_score(window);
      total.push_back(s.total);
      const double values[] = {s.bigram, s.trigram, s.english, s.characters};
      for (size_t p = 0; p < 4; ++p) parts[p].push_back(values[p]);
    }
    if (total.empty()) continue;
    const auto under = std::count_if(total.begin(), total.end(), [](double t) { return t < 30; });
    fmt::print("{:<24} {:>7} {:>6.1f} {:>6.1f} {:>6.1f} {:>9}  {:>8.1f} {:>8.1f} {:>8.1f} {:>10.1f}\n",
               Path(argv[i]).stem().string(), total.size(), quantile(total, 0), quantile(total, 0.01),
               quantile(total, 0.5), under, quantile(parts[0], 0.5), quantile(parts[1], 0.5),
               quantile(parts[2], 0.5), quantile(parts[3], 0.5));
  }
}
