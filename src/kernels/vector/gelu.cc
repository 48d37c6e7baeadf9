#include "kernels/vector/gelu.h"

#include "base/threads.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {

void gelu(Mat y, CMat x) {
  parallel_pieces(x.rows, 16, [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* in = x.row(r);
      float* out = y.row(r);
      for_lanes(x.cols, [&](Index i, auto n) { store(out + i, gelu_of(load(in + i, n)), n); });
    }
  });
}

}  // namespace andrea::ANDREA_ISA
