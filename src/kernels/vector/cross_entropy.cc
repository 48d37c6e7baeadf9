#include "base/threads.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {
namespace {

// The loss of one row of logits z: log sum exp(z) - z[target], stable by taking the greatest out.
// With `gradient`, z becomes scale * (softmax(z) - one at target).
float row_loss(float* z, Index V, Index target, bool gradient, float scale) {
  Floats most = splat(-kInfinity), sum{};
  for_lanes(V, [&](Index i, auto n) { most = max(most, load(z + i, n, -kInfinity)); });
  const float top = max_of(most), hit = z[target];
  for_lanes(V, [&](Index i, auto n) {
    const Floats e = exp(load(z + i, n, -kInfinity) - top);
    if (gradient) store(z + i, e, n);
    sum += e;
  });
  const float total = sum_of(sum);
  if (gradient) {
    const float factor = scale / total;
    for_lanes(V, [&](Index i, auto n) { store(z + i, load(z + i, n) * factor, n); });
    z[target] -= scale;
  }
  return __builtin_logf(total) + (top - hit);
}

}  // namespace

// Chunks follow one another, so that dhead grows in one order; the parallel work is inside each. The head is
// packed once for all of them.
void cross_entropy(Vec losses, Mat dx, Mat dhead, CMat x, CMat head, CIds targets, float scale) {
  const Index N = x.rows, C = x.cols, V = head.rows;
  const bool gradient = dx.data != nullptr;
  const Scratch memory(smaller(kLossRows, N) * V), forward(packed_floats(C, V)),
      backward(gradient ? packed_floats(V, C) : 0), chunk(gradient ? packed_floats(kLossRows, C) : 0);
  const Packed columns = packed_transposed(forward, head);
  const Packed rows_of_head = gradient ? packed(backward, head) : columns;
  for (Index from = 0; from < N; from += kLossRows) {
    const Index rows = smaller(kLossRows, N - from);
    const Mat logits(memory.data(), rows, V);
    const CMat in = x.block(from, rows);
    product(logits, as_is(in), columns, false);
    parallel_for(rows, [&](Index r) {
      losses.data[from + r] = row_loss(logits.row(r), V, targets.data[from + r], gradient, scale);
    });
    if (gradient) {
      product(dx.block(from, rows), as_is(logits), rows_of_head, false);
      product(dhead, transposed(logits), packed(chunk, in), true);
    }
  }
}

}  // namespace andrea::ANDREA_ISA
