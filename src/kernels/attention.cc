#include <cmath>
#include <memory>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/eigen.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace andrea {
namespace {

constexpr Index kBlock = 64;  // queries a block

using Scratch = std::unique_ptr<float[]>;
Scratch scratch(Index rows, Index cols) {
  return std::make_unique_for_overwrite<float[]>(size_t(rows * cols));
}

// One head of one row of the batch, as views of T x D. Queries and keys are scaled by 1/sqrt(D) in the
// scores.
struct Head {
  CMat q, k, v;
  Head(CMat qkv, Index row, Index h, Index T, Index C, Index D)
      : q(qkv.block(row * T, T).columns(h * D, D)),
        k(qkv.block(row * T, T).columns(C + h * D, D)),
        v(qkv.block(row * T, T).columns(2 * C + h * D, D)) {}
};

// In place: s = exp(scale * s - lse) for the first `seen` of `width` columns, 0 for the rest (keys in the
// future). With `lse` null it is found first, and returned.
float softmax_row(float* s, Index seen, Index width, float scale) {
  Floats most = splat(-std::numeric_limits<float>::infinity());
  for_lanes(seen, [&](Index i, auto n) {
    most = max(most, load(s + i, n, -std::numeric_limits<float>::infinity()));
  });
  const float top = max_of(most) * scale;
  Floats sum{};
  for_lanes(seen, [&](Index i, auto n) {
    const Floats e = exp(load(s + i, n, -std::numeric_limits<float>::infinity()) * scale - top);
    store(s + i, e, n);
    sum += e;
  });
  const float total = sum_of(sum), inverse = 1 / total;
  for_lanes(seen, [&](Index i, auto n) { store(s + i, load(s + i, n) * inverse, n); });
  for (Index i = seen; i < width; ++i) s[i] = 0;
  return top + std::log(total);
}

}  // namespace

// A task is a head and a block of queries; the keys it sees end with its own block.
void attention(Mat out, Mat lse, CMat qkv, Index T, Index H) {
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H;
  check(T >= 1 && H >= 1 && N % T == 0 && qkv.cols == 3 * C && C == H * D && out.rows == N && out.cols == C &&
            lse.rows == N / T * H && lse.cols == T,
        "attention: out(N,C), lse(B*H,T), qkv(N,3C)");
  const Index blocks = (T + kBlock - 1) / kBlock;
  const float scale = 1 / std::sqrt(float(D));
  parallel_for(N / T * H * blocks, [&](Index task) {
    const Index bh = task / blocks, row = bh / H, h = bh % H;
    const Index from = (blocks - 1 - task % blocks) * kBlock;  // the longest first
    const Index rows = std::min(kBlock, T - from), width = from + rows;
    const Head head(qkv, row, h, T, C, D);
    const Scratch memory = scratch(rows, width);
    const Mat p(memory.get(), rows, width);
    eigen(p).noalias() = eigen(head.q.block(from, rows)) * eigen(head.k.block(0, width)).transpose();
    for (Index i = 0; i < rows; ++i)
      lse.row(bh)[from + i] = softmax_row(p.row(i), from + i + 1, width, scale);
    eigen(out.block(row * T + from, rows).columns(h * D, D)).noalias() =
        eigen(CMat(p)) * eigen(head.v.block(0, width));
  });
}

// With S = scale q k^T, P = softmax(S), out = P v:
//   dv = P^T dout,  dP = dout v^T,  dS = P (dP - delta) with delta_i = sum_j P_ij dP_ij = dout_i . out_i,
//   dq = scale dS k,  dk = scale dS^T q.
// A task is a head: dk and dv grow over its blocks of queries, in order.
void attention_backward(Mat dqkv, CMat dout, CMat out, CMat lse, CMat qkv, Index T, Index H) {
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H;
  check(T >= 1 && H >= 1 && N % T == 0 && qkv.cols == 3 * C && C == H * D && dqkv.rows == N &&
            dqkv.cols == 3 * C && dout.rows == N && dout.cols == C && out.rows == N && out.cols == C &&
            lse.rows == N / T * H && lse.cols == T,
        "attention_backward: dqkv(N,3C), dout(N,C), out(N,C), lse(B*H,T), qkv(N,3C)");
  const float scale = 1 / std::sqrt(float(D));
  parallel_for(N / T * H, [&](Index bh) {
    const Index row = bh / H, h = bh % H;
    const Head head(qkv, row, h, T, C, D);
    const auto part = [&](Index which) { return dqkv.block(row * T, T).columns(which * C + h * D, D); };
    const Mat dq = part(0), dk = part(1), dv = part(2);
    const CMat up = dout.block(row * T, T).columns(h * D, D), y = out.block(row * T, T).columns(h * D, D);
    eigen(dk).setZero();
    eigen(dv).setZero();
    const Scratch memory = scratch(2 * kBlock, T);
    for (Index from = 0; from < T; from += kBlock) {
      const Index rows = std::min(kBlock, T - from), width = from + rows;
      const Mat p(memory.get(), rows, width), ds(memory.get() + kBlock * T, rows, width);
      const auto q = eigen(head.q.block(from, rows)), k = eigen(head.k.block(0, width)),
                 v = eigen(head.v.block(0, width)), dy = eigen(up.block(from, rows));
      eigen(p).noalias() = q * k.transpose();
      eigen(ds).noalias() = dy * v.transpose();
      for (Index i = 0; i < rows; ++i) {
        float *pi = p.row(i), *di = ds.row(i);
        Floats dot{};
        for_lanes(
            D, [&](Index c, auto n) { dot += load(up.row(from + i) + c, n) * load(y.row(from + i) + c, n); });
        const float delta = sum_of(dot), sum = lse.row(bh)[from + i];
        for_lanes(from + i + 1, [&](Index j, auto n) {
          const Floats e = exp(load(pi + j, n) * scale - sum);
          store(pi + j, e, n);
          store(di + j, e * (load(di + j, n) - delta) * scale, n);
        });
        for (Index j = from + i + 1; j < width; ++j) pi[j] = di[j] = 0;
      }
      eigen(dv.block(0, width)).noalias() += eigen(CMat(p)).transpose() * dy;
      eigen(dk.block(0, width)).noalias() += eigen(CMat(ds)).transpose() * q;
      eigen(dq.block(from, rows)).noalias() = eigen(CMat(ds)) * k;
    }
  });
}

}  // namespace andrea
