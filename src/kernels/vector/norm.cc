#include "base/threads.h"
#include "kernels/vector/activations.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {
namespace {

constexpr float kEpsilon = 1e-5f;
constexpr Index kPiece = 64;  // rows a piece; dgain's partial sums depend on it

// Two passes, mean first: the variance of large, nearly equal numbers would drown in E[x^2] - mean^2.
template <class T>
void norm_of(MatView<T> y, Vec mean, Vec rstd, CMat x, CVec gain) {
  const Index C = x.cols;
  parallel_pieces(x.rows, kPiece, [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* in = x.row(r);
      T* out = y.row(r);
      Floats sum{}, squares{};
      for_lanes(C, [&](Index i, auto n) { sum += load(in + i, n); });
      const float m = sum_of(sum) / float(C);
      for_lanes(C, [&](Index i, auto n) {
        const Floats d = load(in + i, n, m) - m;
        squares += d * d;
      });
      const float s = 1.0f / __builtin_sqrtf(sum_of(squares) / float(C) + kEpsilon);
      for_lanes(
          C, [&](Index i, auto n) { store(out + i, (load(in + i, n) - m) * s * load(gain.data + i, n), n); });
      mean.data[r] = m;
      rstd.data[r] = s;
    }
  });
}

// With z = (x - mean) rstd and y = gain z:  dgain = sum over rows of dy z, and
// dx = rstd (gain dy - mean(gain dy) - z mean(gain dy z)), means over the row.
template <class T>
void norm_backward_of(Mat dx, Vec dgain, MatView<const T> dy, CMat x, CVec gain, CVec mean, CVec rstd) {
  const Index N = x.rows, C = x.cols;
  const Scratch partial(pieces(N, kPiece) * C);
  parallel_pieces(N, kPiece, [&](Index begin, Index end) {
    float* dg = partial.data() + begin / kPiece * C;
    for (Index c = 0; c < C; ++c) dg[c] = 0;
    for (Index r = begin; r < end; ++r) {
      const float* in = x.row(r);
      const T* up = dy.row(r);
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
  for (Index p = 0; p < pieces(N, kPiece); ++p) {
    const float* dg = partial.data() + p * C;
    for (Index c = 0; c < C; ++c) dgain.data[c] += dg[c];
  }
}

}  // namespace

void norm(ActMat y, Vec mean, Vec rstd, CMat x, CVec gain) {
  of_kind(y, [&](auto to) { norm_of(to, mean, rstd, x, gain); });
}

void norm_backward(Mat dx, Vec dgain, CActMat dy, CMat x, CVec gain, CVec mean, CVec rstd) {
  of_kind(dy, [&](auto up) { norm_backward_of(dx, dgain, up, x, gain, mean, rstd); });
}

}  // namespace andrea::ANDREA_ISA
