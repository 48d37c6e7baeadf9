#include "model/gpt.h"

#include <cstring>

#include "base/error.h"
#include "base/threads.h"

namespace andrea {
namespace {

void copy(Mat y, CMat x) {
  parallel_pieces(x.rows, 64, [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) std::memcpy(y.row(r), x.row(r), size_t(x.cols) * sizeof(float));
  });
}

}  // namespace

// Forward and backward stand side by side on purpose: read the second upwards, each line is the gradient of a
// line of the first.

void forward(Activations& a, const Tensors& p, CIds ids) {
  const Index T = a.T, H = p.shape.n_head;
  check(ids.size == a.x.rows, "forward: ids are rows * T");
  embedding(a.layers[0].x, p.tokens, p.positions, ids, T);
  for (size_t l = 0; l < p.layers.size(); ++l) {
    const LayerTensors& w = p.layers[l];
    Activations::Layer& s = a.layers[l];
    const Mat out = l + 1 < a.layers.size() ? a.layers[l + 1].x : a.x;

    norm(s.n1, s.mean1, s.rstd1, s.x, w.norm1);
    matmul(s.qkv, s.n1, w.wqkv);
    attention(s.att, s.lse, s.qkv, T, H);
    copy(s.mid, s.x);
    matmul(s.mid, s.att, w.wo, /*add=*/true);

    norm(s.n2, s.mean2, s.rstd2, s.mid, w.norm2);
    matmul(s.h, s.n2, w.w1);
    gelu(s.g, s.h);
    copy(out, s.mid);
    matmul(out, s.g, w.w2, /*add=*/true);
  }
  norm(a.n, a.mean, a.rstd, a.x, p.norm);
}

void loss(Activations& a, const Tensors& p, CIds targets, Tensors* grads, float scale) {
  check(targets.size == a.x.rows, "loss: targets are rows * T");
  cross_entropy(a.losses, grads ? a.dn : Mat(), grads ? grads->head : Mat(), a.n, p.head, targets, scale);
}

void backward(Activations& a, const Tensors& p, CIds ids, Tensors& g) {
  const Index T = a.T, H = p.shape.n_head;
  std::memset(a.dx.data, 0, size_t(a.dx.rows * a.dx.cols) * sizeof(float));
  norm_backward(a.dx, g.norm, a.dn, a.x, p.norm, a.mean, a.rstd);
  for (size_t l = p.layers.size(); l-- > 0;) {
    const LayerTensors& w = p.layers[l];
    LayerTensors& d = g.layers[l];
    Activations::Layer& s = a.layers[l];

    // x += W2 gelu(W1 norm2(mid)): a.dx is the gradient of the sum and of its first term.
    matmul_weight_backward(d.w2, a.dx, s.g);
    matmul_input_backward(a.dh, a.dx, w.w2);
    gelu_backward(a.dh, a.dh, s.h);
    matmul_weight_backward(d.w1, a.dh, s.n2);
    matmul_input_backward(a.dn, a.dh, w.w1);
    norm_backward(a.dx, d.norm2, a.dn, s.mid, w.norm2, s.mean2, s.rstd2);

    // mid = x + Wo attention(Wqkv norm1(x))
    matmul_weight_backward(d.wo, a.dx, s.att);
    matmul_input_backward(a.datt, a.dx, w.wo);
    attention_backward(a.dqkv, a.datt, s.att, s.lse, s.qkv, T, H);
    matmul_weight_backward(d.wqkv, a.dqkv, s.n1);
    matmul_input_backward(a.dn, a.dqkv, w.wqkv);
    norm_backward(a.dx, d.norm1, a.dn, s.x, w.norm1, s.mean1, s.rstd1);
  }
  embedding_backward(g.tokens, g.positions, a.dx, ids, T);
}

double flops_per_token(const ModelShape& s) {
  const double L = double(s.n_layer), d = double(s.d_model), V = double(s.vocab), T = double(s.context);
  return 6 * (12 * L * d * d + V * d) + 6 * L * d * T;
}

Index Activations::floats(const ModelShape& s, Index rows, Index T, bool for_backward) {
  const Index N = rows * T, C = s.d_model;
  const Index layer = N * (16 * C + 4) + rows * s.n_head * T;
  return (for_backward ? s.n_layer : 1) * layer + N * (2 * C + 3) + (for_backward ? N * 10 * C : 0);
}

Activations::Activations(const ModelShape& shape, Index rows_, Index T_, bool for_backward)
    : shape_(shape), for_backward_(for_backward) {
  reshape(rows_, T_);
}

void Activations::reshape(Index rows_, Index T_) {
  if (rows == rows_ && T == T_) return;
  check(T_ >= 1 && T_ <= shape_.context && rows_ >= 1, "activations: 1 <= T <= context");
  rows = rows_, T = T_;
  const Index need = floats(shape_, rows, T, for_backward_), N = rows * T, C = shape_.d_model;
  if (Index(data_.size()) < need) data_.resize(size_t(need));
  float* at = data_.data();
  const auto mat = [&](Index r, Index c) {
    const Mat view(at, r, c);
    at += r * c;
    return view;
  };
  const auto vec = [&](Index size) { return Vec(mat(1, size).data, size); };
  layers.clear();
  for (Index l = 0; l < shape_.n_layer; ++l) {
    if (l > 0 && !for_backward_) {
      layers.push_back(layers[0]);
      continue;
    }
    Layer k;
    k.x = mat(N, C), k.n1 = mat(N, C), k.mean1 = vec(N), k.rstd1 = vec(N);
    k.qkv = mat(N, 3 * C), k.att = mat(N, C), k.lse = mat(rows * shape_.n_head, T), k.mid = mat(N, C);
    k.n2 = mat(N, C), k.mean2 = vec(N), k.rstd2 = vec(N), k.h = mat(N, 4 * C), k.g = mat(N, 4 * C);
    layers.push_back(k);
  }
  x = mat(N, C), n = mat(N, C), mean = vec(N), rstd = vec(N), losses = vec(N);
  if (for_backward_)
    dx = mat(N, C), dn = mat(N, C), datt = mat(N, C), dqkv = mat(N, 3 * C), dh = mat(N, 4 * C);
  check(at == data_.data() + need, "activations: the size is the sum of its parts");
}

}  // namespace andrea
