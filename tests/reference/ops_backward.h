// Gradients of ops.h, written by hand in double. They are themselves held to the complex step at small sizes
// (tests/grad) and then judge the fast kernels at sizes where a complex step for each number would take
// hours.
#pragma once
#include "tests/reference/ops.h"

namespace andrea::reference {

using Doubles = Tensor<double>;

inline Doubles transposed(const Doubles& x) {
  Doubles y(x.cols, x.rows);
  for (Index r = 0; r < x.rows; ++r)
    for (Index c = 0; c < x.cols; ++c) y(c, r) = x(r, c);
  return y;
}

// y = x w^T:  dx = dy w,  dw = dy^T x
inline Doubles matmul_input_backward(const Doubles& dy, const Doubles& w) {
  return matmul(dy, transposed(w));
}
inline Doubles matmul_weight_backward(const Doubles& dy, const Doubles& x) {
  return matmul(transposed(dy), transposed(x));
}

struct EmbeddingGradient {
  Doubles dtokens, dpositions;
};
inline EmbeddingGradient embedding_backward(const Doubles& dx, const std::vector<uint16_t>& ids, Index vocab,
                                            Index T) {
  EmbeddingGradient g{Doubles(vocab, dx.cols), Doubles(T, dx.cols)};
  for (Index n = 0; n < dx.rows; ++n)
    for (Index c = 0; c < dx.cols; ++c) {
      g.dtokens(ids[size_t(n)], c) += dx(n, c);
      g.dpositions(n % T, c) += dx(n, c);
    }
  return g;
}

// z = (x - mean) / s, y = gain z:  dx = (dz - mean(dz) - z mean(dz z)) / s with dz = gain dy
struct NormGradient {
  Doubles dx, dgain;
};
inline NormGradient norm_backward(const Doubles& dy, const Doubles& x, const Doubles& gain) {
  const double C = double(x.cols);
  NormGradient g{Doubles(x.rows, x.cols), Doubles(1, x.cols)};
  for (Index n = 0; n < x.rows; ++n) {
    double mean = 0, variance = 0, mean_dz = 0, mean_dz_z = 0;
    for (Index c = 0; c < x.cols; ++c) mean += x(n, c) / C;
    for (Index c = 0; c < x.cols; ++c) variance += (x(n, c) - mean) * (x(n, c) - mean) / C;
    const double s = std::sqrt(variance + 1e-5);
    for (Index c = 0; c < x.cols; ++c) {
      const double z = (x(n, c) - mean) / s;
      g.dgain[c] += dy(n, c) * z;
      mean_dz += gain[c] * dy(n, c) / C;
      mean_dz_z += gain[c] * dy(n, c) * z / C;
    }
    for (Index c = 0; c < x.cols; ++c)
      g.dx(n, c) = (gain[c] * dy(n, c) - mean_dz - (x(n, c) - mean) / s * mean_dz_z) / s;
  }
  return g;
}

// y = x/2 (1 + t), t = tanh(u):  y' = (1 + t)/2 + x/2 (1 - t^2) u'
inline Doubles gelu_backward(const Doubles& dy, const Doubles& x) {
  Doubles dx(x.rows, x.cols);
  for (Index i = 0; i < x.rows * x.cols; ++i) {
    const double root = std::sqrt(2 / M_PI), t = std::tanh(root * (x[i] + 0.044715 * x[i] * x[i] * x[i]));
    dx[i] = dy[i] * ((1 + t) / 2 + x[i] / 2 * (1 - t * t) * root * (1 + 3 * 0.044715 * x[i] * x[i]));
  }
  return dx;
}

// S = q k^T / sqrt(D), P = softmax(S), out = P v:
// dv = P^T dout;  dP = dout v^T;  dS_ij = P_ij (dP_ij - sum_l P_il dP_il);  dq = dS k / sqrt(D);  dk = dS^T q
// / sqrt(D)
inline Doubles attention_backward(const Doubles& dout, const Doubles& qkv, Index T, Index H) {
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H;
  Doubles dqkv(N, 3 * C), lse(N / T * H, T), dp(T, T);
  for (Index row = 0; row < N / T; ++row)
    for (Index h = 0; h < H; ++h) {
      const Doubles p = attention_probabilities(qkv, row, h, T, H, lse);
      const Index first = row * T, q = h * D, k = C + h * D, v = 2 * C + h * D;
      for (Index i = 0; i < T; ++i) {
        double dot = 0;
        for (Index j = 0; j <= i; ++j) {
          dp(i, j) = 0;
          for (Index d = 0; d < D; ++d) dp(i, j) += dout(first + i, q + d) * qkv(first + j, v + d);
          dot += p(i, j) * dp(i, j);
        }
        for (Index j = 0; j <= i; ++j) {
          const double ds = p(i, j) * (dp(i, j) - dot) / std::sqrt(double(D));
          for (Index d = 0; d < D; ++d) {
            dqkv(first + j, v + d) += p(i, j) * dout(first + i, q + d);
            dqkv(first + i, q + d) += ds * qkv(first + j, k + d);
            dqkv(first + j, k + d) += ds * qkv(first + i, q + d);
          }
        }
      }
    }
  return dqkv;
}

// loss_n = log sum exp(z_n) - z_n[target]:  dz = scale (softmax(z) - one at target), for scale * sum of
// losses
inline Doubles cross_entropy_backward(const Doubles& logits, const std::vector<uint16_t>& targets,
                                      double scale) {
  Doubles dz(logits.rows, logits.cols);
  for (Index n = 0; n < logits.rows; ++n) {
    const double sum = log_sum_exp(&logits(n, 0), logits.cols);
    for (Index c = 0; c < logits.cols; ++c) dz(n, c) = scale * std::exp(logits(n, c) - sum);
    dz(n, targets[size_t(n)]) -= scale;
  }
  return dz;
}

}  // namespace andrea::reference
