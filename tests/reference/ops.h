// The mathematics of kernels.h once more, as slow and obvious as can be: the judge of the fast one. Templates
// over double and std::complex<double>, so that a derivative can be had by a complex step (gradient.h).
// Letters and shapes as in kernels.h.
#pragma once
#include <cmath>

#include "tests/reference/tensor.h"

namespace andrea::reference {

inline double real_part(double x) { return x; }
inline double real_part(const Complex& x) { return x.real(); }

// y(N,O) = x(N,C) w(O,C)^T
template <class S>
Tensor<S> matmul(const Tensor<S>& x, const Tensor<S>& w) {
  Tensor<S> y(x.rows, w.rows);
  for (Index n = 0; n < x.rows; ++n)
    for (Index o = 0; o < w.rows; ++o)
      for (Index c = 0; c < x.cols; ++c) y(n, o) += x(n, c) * w(o, c);
  return y;
}

template <class S>
Tensor<S> plus(Tensor<S> a, const Tensor<S>& b) {
  for (size_t i = 0; i < a.v.size(); ++i) a.v[i] += b.v[i];
  return a;
}

// x(N,C): row n = tokens[ids[n]] + positions[n mod T]
template <class S>
Tensor<S> embedding(const Tensor<S>& tokens, const Tensor<S>& positions, const std::vector<uint16_t>& ids,
                    Index T) {
  Tensor<S> x(Index(ids.size()), tokens.cols);
  for (Index n = 0; n < x.rows; ++n)
    for (Index c = 0; c < x.cols; ++c) x(n, c) = tokens(ids[size_t(n)], c) + positions(n % T, c);
  return x;
}

// y = gain (x - mean) / sqrt(variance + 1e-5), per row
template <class S>
Tensor<S> norm(const Tensor<S>& x, const Tensor<S>& gain) {
  Tensor<S> y(x.rows, x.cols);
  const double C = double(x.cols);
  for (Index n = 0; n < x.rows; ++n) {
    S mean = 0, variance = 0;
    for (Index c = 0; c < x.cols; ++c) mean += x(n, c) / C;
    for (Index c = 0; c < x.cols; ++c) variance += (x(n, c) - mean) * (x(n, c) - mean) / C;
    for (Index c = 0; c < x.cols; ++c) y(n, c) = gain[c] * (x(n, c) - mean) / std::sqrt(variance + 1e-5);
  }
  return y;
}

// y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
template <class S>
Tensor<S> gelu(const Tensor<S>& x) {
  Tensor<S> y(x.rows, x.cols);
  for (Index i = 0; i < x.rows * x.cols; ++i)
    y[i] = x[i] / 2.0 * (1.0 + std::tanh(std::sqrt(2 / M_PI) * (x[i] + 0.044715 * x[i] * x[i] * x[i])));
  return y;
}

// log sum exp of n numbers, the greatest taken out first
template <class S>
S log_sum_exp(const S* x, Index n) {
  double top = real_part(x[0]);
  for (Index i = 1; i < n; ++i) top = std::max(top, real_part(x[i]));
  S sum = 0;
  for (Index i = 0; i < n; ++i) sum += std::exp(x[i] - top);
  return top + std::log(sum);
}

// For one head of one row: probabilities(T,T), row i over the keys j <= i, the rest 0.
template <class S>
Tensor<S> attention_probabilities(const Tensor<S>& qkv, Index row, Index head, Index T, Index H,
                                  Tensor<S>& lse) {
  const Index C = qkv.cols / 3, D = C / H;
  Tensor<S> p(T, T);
  for (Index i = 0; i < T; ++i) {
    for (Index j = 0; j <= i; ++j)
      for (Index d = 0; d < D; ++d)
        p(i, j) += qkv(row * T + i, head * D + d) * qkv(row * T + j, C + head * D + d) / std::sqrt(double(D));
    const S sum = log_sum_exp(&p(i, 0), i + 1);
    lse(row * H + head, i) = sum;
    for (Index j = 0; j <= i; ++j) p(i, j) = std::exp(p(i, j) - sum);
  }
  return p;
}

// out(N,C); lse(B*H,T) is set.
template <class S>
Tensor<S> attention(const Tensor<S>& qkv, Index T, Index H, Tensor<S>& lse) {
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H;
  Tensor<S> out(N, C);
  lse = Tensor<S>(N / T * H, T);
  for (Index row = 0; row < N / T; ++row)
    for (Index h = 0; h < H; ++h) {
      const Tensor<S> p = attention_probabilities(qkv, row, h, T, H, lse);
      for (Index i = 0; i < T; ++i)
        for (Index j = 0; j <= i; ++j)
          for (Index d = 0; d < D; ++d)
            out(row * T + i, h * D + d) += p(i, j) * qkv(row * T + j, 2 * C + h * D + d);
    }
  return out;
}

// losses(N,1) in nats
template <class S>
Tensor<S> cross_entropy(const Tensor<S>& logits, const std::vector<uint16_t>& targets) {
  Tensor<S> losses(logits.rows, 1);
  for (Index n = 0; n < logits.rows; ++n)
    losses[n] = log_sum_exp(&logits(n, 0), logits.cols) - logits(n, targets[size_t(n)]);
  return losses;
}

}  // namespace andrea::reference
