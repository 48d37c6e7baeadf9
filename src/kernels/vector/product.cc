#include "kernels/vector/product.h"

#include "base/threads.h"

namespace andrea::ANDREA_ISA {
namespace {

// c(M, n) (+)= a(M, K) panel(K, n) for n in ((V-1) * kLanes, V * kLanes], all sums in registers.
template <int M, int V>
void micro(float* c, Index stride, Index n, Left a, const float* panel, Index K, bool add) {
  Floats sum[M][V];
  for (int m = 0; m < M; ++m)
    for (int v = 0; v < V; ++v) sum[m][v] = Floats{};
  for (Index k = 0; k < K; ++k) {
    Floats b[V];
    for (int v = 0; v < V; ++v) b[v] = load(panel + v * kLanes);
    for (int m = 0; m < M; ++m) {
      const Floats x = splat(a.data[m * a.row_step]);
      for (int v = 0; v < V; ++v) sum[m][v] += x * b[v];
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
Micro micro_of(Index rows, Index vectors) {
  switch (rows) {
    case 1:
      return micro_of_vectors<1>(vectors);
    case 2:
      return micro_of_vectors<2>(vectors);
    case 3:
      return micro_of_vectors<3>(vectors);
    case 4:
      return micro_of_vectors<4>(vectors);
    case 5:
      return micro_of_vectors<5>(vectors);
    case 6:
      return micro_of_vectors<6>(vectors);
#if defined(__AVX512F__)
    case 7:
      return micro_of_vectors<7>(vectors);
    case 8:
      return micro_of_vectors<8>(vectors);
#endif
  }
  __builtin_unreachable();
}

// A transposed left factor lies with its rows far apart along K: its block is copied together first, in
// strips of kTileRows rows, K after K.
void gather(float* to, const float* from, Index k_step, Index rows, Index K) {
  for (Index r = 0; r < rows; r += kTileRows) {
    const Index some = smaller(kTileRows, rows - r);
    for (Index k = 0; k < K; ++k, to += kTileRows)
      for (Index i = 0; i < some; ++i) to[i] = from[k * k_step + r + i];
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
  alignas(64) float gathered[kRows * kDepth];
  for (Index m0 = 0; m0 < c.rows; m0 += kRows) {
    const Index rows = smaller(kRows, c.rows - m0);
    for (Index k0 = 0; k0 < b.K; k0 += kDepth) {
      const Index depth = smaller(kDepth, b.K - k0);
      const float* from = a.data + m0 * a.row_step + k0 * a.k_step;
      const bool together = a.k_step == 1;
      if (!together) gather(gathered, from, a.k_step, rows, depth);
      for (Index n0 = 0; n0 < c.cols; n0 += kPanel) {
        const Index cols = smaller(kPanel, c.cols - n0);
        const float* panel = b.panel(n0 / kPanel) + k0 * kPanel;
        for (Index m = 0; m < rows; m += kTileRows) {
          const Index some = smaller(kTileRows, rows - m);
          const Left strip = together ? Left{from + m * a.row_step, a.row_step, 1}
                                      : Left{gathered + m * depth, 1, kTileRows};
          micro_of(some, pieces(cols, kLanes))(c.row(m0 + m) + n0, c.stride, cols, strip, panel, depth,
                                               add || k0 > 0);
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
  constexpr Index kEnough = 32;
  Index rows = kRows, cols = 16 * kPanel;
  const auto count = [&] { return pieces(c.rows, rows) * pieces(c.cols, cols); };
  while (count() < kEnough && cols > 4 * kPanel) {
    if (rows > 48) rows /= 2;
    if (count() < kEnough) cols /= 2;
  }
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
