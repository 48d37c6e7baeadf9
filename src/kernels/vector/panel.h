// The innermost loops of product.cc: a panel of the right factor against the rows of a block of the left one.
#pragma once
#include "kernels/vector/product.h"

#if defined(ANDREA_TILES)
#include "kernels/vector/tiles.h"
#endif

namespace andrea::ANDREA_ISA {

inline constexpr Index kLine = 64 / sizeof(float);  // of the caches, in floats or words

// What a tile reads, word after word along K: a word of each row of the left factor, and a panel's row.
template <class Word>
struct Rows {
  const Word* at;
  Index row_step, k_step;  // in words
  Floats word(int m) const { return splat(at[m * row_step]); }
  void next() { at += k_step; }
};
template <class Word>
struct Panel {
  const Word* at;
  Floats vector(int v) const { return load(at + v * kLanes); }
  void next() { at += Tile<Word>::panel; }
};
// The same of floats that lie across K in memory, with a copy left in `to` as Rows or Panel read them. While
// a tile is multiplied that costs far less than before it (docs/performance.md).
struct RowsToPack {
  const float* at;
  Index step;
  float* to;
  Floats word(int m) const { return splat(at[m]); }
  void next() {
    std::memcpy(to, at, Tile<float>::rows * sizeof(float));
    __builtin_prefetch(at + 8 * step);
    at += step, to += Tile<float>::rows;
  }
};
// kAbreast panels side by side. The first is multiplied; the others are only copied, to places `apart` floats
// from one another.
inline constexpr Index kAbreast = 2;
struct PanelsToPack {
  const float* at;
  Index step;
  float* to;
  Index apart;
  Floats vector(int v) const {
    const Floats x = load(at + v * kLanes);
    store(to + v * kLanes, x);
    return x;
  }
  void next() {
    constexpr Index kPanel = Tile<float>::panel;
#pragma GCC unroll 8
    for (Index p = 1; p < kAbreast; ++p)
#pragma GCC unroll 4
      for (Index i = 0; i < kPanel; i += kLanes) store(to + p * apart + i, load(at + p * kPanel + i));
#pragma GCC unroll 8
    for (Index line = 0; line < kAbreast * kPanel; line += kLine) __builtin_prefetch(at + 8 * step + line);
    at += step, to += kPanel;
  }
};

// A column: one line of each row of floats that lie across K. kParts tiles share one, each prefetches a
// stretch of K / kParts rows, kAtOnce lines with every kLine words along K. kAbreast panels times kRows rows
// have so many tiles that they could take all columns of the next panels (kOfPanels) and kAbreast others.
// Few lines at a time: a core waits for some 24 at once, and when they come from memory a tile that asks for
// more stands still (docs/performance.md).
struct Column {
  static constexpr Index kOfPanels = (kAbreast * Tile<float>::panel + kLine - 1) / kLine;
  static constexpr Index kParts = kAbreast * (kRows / Tile<float>::rows) / (kOfPanels + kAbreast);
  static_assert(kParts > 0);
  static constexpr Index kAtOnce = (kLine + kParts - 1) / kParts;
  const float* at;
  Index step;
};

// c(M, n) (+)= a(M, K) b(K, n) for n in ((V-1) * kLanes, V * kLanes], all sums in registers; K is in words.
// The loops over the sums are unrolled, or the compiler keeps them on the stack. What `ahead` names is
// prefetched along the way, for all at the start would hold up the tile: of words so many lines that the
// tiles of kRows rows together prefetch a panel, into the second cache; of a column a part; of nullptr
// nothing.
template <class Word, int M, int V, class A, class B, class Ahead>
[[gnu::always_inline]] inline void micro(float* c, Index stride, Index n, A a, B b, Index K, bool add,
                                         Ahead ahead) {
  Floats sum[M][V];
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m) {
    __builtin_prefetch(c + m * stride, 1);
#pragma GCC unroll 3
    for (int v = 0; v < V; ++v) sum[m][v] = Floats{};
  }
  const auto step = [&]() __attribute__((always_inline)) {
    Floats row[V];
#pragma GCC unroll 3
    for (int v = 0; v < V; ++v) row[v] = b.vector(v);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      const Floats x = a.word(m);
#pragma GCC unroll 3
      for (int v = 0; v < V; ++v) sum[m][v] = dot(Word{}, x, row[v], sum[m][v]);
    }
    a.next(), b.next();
  };
  constexpr Index kShare = Tile<Word>::panel * Tile<Word>::rows / kRows,
                  kLines = kShare > 0 ? kShare : 1;  // with each line of words along K
  Index k = 0;
  for (; k + kLine <= K; k += kLine) {
    if constexpr (std::is_same_v<Ahead, const Word*>)
#pragma GCC unroll 4
      for (Index i = 0; i < kLines; ++i, ahead += kLine) __builtin_prefetch(ahead, 0, 2);
    if constexpr (std::is_same_v<Ahead, Column>)
#pragma GCC unroll 8
      for (Index i = 0; i < Column::kAtOnce; ++i, ahead.at += ahead.step) __builtin_prefetch(ahead.at);
#pragma GCC unroll 4
    for (Index i = 0; i < kLine; ++i) step();
  }
  for (; k < K; ++k) step();
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

// The last rows of a block, fewer than Tile::rows.
template <int V, class Word, int M = Tile<Word>::rows - 1>
void micro_of_rows(Index rows, float* c, Index stride, Index n, Rows<Word> a, const Word* panel, Index K,
                   bool add) {
  if constexpr (M > 1)
    if (rows < M) return micro_of_rows<V, Word, M - 1>(rows, c, stride, n, a, panel, K, add);
  micro<Word, M, V>(c, stride, n, a, Panel<Word>{panel}, K, add, nullptr);
}

// Part of a left factor as the panels are multiplied with it: strips of Tile::rows rows. Steps in words.
template <class Word>
struct Block {
  const Word* data;
  Index row_step, k_step, strip_step;
  Rows<Word> rows() const { return {data, row_step, k_step}; }
};

// The rows of the left factor's next block, `size` bytes of each: the first tiles of this one prefetch a row
// each.
struct NextRows {
  const char* row = nullptr;
  Index step = 0, size = 0, rows = 0;
  void prefetch_one() {
    if (rows == 0) return;
    for (Index i = 0; i < size; i += 64) __builtin_prefetch(row + i, 0, 2);
    --rows, row += step;
  }
};

// A panel against all rows of a block, strip after strip of a. Meanwhile the next panel, `packed_step` words
// behind this one, is prefetched: whole in a block of kRows rows, in part in shorter ones. (0: all panels are
// in the caches. This one then is prefetched, which costs less than a branch or a second function.)
template <int V, class Word>
void panel_product(Mat c, Block<Word> a, const Word* panel, Index packed_step, Index K, bool add,
                   NextRows& next_rows) {
  constexpr Index kRowsOfTile = Tile<Word>::rows;
  const Index part = packed_step > 0 ? kRowsOfTile * K / c.rows * Tile<Word>::panel : 0;  // for each tile
  const Word* next = panel + packed_step;
  Index m = 0;
  for (; m + kRowsOfTile <= c.rows; m += kRowsOfTile, a.data += a.strip_step, next += part) {
    next_rows.prefetch_one();
    micro<Word, kRowsOfTile, V>(c.row(m), c.stride, c.cols, a.rows(), Panel<Word>{panel}, K, add, next);
  }
  if (m < c.rows) micro_of_rows<V>(c.rows - m, c.row(m), c.stride, c.cols, a.rows(), panel, K, add);
}
template <class Word>
void any_panel_product(Mat c, Block<Word> a, const Word* panel, Index packed_step, Index K, bool add,
                       NextRows& next_rows) {
  const Index vectors = pieces(c.cols, kLanes);
  if (vectors == 1)
    panel_product<1>(c, a, panel, packed_step, K, add, next_rows);
  else if (vectors == 2)
    panel_product<2>(c, a, panel, packed_step, K, add, next_rows);
  else
    panel_product<Tile<Word>::vectors>(c, a, panel, packed_step, K, add, next_rows);
}

#if defined(ANDREA_TILES)
// The same in tiles: two of a, two of b, four of sums. K is a multiple of kTile.
inline void any_panel_product(Mat c, Block<Pair> a, const Pair* panel, Index, Index K, bool add, NextRows&) {
  constexpr Index kSide = 2 * kTile;
  Tiles t;
  alignas(64) float edge[kSide * kSide];
  for (Index m = 0; m < c.rows; m += kSide, a.data += a.strip_step) {
    const bool whole = m + kSide <= c.rows && c.cols == kSide;
    float* sums = whole ? c.row(m) : edge;
    const Index stride = whole ? c.stride : kSide;
    if (add && whole) {
      t.load<0>(sums, stride), t.load<1>(sums + kTile, stride);
      t.load<2>(sums + kTile * stride, stride), t.load<3>(sums + kTile * stride + kTile, stride);
    } else {
      t.zero<0>(), t.zero<1>(), t.zero<2>(), t.zero<3>();
    }
    const Pair* b = panel;
    for (Index k = 0; k < K; k += kTile, b += kTile * kSide) {
      t.load<4>(a.data + k, a.row_step), t.load<5>(a.data + kTile * a.row_step + k, a.row_step);
      t.load<6>(b, kSide), t.load<7>(b + kTile, kSide);
      t.dot<0, 4, 6>(), t.dot<1, 4, 7>(), t.dot<2, 5, 6>(), t.dot<3, 5, 7>();
    }
    t.store<0>(sums, stride), t.store<1>(sums + kTile, stride);
    t.store<2>(sums + kTile * stride, stride), t.store<3>(sums + kTile * stride + kTile, stride);
    if (whole) continue;
    for (Index r = 0; r < smaller(kSide, c.rows - m); ++r) {
      float* to = c.row(m + r);
      for_lanes(c.cols, [&](Index i, auto n) {
        const Floats x = load(edge + r * kSide + i, n);
        store(to + i, add ? load(to + i, n) + x : x, n);
      });
    }
  }
}
#endif

}  // namespace andrea::ANDREA_ISA
