#include <cmath>
#include <memory>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace andrea {
namespace {

constexpr Index kChunk = 256;  // rows of logits in memory
constexpr float kNothing = -std::numeric_limits<float>::infinity();

// The loss of one row of logits z: log sum exp(z) - z[target], stable by taking the greatest out.
// With `gradient`, z becomes scale * (softmax(z) - one at target).
float row_loss(float* z, Index V, Index target, bool gradient, float scale) {
  Floats most = splat(kNothing), sum{};
  for_lanes(V, [&](Index i, auto n) { most = max(most, load(z + i, n, kNothing)); });
  const float top = max_of(most), hit = z[target];
  for_lanes(V, [&](Index i, auto n) {
    const Floats e = exp(load(z + i, n, kNothing) - top);
    if (gradient) store(z + i, e, n);
    sum += e;
  });
  const float total = sum_of(sum);
  if (gradient) {
    const float factor = scale / total;
    for_lanes(V, [&](Index i, auto n) { store(z + i, load(z + i, n) * factor, n); });
    z[target] -= scale;
  }
  return std::log(total) + (top - hit);
}

}  // namespace

// Chunks follow one another, so that dhead grows in one order; the parallel work is inside each.
void cross_entropy(Vec losses, Mat dx, Mat dhead, CMat x, CMat head, CIds targets, float scale) {
  const Index N = x.rows, C = x.cols, V = head.rows;
  const bool gradient = dx.data != nullptr;
  check(losses.size == N && head.cols == C && targets.size == N && gradient == (dhead.data != nullptr) &&
            (!gradient || (dx.rows == N && dx.cols == C && dhead.rows == V && dhead.cols == C)),
        "cross_entropy: losses(N), dx(N,C), dhead(V,C), x(N,C), head(V,C), targets(N)");
  for (Index n = 0; n < N; ++n)
    check(targets.data[n] < V, "cross_entropy: a target is not in the vocabulary");
  const auto memory = std::make_unique_for_overwrite<float[]>(size_t(std::min(kChunk, N) * V));
  for (Index from = 0; from < N; from += kChunk) {
    const Index rows = std::min(kChunk, N - from);
    const Mat logits(memory.get(), rows, V);
    const CMat in = x.block(from, rows);
    matmul(logits, in, head);
    parallel_for(rows, [&](Index r) {
      losses.data[from + r] = row_loss(logits.row(r), V, targets.data[from + r], gradient, scale);
    });
    if (gradient) {
      matmul_input_backward(dx.block(from, rows), logits, head);
      matmul_weight_backward(dhead, logits, in);
    }
  }
}

}  // namespace andrea
