#include "train/sampler.h"

#include <algorithm>

#include "base/rng.h"
#include "base/utf8.h"
#include "gate/coherence.h"
#include "gate/gate.h"
#include "model/generate.h"

namespace andrea {
namespace {

constexpr size_t kPromptTokens = 16;
constexpr uint32_t kText = 0, kPrompt = 1;  // indices of the streams of a step

}  // namespace

std::vector<uint16_t> prompt_of_document(std::span<const uint16_t> document, const Tokenizer& tokenizer) {
  for (size_t n = std::min(kPromptTokens, document.size()); n > 0; --n) {
    const std::vector<uint16_t> tokens(document.begin(), document.begin() + int64_t(n));
    const std::string text = tokenizer.decode(tokens);
    if (valid_utf8(text) == text && tokenizer.encode(text) == tokens) return tokens;
  }
  return {};
}

std::string text_of_sample(std::span<const uint16_t> tokens, const Tokenizer& tokenizer) {
  std::string text;
  for (auto from = tokens.begin(); from != tokens.end();) {
    const auto to = std::find(from, tokens.end(), Tokenizer::kBos);
    text += tokenizer.decode({from, to});
    if (to == tokens.end()) break;
    text += "\n\n";
    from = to + 1;
  }
  return valid_utf8(text);
}

SampleDone write_sample(const Tensors& weights, const Tokenizer& tokenizer, const std::string& prompt,
                        const SamplingOptions& sampling, int64_t seed, int64_t step) {
  const std::vector<uint16_t> tokens = tokenizer.encode(prompt);
  const Generated written =
      generate(weights, tokens, sampling, stream(uint64_t(seed), Purpose::sampling, uint64_t(step), kText));
  SampleDone done;
  done.prompt = prompt;
  done.text = text_of_sample(written.tokens, tokenizer);
  done.tokens = int64_t(written.tokens.size());
  done.loss = written.loss;
  done.temperature = sampling.temperature, done.top_k = sampling.top_k;
  done.seed = seed;
  done.score = coherence_score(done.text);
  done.judged = done.tokens >= kJudgedTokens;
  return done;
}

std::string sample_prompt(const Config& config, const Arm& arm, const Tokenizer& tokenizer, int64_t step) {
  if (config.sampling.prompt == "none") return {};
  if (config.sampling.prompt != "held_out") return config.sampling.prompt;
  Rng rng = stream(uint64_t(config.train.seed), Purpose::sampling, uint64_t(step), kPrompt);
  const auto document = int64_t(rng.below(uint64_t(arm.store.held_out_documents())));
  return tokenizer.decode(prompt_of_document(arm.store.held_out(document), tokenizer));
}

}  // namespace andrea
