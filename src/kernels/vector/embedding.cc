#include "base/threads.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {

void embedding(Mat x, CMat tokens, CMat positions, CIds ids, Index T) {
  parallel_pieces(x.rows, 64, [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      float* to = x.row(r);
      const float *token = tokens.row(ids.data[r]), *position = positions.row(r % T);
      for_lanes(x.cols,
                [&](Index i, auto n) { store(to + i, load(token + i, n) + load(position + i, n), n); });
    }
  });
}

// An id may occur in any row, so the work is split by channels: each piece adds all rows in their order.
void embedding_backward(Mat dtokens, Mat dpositions, CMat dx, CIds ids, Index T) {
  parallel_pieces(dx.cols, 64, [&](Index begin, Index end) {
    for (Index r = 0; r < dx.rows; ++r) {
      const float* from = dx.row(r) + begin;
      float *token = dtokens.row(ids.data[r]) + begin, *position = dpositions.row(r % T) + begin;
      for_lanes(end - begin, [&](Index i, auto n) {
        store(token + i, load(token + i, n) + load(from + i, n), n);
        store(position + i, load(position + i, n) + load(from + i, n), n);
      });
    }
  });
}

}  // namespace andrea::ANDREA_ISA
