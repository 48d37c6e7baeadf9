#include "base/error.h"
#include "base/threads.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace andrea {
namespace {

void check_ids(CIds ids, Index rows, Index vocab) {
  check(ids.size == rows, "embedding: one id a row");
  uint16_t greatest = 0;
  for (Index n = 0; n < ids.size; ++n) greatest = std::max(greatest, ids.data[n]);
  check(greatest < vocab, "embedding: an id is not in the vocabulary");
}

}  // namespace

void embedding(Mat x, CMat tokens, CMat positions, CIds ids, Index T) {
  check(T >= 1 && x.rows % T == 0 && positions.rows >= T && tokens.cols == x.cols && positions.cols == x.cols,
        "embedding: x(N,C), tokens(V,C), positions(>=T,C)");
  check_ids(ids, x.rows, tokens.rows);
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
  check(T >= 1 && dx.rows % T == 0 && dpositions.rows >= T && dtokens.cols == dx.cols &&
            dpositions.cols == dx.cols,
        "embedding_backward: dtokens(V,C), dpositions(>=T,C), dx(N,C)");
  check_ids(ids, dx.rows, dtokens.rows);
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

}  // namespace andrea
