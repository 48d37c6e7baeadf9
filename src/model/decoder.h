// Writing text token by token, with the keys and values of earlier positions cached.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/params.h"

namespace andrea {

class Decoder {
 public:
  // `weights` must outlive the decoder and stay unchanged while it is used.
  explicit Decoder(const Tensors& weights);

  // Takes the next token and returns the logits (V) for the one after it; they stay valid until the next
  // call. When the window of `context` positions is full, the newest half of it is run again from position 0
  // first.
  std::span<const float> step(uint16_t token);

  void restart();  // forgets all tokens
  int64_t position() const { return int64_t(window_.size()); }

 private:
  void run(uint16_t token);  // one token through all layers at position window_.size()

  const Tensors& p_;
  std::vector<uint16_t> window_;            // the tokens that the cache holds
  std::vector<std::vector<float>> keys_;    // per layer (context, C)
  std::vector<std::vector<float>> values_;  // per layer (context, C)
  std::vector<float> x_, n_, qkv_, att_, h_, logits_;
};

}  // namespace andrea
