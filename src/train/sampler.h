// Listening to the model: a sample of its own text, with its loss and its coherence score.
//
// A sample is a function of the weights, the config, the seed and the step; it changes nothing, so that
// training goes the same way with sampling on or off.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"
#include "model/params.h"
#include "record/event.h"
#include "text/tokenizer.h"

namespace andrea {

// A sample's loss under this is an alarm: the model copies, it does not write.
inline constexpr double kMemorisedLoss = 0.20;

// The longest beginning of a document, up to 16 tokens, that is valid UTF-8 and whose text alone is cut into
// these very tokens: so the prompt's text is enough to make the sample again.
std::vector<uint16_t> prompt_of_document(std::span<const uint16_t> document, const Tokenizer& tokenizer);

// What generated tokens read like: BOS as a blank line, bad UTF-8 as U+FFFD.
std::string text_of_sample(std::span<const uint16_t> tokens, const Tokenizer& tokenizer);

// Writes behind `prompt` (a text, perhaps empty) with the random numbers of this seed and step, and scores
// what was written. The streak is the gate's business and stays 0; arm and domain stay empty.
SampleDone write_sample(const Tensors& weights, const Tokenizer& tokenizer, const std::string& prompt,
                        const SamplingOptions& sampling, int64_t seed, int64_t step);

// The prompt of a step: by sampling.prompt the beginning of a held-out document of the arm, nothing, or a
// text.
std::string sample_prompt(const Config& config, const Arm& arm, const Tokenizer& tokenizer, int64_t step);

}  // namespace andrea
