// Writing text with a model: token by token, each drawn from the likeliest pieces.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "config/config.h"
#include "model/params.h"

namespace andrea {

struct Generated {
  std::vector<uint16_t> tokens;  // without the prompt
  // Mean surprise of the model at its own tokens, nats per token, without temperature and over all pieces.
  // NaN when its logits were not finite: then it wrote no further.
  double loss = 0;
};

// Writes sampling.tokens tokens behind BOS and `prompt`, past the model's context too. Piece 0 (unknown) is
// never drawn; BOS is, and begins another document. The same `rng` gives the same text, on any number of
// threads.
Generated generate(const Tensors& weights, std::span<const uint16_t> prompt, const SamplingOptions& sampling,
                   Rng rng);

}  // namespace andrea
