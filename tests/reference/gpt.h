// The whole model of src/model/gpt.h, naive and in one piece: a loss as a function of one flat vector of
// parameters, so that every gradient of the fast model can be had by a complex step.
#pragma once
#include "tests/reference/ops.h"

namespace andrea::reference {

struct GptShape {
  Index vocab, context, d_model, n_head, n_layer;
};

// Takes tensors out of the flat vector one after the other, in the order of the .bin file.
template <class S>
class Reader {
 public:
  explicit Reader(const std::vector<S>& parameters) : parameters_(parameters) {}
  Tensor<S> next(Index rows, Index cols) {
    const auto from = parameters_.begin() + at_;
    at_ += rows * cols;
    return {rows, cols, std::vector<S>(from, parameters_.begin() + at_)};
  }

 private:
  const std::vector<S>& parameters_;
  Index at_ = 0;
};

inline Index parameter_count(const GptShape& s) {
  const Index d = s.d_model;
  return 2 * s.vocab * d + s.context * d + 12 * s.n_layer * d * d + (2 * s.n_layer + 1) * d;
}

// logits(N,V) for `ids`, rows of T after one another. Pre-norm, learned positions, untied head, no biases:
//   x = tokens + positions;  per layer x += Wo attention(Wqkv norm(x)), x += W2 gelu(W1 norm(x));  head
//   norm(x)
template <class S>
Tensor<S> gpt_logits(const GptShape& s, const std::vector<S>& parameters, const std::vector<uint16_t>& ids,
                     Index T) {
  Reader<S> read(parameters);
  const Index d = s.d_model;
  const Tensor<S> tokens = read.next(s.vocab, d), positions = read.next(s.context, d);
  Tensor<S> x = embedding(tokens, positions, ids, T), lse;
  for (Index l = 0; l < s.n_layer; ++l) {
    const Tensor<S> gain1 = read.next(1, d), wqkv = read.next(3 * d, d), wo = read.next(d, d);
    const Tensor<S> gain2 = read.next(1, d), w1 = read.next(4 * d, d), w2 = read.next(d, 4 * d);
    x = plus(x, matmul(attention(matmul(norm(x, gain1), wqkv), T, s.n_head, lse), wo));
    x = plus(x, matmul(gelu(matmul(norm(x, gain2), w1)), w2));
  }
  const Tensor<S> gain = read.next(1, d), head = read.next(s.vocab, d);
  return matmul(norm(x, gain), head);
}

// Mean over all positions, in nats.
template <class S>
S gpt_loss(const GptShape& s, const std::vector<S>& parameters, const std::vector<uint16_t>& ids,
           const std::vector<uint16_t>& targets, Index T) {
  const Tensor<S> losses = cross_entropy(gpt_logits(s, parameters, ids, T), targets);
  S sum = 0;
  for (const S& loss : losses.v) sum += loss;
  return sum / double(losses.v.size());
}

}  // namespace andrea::reference
