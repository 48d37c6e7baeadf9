#include "base/error.h"
#include "base/threads.h"
#include "kernels/eigen.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace andrea {
namespace {

Index pieces(Index n, Index piece) { return (n + piece - 1) / piece; }

// The size of `count` pieces of n, of about equal size: a last tile of one column would cost as much as a
// whole one.
Index even(Index n, Index count) { return (pieces(n, count) + 15) / 16 * 16; }

struct Tile {
  Index rows, cols;
};

// By the shape of y alone. Eigen packs both operands anew for each tile, so tiles are large (measured: 256 x
// 384 is as fast as one product undivided), but small products are divided further, so that many threads find
// work. Columns are multiples of 96: of the 24 or 48 that Eigen's innermost loop takes at once.
Tile tile_of(Index rows, Index cols) {
  constexpr Index kEnough = 16;
  Tile t{256, 384};
  const auto count = [&] { return pieces(rows, t.rows) * pieces(cols, t.cols); };
  while (count() < kEnough && t.cols > 96) {
    t.rows /= 2;
    if (count() < kEnough) t.cols /= 2;
  }
  return {even(rows, pieces(rows, t.rows)), even(cols, pieces(cols, t.cols))};
}

// y = a b, or += : one tile. Eigen's products with a vector round differently at different addresses, so a
// result of one row or column, which only tests and the last tile of odd shapes have, is added up plainly.
template <class A, class B>
void product(EigenMat y, const A& a, const B& b, bool add) {
  if (y.rows() == 1 || y.cols() == 1) {
    for (Index r = 0; r < y.rows(); ++r)
      for (Index c = 0; c < y.cols(); ++c) {
        float sum = 0;
        for (Index k = 0; k < a.cols(); ++k) sum += a(r, k) * b(k, c);
        y(r, c) = add ? y(r, c) + sum : sum;
      }
  } else if (add) {
    y.noalias() += a * b;
  } else {
    y.noalias() = a * b;
  }
}

// body(tile, r, c) for the tiles of y, which begin at row r and column c, in parallel.
template <class Body>
void for_tiles(Mat y, const Body& body) {
  const Tile t = tile_of(y.rows, y.cols);
  const Index across = pieces(y.cols, t.cols);
  parallel_for(pieces(y.rows, t.rows) * across, [&](Index i) {
    const Index r = i / across * t.rows, c = i % across * t.cols;
    body(y.block(r, std::min(t.rows, y.rows - r)).columns(c, std::min(t.cols, y.cols - c)), r, c);
  });
}

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
  check(y.rows == x.rows && y.cols == w.rows && x.cols == w.cols, "matmul: y(N,O), x(N,C), w(O,C)");
  if (y.rows == 1) return matmul_row(y.data, x.data, w, add);
  for_tiles(y, [&](Mat tile, Index r, Index c) {
    product(eigen(tile), eigen(x.block(r, tile.rows)), eigen(w.block(c, tile.cols)).transpose(), add);
  });
}

void matmul_input_backward(Mat dx, CMat dy, CMat w, bool add) {
  check(dx.rows == dy.rows && dy.cols == w.rows && dx.cols == w.cols,
        "matmul_input_backward: dx(N,C), dy(N,O), w(O,C)");
  for_tiles(dx, [&](Mat tile, Index r, Index c) {
    product(eigen(tile), eigen(dy.block(r, tile.rows)), eigen(w.columns(c, tile.cols)), add);
  });
}

void matmul_weight_backward(Mat dw, CMat dy, CMat x) {
  check(dw.rows == dy.cols && dw.cols == x.cols && dy.rows == x.rows,
        "matmul_weight_backward: dw(O,C), dy(N,O), x(N,C)");
  for_tiles(dw, [&](Mat tile, Index r, Index c) {
    product(eigen(tile), eigen(dy.columns(r, tile.rows)).transpose(), eigen(x.columns(c, tile.cols)), true);
  });
}

const char* instruction_set() {
#if defined(__AVX512F__)
  return "fp32 Eigen, AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "fp32 Eigen, AVX2 and FMA";
#elif defined(__AVX__)
  return "fp32 Eigen, AVX";
#elif defined(__SSE2__)
  return "fp32 Eigen, SSE2";
#elif defined(__ARM_NEON)
  return "fp32 Eigen, NEON";
#else
  return "fp32 Eigen";
#endif
}

}  // namespace andrea
