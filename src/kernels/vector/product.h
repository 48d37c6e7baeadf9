// Products of matrices, the part that all kernels share:  c(M,N) = a(M,K) b(K,N), or +=.
//
// How: b is laid out once in panels of kPanel columns ("packed"), so that the innermost loop reads it in
// order. That loop (`micro` in product.cc) keeps a tile of kTileRows x kPanel sums in registers and goes
// along K: load kPanel numbers of b, and for each row spread one number of a over a register and
// multiply-add. Around it, blocks along K of kDepth keep a panel (kDepth x kPanel floats) in the first cache,
// and blocks of kRows rows keep a copy of a's part in the second. A number is summed in one order, whatever
// the threads: along K in blocks of kDepth.
#pragma once
#include "kernels/scratch.h"
#include "kernels/vector/lanes.h"

namespace andrea::ANDREA_ISA {

// By the number of registers: 16 of them hold 6 x 2 sums, 2 of b and one of a; AVX-512 has 32 for 8 x 3.
#if defined(__AVX512F__)
inline constexpr Index kTileRows = 8, kVectors = 3;
#else
inline constexpr Index kTileRows = 6, kVectors = 2;
#endif
inline constexpr Index kPanel = kVectors * kLanes;
#if defined(__FMA__) || defined(__aarch64__)
inline constexpr Index kDepth = 384;
#else  // a product and a sum round twice: shorter runs keep the error of a sum as small as with FMA
inline constexpr Index kDepth = 96;
#endif
inline constexpr Index kRows = 96;  // a multiple of kTileRows

// The left factor: a(m,k) = data[m * row_step + k * k_step]; one of the steps is 1. One that is `near`, in
// the first caches, is read where it lies; others are copied first, block by block.
struct Left {
  const float* data;
  Index row_step, k_step;
  bool near = false;
};
inline Left near(Left a) { return {a.data, a.row_step, a.k_step, true}; }
inline Left as_is(CMat a) { return {a.data, a.stride, 1}; }       // a(M,K)
inline Left transposed(CMat a) { return {a.data, 1, a.stride}; }  // a(K,M)

// The right factor, packed: panel j holds columns j * kPanel ..., as K rows of kPanel numbers, zeros beyond
// N. Of a factor packed with more rows, `packed_rows`, the first K may be taken.
struct Packed {
  const float* data;
  Index K, N, packed_rows;
  Packed(const float* d, Index k, Index n) : Packed(d, k, n, k) {}
  Packed(const float* d, Index k, Index n, Index rows) : data(d), K(k), N(n), packed_rows(rows) {}
  const float* panel(Index j) const { return data + j * packed_rows * kPanel; }
};
inline Index packed_floats(Index K, Index N) { return pieces(N, kPanel) * kPanel * K; }

// Panels `from` to `to` of b(K,N), and of the transpose of b(N,K), into `data`, which is that of the whole.
void pack_panels(float* data, CMat b, Index from, Index to);
void pack_panels_transposed(float* data, CMat b, Index from, Index to);

// On one thread.
void multiply(Mat c, Left a, Packed b, bool add);

// The same with all threads, b packed into `memory` of packed_floats(K, N).
Packed packed(const Scratch& memory, CMat b);             // b(K,N)
Packed packed_transposed(const Scratch& memory, CMat b);  // b(N,K)
void product(Mat c, Left a, Packed b, bool add);

}  // namespace andrea::ANDREA_ISA
