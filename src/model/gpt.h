// The model: a decoder-only transformer, pre-norm, learned positions, untied head, no biases.
//
//   x = tokens[id] + positions[t]
//   per layer:  x += Wo attention(Wqkv norm1(x));  x += W2 gelu(W1 norm2(x))
//   loss = cross entropy of head norm(x)
//
// Knows no training: no step, no optimiser, no file.
#pragma once
#include <vector>

#include "base/aligned.h"
#include "kernels/kernels.h"
#include "model/params.h"

namespace andrea {

// What forward computes for `rows` rows of T positions, N = rows * T, and keeps for backward. Views into one
// allocation that is reused from batch to batch and grows when a batch needs more. What products read and
// write is of the kind chosen; the sums that run through all layers, statistics and losses are floats.
class Activations {
 public:
  Activations(const ModelShape& shape, Index rows, Index T, Numbers numbers = Numbers::fp32);
  Activations(const Activations&) = delete;
  Activations& operator=(const Activations&) = delete;

  void reshape(Index rows, Index T);                                                   // contents are lost
  static Index floats(const ModelShape& shape, Index rows, Index T, Numbers numbers);  // its size

  struct Layer {
    Mat x;             // (N, C) what enters the layer
    ActMat n1;         // (N, C) norm1(x)
    Vec mean1, rstd1;  // (N)
    ActMat qkv;        // (N, 3C)
    ActMat att;        // (N, C) attention's output, before Wo
    Mat lse;           // (rows * H, T)
    Mat mid;           // (N, C) x + Wo att
    ActMat n2;         // (N, C) norm2(mid)
    Vec mean2, rstd2;  // (N)
    ActMat h;          // (N, 4C) W1 n2
    ActMat g;          // (N, 4C) gelu(h)
  };
  Index rows = 0, T = 0;
  std::vector<Layer> layers;
  Mat x;           // (N, C) what leaves the last layer
  ActMat n;        // (N, C) norm(x)
  Vec mean, rstd;  // (N)
  Vec losses;      // (N) nats at each position
  // Backward's own: gradients of the thing of the same name, overwritten layer by layer.
  Mat dx;           // (N, C)
  ActMat dn, datt;  // (N, C)
  ActMat dqkv;      // (N, 3C)
  ActMat dh;        // (N, 4C)

 private:
  ModelShape shape_;
  Numbers numbers_;
  AlignedFloats data_;
};

// Fills `a` up to a.n. `p` is of the same kind of numbers. `ids` holds rows * T token ids.
void forward(Activations& a, const PackedWeights& p, CIds ids);

// After forward: a.losses against `targets` (rows * T). With `grads`, also the gradient of scale * sum of
// losses with respect to the head (added) and to a.n (kept in a.dn, for backward).
void loss(Activations& a, const PackedWeights& p, CIds targets, Tensors* grads = nullptr, float scale = 0);

// After loss with the same `grads`: adds the gradient of all other parameters.
void backward(Activations& a, const PackedWeights& p, CIds ids, Tensors& grads);

// FLOPs of one training step for each token: 6 (12 L d^2 + V d) for the products with weights, forward and
// backward, and 6 L d T for causal attention.
double flops_per_token(const ModelShape& shape);

}  // namespace andrea
