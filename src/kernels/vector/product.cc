#include "kernels/vector/product.h"

#include "base/threads.h"

namespace andrea::ANDREA_ISA {
namespace {

// c(M, n) (+)= a(M, K) panel(K, n) for n in ((V-1) * kLanes, V * kLanes], all sums in registers. The loops
// over them are unrolled, or the compiler keeps the sums on the stack.
template <int M, int V>
[[gnu::always_inline]] inline void micro(float* c, Index stride, Index n, const float* a, Index row_step,
                                         Index k_step, const float* panel, Index K, bool add) {
  Floats sum[M][V];
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m) {
    __builtin_prefetch(c + m * stride, 1);
#pragma GCC unroll 3
    for (int v = 0; v < V; ++v) sum[m][v] = Floats{};
  }
  for (Index k = 0; k < K; ++k) {
    Floats b[V];
#pragma GCC unroll 3
    for (int v = 0; v < V; ++v) b[v] = load(panel + v * kLanes);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      const Floats x = splat(a[m * row_step]);
#pragma GCC unroll 3
      for (int v = 0; v < V; ++v) sum[m][v] = multiply_add(x, b[v], sum[m][v]);
    }
    a += k_step;
    panel += kPanel;
  }
  const auto write = [&](auto last) {
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      float* to = c + m * stride;
#pragma GCC unroll 3
      for (int v = 0; v + 1 < V; ++v, to += kLanes) store(to, add ? load(to) + sum[m][v] : sum[m][v]);
      store(to, add ? load(to, last) + sum[m][V - 1] : sum[m][V - 1], last);
    }
  };
  if (n == V * kLanes)
    write(Whole{});
  else
    write(n - (V - 1) * kLanes);
}

// The last rows of a block: `rows`, 1 to M.
template <int V, int M = kTileRows - 1>
void micro_of_rows(Index rows, float* c, Index stride, Index n, const float* a, Index row_step, Index k_step,
                   const float* panel, Index K, bool add) {
  if constexpr (M > 1)
    if (rows < M) return micro_of_rows<V, M - 1>(rows, c, stride, n, a, row_step, k_step, panel, K, add);
  micro<M, V>(c, stride, n, a, row_step, k_step, panel, K, add);
}

// A panel against all rows of a block, strip after strip of a. Meanwhile the next panel, so many floats
// behind this one (0: all are near), comes into the second cache.
template <int V>
void panel_product(Mat c, const float* a, Index strip_step, Index row_step, Index k_step, const float* panel,
                   Index packed_step, Index K, bool add) {
  const Index each = packed_step > 0 ? kTileRows * K / c.rows : 0;  // lines of 64 bytes
  const float* next = panel + packed_step;
  Index m = 0;
  for (; m + kTileRows <= c.rows; m += kTileRows, a += strip_step) {
    for (Index i = 0; i < each; ++i, next += kPanel) __builtin_prefetch(next, 0, 2);
    micro<kTileRows, V>(c.row(m), c.stride, c.cols, a, row_step, k_step, panel, K, add);
  }
  if (m < c.rows)
    micro_of_rows<V>(c.rows - m, c.row(m), c.stride, c.cols, a, row_step, k_step, panel, K, add);
}

// The block of a left factor that is used again and again, read once in the order of memory, which hides its
// latency (docs/performance.md). As it is: row after row. A transposed one: in strips of kTileRows rows, K
// after K.
void copy_rows(float* to, const float* from, Index row_step, Index rows, Index K) {
  for (Index r = 0; r < rows; ++r, to += K)
    for_lanes(K, [&](Index k, auto n) { store(to + k, load(from + r * row_step + k, n), n); });
}
void gather_strips(float* to, const float* from, Index k_step, Index rows, Index K) {
  constexpr Index kAhead = 8, kLine = 16;  // rows of memory; floats of a cache line
  for (Index k = 0; k < K; ++k, from += k_step, to += kTileRows) {
    for (Index r = 0; r < rows; r += kLine) __builtin_prefetch(from + kAhead * k_step + r);
    Index r = 0;
    for (; r + kTileRows <= rows; r += kTileRows)
      std::memcpy(to + r * K, from + r, kTileRows * sizeof(float));
    for (Index i = r; i < rows; ++i) to[r * K + i - r] = from[i];
  }
}

}  // namespace

void pack_panels(float* data, CMat b, Index from, Index to) {
  for (Index j = from; j < to; ++j) {
    float* at = data + j * b.rows * kPanel;
    const Index n = smaller(kPanel, b.cols - j * kPanel);
    for (Index k = 0; k < b.rows; ++k, at += kPanel) {
      const float* row = b.row(k) + j * kPanel;
      if (n == kPanel) {
        for (Index v = 0; v < kVectors; ++v) store(at + v * kLanes, load(row + v * kLanes));
      } else {
        for (Index i = 0; i < kPanel; ++i) at[i] = i < n ? row[i] : 0;
      }
    }
  }
}

// In squares of kLanes, which stay in the first cache.
void pack_panels_transposed(float* data, CMat b, Index from, Index to) {
  const Index K = b.cols;
  for (Index j = from; j < to; ++j) {
    float* panel = data + j * K * kPanel;
    const Index n = smaller(kPanel, b.rows - j * kPanel);
    for (Index k0 = 0; k0 < K; k0 += kLanes) {
      const Index depth = smaller(kLanes, K - k0);
      for (Index i = 0; i < kPanel; ++i) {
        const float* row = b.row(j * kPanel + i) + k0;
        float* at = panel + k0 * kPanel + i;
        for (Index k = 0; k < depth; ++k) at[k * kPanel] = i < n ? row[k] : 0;
      }
    }
  }
}

void multiply(Mat c, Left a, Packed b, bool add) {
  constexpr Index kWorthwhile = 8 * kPanel;  // columns, for which a copy of rows that lie well already pays
  alignas(64) float copy[kRows * kDepth];
  for (Index m0 = 0; m0 < c.rows; m0 += kRows) {
    const Index rows = smaller(kRows, c.rows - m0);
    for (Index k0 = 0; k0 < b.K; k0 += kDepth) {
      const Index depth = smaller(kDepth, b.K - k0);
      Left block{a.data + m0 * a.row_step + k0 * a.k_step, a.row_step, a.k_step};
      Index strip_step = kTileRows * a.row_step;
      if (!a.near && a.k_step != 1) {
        gather_strips(copy, block.data, a.k_step, rows, depth);
        block = {copy, 1, kTileRows};
        strip_step = kTileRows * depth;
      } else if (!a.near && c.cols >= kWorthwhile) {
        copy_rows(copy, block.data, a.row_step, rows, depth);
        block = {copy, depth, 1};
        strip_step = kTileRows * depth;
      }
      for (Index n0 = 0; n0 < c.cols; n0 += kPanel) {
        const Index cols = smaller(kPanel, c.cols - n0), vectors = pieces(cols, kLanes);
        const Mat tiles = c.block(m0, rows).columns(n0, cols);
        const float* panel = b.panel(n0 / kPanel) + k0 * kPanel;
        const auto go = [&](auto product) {
          product(tiles, block.data, strip_step, block.row_step, block.k_step, panel,
                  a.near ? 0 : b.packed_rows * kPanel, depth, add || k0 > 0);
        };
        if (vectors == 1)
          go(panel_product<1>);
        else if (vectors == 2)
          go(panel_product<2>);
        else
          go(panel_product<kVectors>);
      }
    }
  }
}

namespace {

// About the same work in each of `count` parts, in whole units.
Index even(Index n, Index count, Index unit) { return pieces(pieces(n, count), unit) * unit; }

constexpr Index kPanelsTogether = 8;  // panels packed as one task

}  // namespace

Packed packed(const Scratch& memory, CMat b) {
  parallel_pieces(pieces(b.cols, kPanel), kPanelsTogether,
                  [&](Index from, Index to) { pack_panels(memory.data(), b, from, to); });
  return {memory.data(), b.rows, b.cols};
}

Packed packed_transposed(const Scratch& memory, CMat b) {
  parallel_pieces(pieces(b.rows, kPanel), kPanelsTogether,
                  [&](Index from, Index to) { pack_panels_transposed(memory.data(), b, from, to); });
  return {memory.data(), b.cols, b.rows};
}

// Tiles of c by its shape alone: large ones for the caches, smaller ones where there would be too few for
// many threads to share evenly.
void product(Mat c, Left a, Packed b, bool add) {
  constexpr Index kEnough = 20;
  Index rows = kRows, cols = pieces(c.cols, kPanel) * kPanel;
  const auto count = [&] { return pieces(c.rows, rows) * pieces(c.cols, cols); };
  while (count() < kEnough && cols > 8 * kPanel) cols /= 2;
  if (count() < kEnough) rows = kRows / 2;
  while (count() < kEnough && cols > 4 * kPanel) cols /= 2;
  rows = even(c.rows, pieces(c.rows, rows), kTileRows);
  cols = even(c.cols, pieces(c.cols, cols), kPanel);
  const Index across = pieces(c.cols, cols);
  parallel_for(pieces(c.rows, rows) * across, [&](Index i) {
    const Index m = i / across * rows, n = i % across * cols;
    const Mat tile = c.block(m, smaller(rows, c.rows - m)).columns(n, smaller(cols, c.cols - n));
    multiply(tile, {a.data + m * a.row_step, a.row_step, a.k_step},
             {b.panel(n / kPanel), b.K, b.N - n, b.packed_rows}, add);
  });
}

}  // namespace andrea::ANDREA_ISA
