// Arms of made-up text for tests: short documents, no two alike, each with its number.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "curriculum/arm.h"
#include "tests/support/temporary_folder.h"
#include "text/prepare.h"

namespace andrea {

inline const Tokenizer& shipped_tokenizer() {
  static const Tokenizer tokenizer(ANDREA_SOURCE_DIR "/tokenizer/andrea-8449.model");
  return tokenizer;
}

using Tokens = std::vector<uint16_t>;

inline Tokens as_tokens(std::span<const uint16_t> span) { return {span.begin(), span.end()}; }

class SmallArms {
 public:
  // An arm of `documents` of 1 to 12 words. At least one of them is held out.
  Arm arm(const std::string& name, int documents, double floor = 0, double cap = 1) const {
    std::string text;
    for (int d = 0; d < documents; ++d) {
      for (int w = 0; w < d * 5 % 12; ++w) text += fmt::format("word{} ", (d + w) % 10);
      text += fmt::format("{} {}\n\n", name, d);
    }
    const Path file = folder_.path() / (name + ".txt");
    write_text(file, text);
    const ArmOptions options{.name = name, .domain = name, .path = file, .floor = floor, .cap = cap};
    return {options, prepare_arm(options, shipped_tokenizer(), folder_.path() / "stores", 1)};
  }

 private:
  TemporaryFolder folder_;
};

// The first `epochs` passes over an arm, written down plainly: BOS, document, BOS, document, ...
inline Tokens stream_of(const Arm& arm, uint64_t seed, int64_t epochs) {
  Tokens stream;
  for (int64_t epoch = 0; epoch < epochs; ++epoch)
    for (const uint32_t d : document_order(seed, arm.stream_id(), epoch, arm.store.documents())) {
      stream.push_back(Tokenizer::kBos);
      const auto text = arm.store.document(d);
      stream.insert(stream.end(), text.begin(), text.end());
    }
  return stream;
}

// What lies between the BOS.
inline std::vector<Tokens> documents_in(const Tokens& stream) {
  std::vector<Tokens> documents;
  for (const uint16_t token : stream) {
    if (token == Tokenizer::kBos)
      documents.emplace_back();
    else
      documents.back().push_back(token);
  }
  return documents;
}

}  // namespace andrea
