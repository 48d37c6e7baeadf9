// The model: a decoder-only transformer, pre-norm, learned positions, untied head, no biases.
//
//   x = tokens[id] + positions[t]
//   per layer:  x += Wo attention(Wqkv norm1(x));  x += W2 gelu(W1 norm2(x))
//   loss = cross entropy of head norm(x)
//
// Knows no training: no step, no optimiser, no file.
#pragma once
#include <vector>

#include "kernels/kernels.h"
#include "model/params.h"

namespace andrea {

// What forward computes for `rows` rows of T positions, N = rows * T, and keeps for backward. Views into one
// allocation that is reused from batch to batch and grows when a batch needs more.
class Activations {
 public:
  // `for_backward` false: all layers share the space of one, enough for forward and loss.
  Activations(const ModelShape& shape, Index rows, Index T, bool for_backward = true);
  Activations(const Activations&) = delete;
  Activations& operator=(const Activations&) = delete;

  void reshape(Index rows, Index T);  // contents are lost
  static Index floats(const ModelShape& shape, Index rows, Index T, bool for_backward = true);  // its size

  struct Layer {
    Mat x;             // (N, C) what enters the layer
    Mat n1;            // (N, C) norm1(x)
    Vec mean1, rstd1;  // (N)
    Mat qkv;           // (N, 3C)
    Mat att;           // (N, C) attention's output, before Wo
    Mat lse;           // (rows * H, T)
    Mat mid;           // (N, C) x + Wo att
    Mat n2;            // (N, C) norm2(mid)
    Vec mean2, rstd2;  // (N)
    Mat h;             // (N, 4C) W1 n2
    Mat g;             // (N, 4C) gelu(h)
  };
  Index rows = 0, T = 0;
  std::vector<Layer> layers;
  Mat x;           // (N, C) what leaves the last layer
  Mat n;           // (N, C) norm(x)
  Vec mean, rstd;  // (N)
  Vec losses;      // (N) nats at each position
  // Backward's own: gradients of the thing of the same name, overwritten layer by layer.
  Mat dx, dn, datt;  // (N, C)
  Mat dqkv;          // (N, 3C)
  Mat dh;            // (N, 4C)

 private:
  ModelShape shape_;
  bool for_backward_;
  std::vector<float> data_;
};

// Fills `a` up to a.n. `ids` holds rows * T token ids.
void forward(Activations& a, const Tensors& p, CIds ids);

// After forward: a.losses against `targets` (rows * T). With `grads`, also the gradient of scale * sum of
// losses with respect to the head (added) and to a.n (kept in a.dn, for backward).
void loss(Activations& a, const Tensors& p, CIds targets, Tensors* grads = nullptr, float scale = 0);

// After loss with the same `grads`: adds the gradient of all other parameters.
void backward(Activations& a, const Tensors& p, CIds ids, Tensors& grads);

// FLOPs of one training step for each token: 6 (12 L d^2 + V d) for the products with weights, forward and
// backward, and 6 L d T for causal attention.
double flops_per_token(const ModelShape& shape);

}  // namespace andrea
