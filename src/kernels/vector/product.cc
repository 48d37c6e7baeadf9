#include "kernels/vector/product.h"

#include "base/threads.h"

namespace andrea::ANDREA_ISA {
namespace {

// c(M, n) (+)= a(M, K) panel(K, n) for n in ((V-1) * kLanes, V * kLanes], all sums in registers.
template <int M, int V>
void micro(float* c, Index stride, Index n, Left a, const float* panel, Index K, bool add) {
  Floats sum[M][V];
  for (int m = 0; m < M; ++m) {
    __builtin_prefetch(c + m * stride, 1);
    for (int v = 0; v < V; ++v) sum[m][v] = Floats{};
  }
  for (Index k = 0; k < K; ++k) {
    Floats b[V];
    for (int v = 0; v < V; ++v) b[v] = load(panel + v * kLanes);
    for (int m = 0; m < M; ++m) {
      const Floats x = splat(a.data[m * a.row_step]);
      for (int v = 0; v < V; ++v) sum[m][v] = multiply_add(x, b[v], sum[m][v]);
    }
    a.data += a.k_step;
    panel += kPanel;
  }
  const auto write = [&](int m, int v, auto some) {
    float* to = c + m * stride + v * kLanes;
    store(to, add ? load(to, some) + sum[m][v] : sum[m][v], some);
  };
  for (int m = 0; m < M; ++m) {
    for (int v = 0; v + 1 < V; ++v) write(m, v, Whole{});
    if (n == V * kLanes)
      write(m, V - 1, Whole{});
    else
      write(m, V - 1, n - (V - 1) * kLanes);
  }
}

using Micro = void (*)(float*, Index, Index, Left, const float*, Index, bool);
template <int M>
constexpr Micro micro_of_vectors(Index vectors) {
  if constexpr (kVectors == 3)
    if (vectors == 3) return micro<M, 3>;
  return vectors == 2 ? micro<M, 2> : micro<M, 1>;
}
// The loop for `rows` (1 to kTileRows) and `vectors` (1 to kVectors).
template <int M = kTileRows>
Micro micro_of(Index rows, Index vectors) {
  if constexpr (M > 1)
    if (rows < M) return micro_of<M - 1>(rows, vectors);
  return micro_of_vectors<M>(vectors);
}

// The block of a left factor that is used again and again, read once in the order of memory, which hides its
// latency (docs/performance.md). As it is: row after row. A transposed one: in strips of kTileRows rows, K
// after K.
void copy_rows(float* to, const float* from, Index row_step, Index rows, Index K) {
  for (Index r = 0; r < rows; ++r, to += K)
    for_lanes(K, [&](Index k, auto n) { store(to + k, load(from + r * row_step + k, n), n); });
}
void gather_strips(float* to, const float* from, Index k_step, Index rows, Index K) {
  for (Index k = 0; k < K; ++k, from += k_step, to += kTileRows) {
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
      Left block{a.data + m0 * a.row_step + k0 * a.k_step, a.row_step, 1};
      Index strip_step = kTileRows * a.row_step;
      if (a.k_step != 1) {
        gather_strips(copy, block.data, a.k_step, rows, depth);
        block = {copy, 1, kTileRows};
        strip_step = kTileRows * depth;
      } else if (c.cols >= kWorthwhile) {
        copy_rows(copy, block.data, a.row_step, rows, depth);
        block.data = copy, block.row_step = depth;
        strip_step = kTileRows * depth;
      }
      for (Index n0 = 0; n0 < c.cols; n0 += kPanel) {
        const Index cols = smaller(kPanel, c.cols - n0);
        const float* panel = b.panel(n0 / kPanel) + k0 * kPanel;
        for (Index m = 0; m < rows; m += kTileRows) {
          const Left strip{block.data + m / kTileRows * strip_step, block.row_step, block.k_step};
          micro_of(smaller(kTileRows, rows - m), pieces(cols, kLanes))(c.row(m0 + m) + n0, c.stride, cols,
                                                                       strip, panel, depth, add || k0 > 0);
        }
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
