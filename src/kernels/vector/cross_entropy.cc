#include "base/threads.h"
#include "kernels/vector/activations.h"
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

// Chunks follow one another, so that dhead grows in one order; the parallel work is inside each.
template <class T>
void cross_entropy_of(Vec losses, MatView<T> dx, Mat dhead, MatView<const T> x, const Weight& head,
                      CIds targets, float scale) {
  using Word = WordOf<T>;
  const Index N = x.rows, V = head.outputs();
  const bool gradient = dx.data != nullptr;
  const Scratch memory(cross_entropy_floats(N, V));
  for (Index from = 0; from < N; from += kLossRows) {
    const Index rows = smaller(kLossRows, N - from);
    const Mat logits(memory.data(), rows, V, logits_stride(V));
    const MatView<const T> in = x.block(from, rows);
    product(logits, as_is(in), forward<Word>(head));
    parallel_for(rows, [&](Index r) {
      losses.data[from + r] = row_loss(logits.row(r), V, targets.data[from + r], gradient, scale);
    });
    if (gradient) {
      product_into(dx.block(from, rows), as_is(logits), backward<Word>(head));
      add_product_of_transposed<Word>(dhead, CMat(logits), in);
    }
  }
}

}  // namespace

void cross_entropy(Vec losses, ActMat dx, Mat dhead, CActMat x, const Weight& head, CIds targets,
                   float scale) {
  of_kind(x, [&](auto in) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(in.data)>>;
    cross_entropy_of<T>(losses, as<T>(dx), dhead, in, head, targets, scale);
  });
}

}  // namespace andrea::ANDREA_ISA
