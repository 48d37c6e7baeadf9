#include "base/threads.h"
#include "kernels/scratch.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {
namespace {

// One row, as in decoding one token: limited by reading w, each output a dot product.
void matmul_row(float* y, const float* x, CMat w, bool add) {
  parallel_pieces(w.rows, 128, [&](Index begin, Index end) {
    for (Index o = begin; o < end; ++o) {
      Floats sum{};
      for_lanes(w.cols, [&](Index c, auto n) { sum += load(x + c, n) * load(w.row(o) + c, n); });
      y[o] = add ? y[o] + sum_of(sum) : sum_of(sum);
    }
  });
}

}  // namespace

void matmul(Mat y, CMat x, CMat w, bool add) {
  if (y.rows == 1) return matmul_row(y.data, x.data, w, add);
  const Scratch panels(packed_floats(w.cols, w.rows));
  product(y, as_is(x), packed_transposed(panels, w), add);
}

void matmul_input_backward(Mat dx, CMat dy, CMat w, bool add) {
  const Scratch panels(packed_floats(w.rows, w.cols));
  product(dx, as_is(dy), packed(panels, w), add);
}

void matmul_weight_backward(Mat dw, CMat dy, CMat x) {
  const Scratch panels(packed_floats(x.rows, x.cols));
  product(dw, transposed(dy), packed(panels, x), true);
}

}  // namespace andrea::ANDREA_ISA
