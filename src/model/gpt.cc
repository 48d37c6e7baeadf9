#include "model/gpt.h"

#include <cstring>

#include "base/error.h"

namespace andrea {

// Forward and backward stand side by side on purpose: read the second upwards, each line is the gradient of a
// line of the first.

void forward(Activations& a, const PackedWeights& p, CIds ids) {
  const Tensors& t = p.weights;
  const Index T = a.T, H = t.shape.n_head;
  check(ids.size == a.x.rows, "forward: ids are rows * T");
  embedding(a.layers[0].x, t.tokens, t.positions, ids, T);
  for (size_t l = 0; l < p.layers.size(); ++l) {
    const PackedWeights::Layer& w = p.layers[l];
    Activations::Layer& s = a.layers[l];
    const Mat out = l + 1 < a.layers.size() ? a.layers[l + 1].x : a.x;

    norm(s.n1, s.mean1, s.rstd1, s.x, t.layers[l].norm1);
    matmul(s.qkv, s.n1, w.wqkv);
    attention(s.att, s.lse, s.qkv, T, H);
    matmul_plus(s.mid, s.x, s.att, w.wo);

    norm(s.n2, s.mean2, s.rstd2, s.mid, t.layers[l].norm2);
    matmul_gelu(s.h, s.g, s.n2, w.w1);
    matmul_plus(out, s.mid, s.g, w.w2);
  }
  norm(a.n, a.mean, a.rstd, a.x, t.norm);
}

void loss(Activations& a, const PackedWeights& p, CIds targets, Tensors* grads, float scale) {
  check(targets.size == a.x.rows, "loss: targets are rows * T");
  cross_entropy(a.losses, grads ? a.dn : ActMat(), grads ? grads->head : Mat(), a.n, p.head, targets, scale);
}

void backward(Activations& a, const PackedWeights& p, CIds ids, Tensors& g) {
  const Tensors& t = p.weights;
  const Index T = a.T, H = t.shape.n_head;
  std::memset(a.dx.data, 0, size_t(a.dx.rows * a.dx.cols) * sizeof(float));
  norm_backward(a.dx, g.norm, a.dn, a.x, t.norm, a.mean, a.rstd);
  for (size_t l = p.layers.size(); l-- > 0;) {
    const PackedWeights::Layer& w = p.layers[l];
    LayerTensors& d = g.layers[l];
    Activations::Layer& s = a.layers[l];

    // x += W2 gelu(W1 norm2(mid)): a.dx is the gradient of the sum and of its first term.
    matmul_weight_backward(d.w2, a.dx, s.g);
    matmul_gelu_backward(a.dh, a.dx, w.w2, s.h);
    matmul_weight_backward(d.w1, a.dh, s.n2);
    matmul_input_backward(a.dn, a.dh, w.w1);
    norm_backward(a.dx, d.norm2, a.dn, s.mid, t.layers[l].norm2, s.mean2, s.rstd2);

    // mid = x + Wo attention(Wqkv norm1(x))
    matmul_weight_backward(d.wo, a.dx, s.att);
    matmul_input_backward(a.datt, a.dx, w.wo);
    attention_backward(a.dqkv, a.datt, s.att, s.lse, s.qkv, T, H);
    matmul_weight_backward(d.wqkv, a.dqkv, s.n1);
    matmul_input_backward(a.dn, a.dqkv, w.wqkv);
    norm_backward(a.dx, d.norm1, a.dn, s.x, t.layers[l].norm1, s.mean1, s.rstd1);
  }
  embedding_backward(g.tokens, g.positions, a.dx, ids, T);
}

double flops_per_token(const ModelShape& s) {
  const double L = double(s.n_layer), d = double(s.d_model), V = double(s.vocab), T = double(s.context);
  return 6 * (12 * L * d * d + V * d) + 6 * L * d * T;
}

namespace {

// Floats that `count` numbers take.
Index space(Index count, Numbers numbers) { return numbers == Numbers::bf16 ? (count + 1) / 2 : count; }

}  // namespace

Index Activations::floats(const ModelShape& s, Index rows, Index T, Numbers numbers) {
  const Index N = rows * T, C = s.d_model;
  const Index one = space(N * C, numbers), three = space(3 * N * C, numbers),
              four = space(4 * N * C, numbers);
  const Index layer = N * (2 * C + 4) + rows * s.n_head * T + 3 * one + three + 2 * four;
  return s.n_layer * layer + N * (2 * C + 3) + 3 * one + three + four;
}

Activations::Activations(const ModelShape& shape, Index rows_, Index T_, Numbers numbers)
    : shape_(shape), numbers_(numbers) {
  reshape(rows_, T_);
}

void Activations::reshape(Index rows_, Index T_) {
  if (rows == rows_ && T == T_) return;
  check(T_ >= 1 && T_ <= shape_.context && rows_ >= 1, "activations: 1 <= T <= context");
  rows = rows_, T = T_;
  const Index need = floats(shape_, rows, T, numbers_), N = rows * T, C = shape_.d_model;
  if (Index(data_.size()) < need) data_.resize(size_t(need));
  float* at = data_.data();
  const auto take = [&](Index count) {
    float* taken = at;
    at += count;
    return taken;
  };
  const auto mat = [&](Index r, Index c) { return Mat(take(r * c), r, c); };
  const auto vec = [&](Index size) { return Vec(take(size), size); };
  const auto act = [&](Index r, Index c) { return ActMat(take(space(r * c, numbers_)), r, c, c, numbers_); };
  layers.clear();
  for (Index l = 0; l < shape_.n_layer; ++l) {
    Layer k;
    k.x = mat(N, C), k.n1 = act(N, C), k.mean1 = vec(N), k.rstd1 = vec(N);
    k.qkv = act(N, 3 * C), k.att = act(N, C), k.lse = mat(rows * shape_.n_head, T), k.mid = mat(N, C);
    k.n2 = act(N, C), k.mean2 = vec(N), k.rstd2 = vec(N), k.h = act(N, 4 * C), k.g = act(N, 4 * C);
    layers.push_back(k);
  }
  x = mat(N, C), n = act(N, C), mean = vec(N), rstd = vec(N), losses = vec(N);
  dx = mat(N, C), dn = act(N, C), datt = act(N, C), dqkv = act(N, 3 * C), dh = act(N, 4 * C);
  check(at == data_.data() + need, "activations: the size is the sum of its parts");
}

}  // namespace andrea
