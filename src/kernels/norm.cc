#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace andrea {
namespace {

constexpr float kEpsilon = 1e-5f;
constexpr Index kRows = 64;  // rows a piece; dgain's partial sums depend on it

}  // namespace

// Two passes, mean first: the variance of large, nearly equal numbers would drown in E[x^2] - mean^2.
void norm(Mat y, Vec mean, Vec rstd, CMat x, CVec gain) {
  const Index C = x.cols;
  check(y.rows == x.rows && y.cols == C && mean.size == x.rows && rstd.size == x.rows && gain.size == C,
        "norm: y(N,C), mean(N), rstd(N), x(N,C), gain(C)");
  parallel_pieces(x.rows, kRows, [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* in = x.row(r);
      float* out = y.row(r);
      Floats sum{}, squares{};
      for_lanes(C, [&](Index i, auto n) { sum += load(in + i, n); });
      const float m = sum_of(sum) / float(C);
      for_lanes(C, [&](Index i, auto n) {
        const Floats d = load(in + i, n, m) - m;
        squares += d * d;
      });
      const float s = 1.0f / std::sqrt(sum_of(squares) / float(C) + kEpsilon);
      for_lanes(
          C, [&](Index i, auto n) { store(out + i, (load(in + i, n) - m) * s * load(gain.data + i, n), n); });
      mean.data[r] = m;
      rstd.data[r] = s;
    }
  });
}

// With z = (x - mean) rstd and y = gain z:  dgain = sum over rows of dy z, and
// dx = rstd (gain dy - mean(gain dy) - z mean(gain dy z)), means over the row.
void norm_backward(Mat dx, Vec dgain, CMat dy, CMat x, CVec gain, CVec mean, CVec rstd) {
  const Index N = x.rows, C = x.cols;
  check(dx.rows == N && dx.cols == C && dgain.size == C && dy.rows == N && dy.cols == C && gain.size == C &&
            mean.size == N && rstd.size == N,
        "norm_backward: dx(N,C), dgain(C), dy(N,C), x(N,C), gain(C), mean(N), rstd(N)");
  const Index pieces = (N + kRows - 1) / kRows;
  std::vector<float> partial(size_t(pieces * C));
  parallel_pieces(N, kRows, [&](Index begin, Index end) {
    float* dg = partial.data() + begin / kRows * C;
    for (Index r = begin; r < end; ++r) {
      const float *in = x.row(r), *up = dy.row(r);
      float* down = dx.row(r);
      const float m = mean.data[r], s = rstd.data[r];
      Floats sum{}, sum_z{};
      for_lanes(C, [&](Index i, auto n) {
        const Floats z = (load(in + i, n) - m) * s, u = load(up + i, n), gu = u * load(gain.data + i, n);
        sum += gu;
        sum_z += gu * z;
        store(dg + i, load(dg + i, n) + u * z, n);
      });
      const float a = sum_of(sum) / float(C), b = sum_of(sum_z) / float(C);
      for_lanes(C, [&](Index i, auto n) {
        const Floats z = (load(in + i, n) - m) * s, gu = load(up + i, n) * load(gain.data + i, n);
        store(down + i, load(down + i, n) + s * (gu - a - z * b), n);
      });
    }
  });
  for (Index p = 0; p < pieces; ++p) {
    const float* dg = partial.data() + p * C;
    for (Index c = 0; c < C; ++c) dgain.data[c] += dg[c];
  }
}

}  // namespace andrea
