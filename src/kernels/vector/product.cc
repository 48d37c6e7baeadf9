#include "kernels/vector/product.h"

#include "kernels/vector/panel.h"

namespace andrea::ANDREA_ISA {
namespace {

// A left factor's block as words: `rows` rows of K numbers, row after row, zeros beyond K.
template <class S>
void copy_rows(Pair* to, const S* from, Index row_step, Index rows, Index K, Index words) {
  for (Index r = 0; r < rows; ++r, from += row_step, to += words) {
    for (Index k = 0; k < K; k += Index(64 / sizeof(S))) __builtin_prefetch(from + row_step + k);
    for_lanes(words, [&](Index k, auto n) {
      const Index left = K - k * kPerWord<Pair>;
      store(to + k, left > 0 ? words_along<Pair>(from + k * kPerWord<Pair>, left) : Floats{}, n);
    });
  }
}
// The same of a transposed factor a(K, rows), in squares of kLanes words.
template <class S>
void copy_transposed(Pair* memory, MatView<const S> a, Index words) {
  for (Index k0 = 0; k0 < words; k0 += kLanes)
    for (Index r0 = 0; r0 < a.cols; r0 += kLanes) {
      Floats v[kLanes];
      const auto read = [&](auto n) {
        for (Index i = 0; i < kLanes; ++i) {
          const Index k = 2 * (k0 + i);
          v[i] = Floats{};
          if (k < a.rows)
            v[i] = words_across<Pair>(a.row(k) + r0, k + 1 < a.rows ? a.row(k + 1) + r0 : nullptr, n);
        }
      };
      const Index n = smaller(kLanes, a.cols - r0);
      if (n == kLanes)
        read(Whole{});
      else
        read(n);
      transpose(v);
      Pair* square = memory + r0 * words + k0;
      for (Index r = 0; r < n; ++r, square += words) {
        if (k0 + kLanes <= words)
          store(square, v[r]);
        else
          store(square, v[r], words - k0);
      }
    }
}
// Tiles of AMX read whole strips.
void fill_last_strip(Pair* memory, Index rows, Index words) {
  if (Tile<Pair>::unit == 1) return;
  const Index whole = pieces(rows, Tile<Pair>::rows) * Tile<Pair>::rows;
  std::memset(memory + rows * words, 0, size_t((whole - rows) * words) * sizeof(Pair));
}

// The rows and K numbers at a.data, copied to `memory`, `words` along K.
template <class S>
Block<Pair> copied(Pair* memory, Left<S> a, Index rows, Index K, Index words) {
  if (a.k_step == 1)
    copy_rows(memory, a.data, a.row_step, rows, K, words);
  else
    copy_transposed(memory, MatView<const S>(a.data, K, rows, a.k_step), words);
  fill_last_strip(memory, rows, words);
  return {memory, words, 1, Tile<Pair>::rows * words};
}

// A block against the panels of b, `words` of them along K from word k on.
template <class Word>
void block_product(Mat c, Block<Word> a, Packed<Word> b, Index k, Index words, bool near, bool add,
                   NextRows next_rows) {
  constexpr Index kPanel = Tile<Word>::panel;
  for (Index n = 0; n < c.cols; n += kPanel)
    any_panel_product(c.columns(n, smaller(kPanel, c.cols - n)), a, b.panel(n / kPanel) + k * kPanel,
                      near ? 0 : b.packed_words * kPanel, words, add, next_rows);
}

}  // namespace

// Some rows of memory at a time, from panel to panel.
template <class Word, class S>
void pack_words(Word* data, MatView<const S> b, Index from, Index to) {
  constexpr Index kPanel = Tile<Word>::panel, kStep = kPerWord<Word>;
  const Index words = words_of<Word>(b.rows);
  for (Index j = 0; j * kPanel < b.cols; ++j) {
    Word* at = data + (j * words + from) * kPanel;
    const Index n = smaller(kPanel, b.cols - j * kPanel);
    for (Index k = from * kStep; k < to * kStep; k += kStep, at += kPanel)
      for (Index i = 0; i < kPanel; i += kLanes) {
        if (k >= b.rows || i >= n) {
          store(at + i, Floats{});
          continue;
        }
        const S* row = b.row(k) + j * kPanel + i;
        const S* next = k + 1 < b.rows ? row + b.stride : nullptr;
        if (i + kLanes <= n)
          store(at + i, words_across<Word>(row, next, Whole{}));
        else
          store(at + i, words_across<Word>(row, next, n - i));
      }
  }
}

// In squares of kLanes words.
template <class Word, class S>
void pack_panels_transposed(Word* data, MatView<const S> b, Index from, Index to) {
  constexpr Index kPanel = Tile<Word>::panel, kStep = kPerWord<Word>;
  const Index K = b.cols, words = words_of<Word>(K);
  for (Index j = from; j < to; ++j) {
    Word* panel = data + j * words * kPanel;
    for (Index k0 = 0; k0 < words; k0 += kLanes)
      for (Index i0 = 0; i0 < kPanel; i0 += kLanes) {
        Floats v[kLanes];
        const Index numbers = K - k0 * kStep;
        for (Index i = 0; i < kLanes; ++i) {
          const Index row = j * kPanel + i0 + i;
          v[i] = row < b.rows && numbers > 0 ? words_along<Word>(b.row(row) + k0 * kStep, numbers) : Floats{};
        }
        transpose(v);
        for (Index k = 0; k < smaller(kLanes, words - k0); ++k) store(panel + (k0 + k) * kPanel + i0, v[k]);
      }
  }
}

template <class Word, class S>
void multiply(Mat c, Left<S> a, Packed<Word> b, bool add) {
  constexpr bool kCopy = !std::is_same_v<Word, float>;
  constexpr Index kDepth = Tile<Word>::depth, kStep = kPerWord<Word>;
  alignas(64) Word memory[kCopy ? kRows * kDepth : 1];
  const auto depth_from = [&](Index k) { return smaller(kDepth * kStep, b.K - k); };
  for (Index m0 = 0; m0 < c.rows; m0 += kRows) {
    const Index rows = smaller(kRows, c.rows - m0);
    for (Index k0 = 0; k0 < b.K; k0 += kDepth * kStep) {
      const Index K = depth_from(k0), words = words_of<Word>(K);
      const Left<S> part = a.from(m0, k0);
      Block<Word> block;
      if constexpr (kCopy)
        block = copied(memory, part, rows, K, words);
      else
        block = {part.data, part.row_step, part.k_step, Tile<Word>::rows * part.row_step};
      const bool last = k0 + K == b.K;
      const Left<S> next = last ? a.from(m0 + rows, 0) : a.from(m0, k0 + K);  // beyond a does no harm
      const NextRows next_rows{reinterpret_cast<const char*>(next.data), a.row_step * Index(sizeof(S)),
                               depth_from(last ? 0 : k0 + K) * Index(sizeof(S)),
                               a.near || a.k_step > 1 ? 0 : rows};
      block_product(c.block(m0, rows), block, b, k0 / kStep, words, a.near, add || k0 > 0, next_rows);
    }
  }
}

template <class Word>
Blocks<Word>::Blocks(Index M, Index N, Index most_cols, Index most_rows) : M_(M), N_(N) {
  constexpr Index kPanel = Tile<Word>::panel, kEnough = 16;
  Index rows = most_rows, cols = smaller(pieces(N, kPanel) * kPanel, most_cols);
  const auto few = [&] { return pieces(M, rows) * pieces(N, cols) < kEnough; };
  if (few() && rows > kRows) rows = kRows;
  while (few() && cols > 8 * kPanel) cols /= 2;
  if (few()) rows = kRows / 2;
  while (few() && cols > 4 * kPanel) cols /= 2;
  down_ = pieces(M, rows), across_ = pieces(N, cols);
}

template <class Word, class S>
void product(Mat c, Left<S> a, Packed<Word> b) {
  const Blocks<Word> blocks(c.rows, c.cols, pieces(c.cols, Tile<Word>::panel) * Tile<Word>::panel);
  parallel_for(blocks.count(), [&](Index i) {
    const auto [m, rows, n, cols] = blocks[i];
    multiply(c.block(m, rows).columns(n, cols), a.from(m, 0), b.behind(n), false);
  });
}

namespace {

// What a task of a transposed product packs: its columns of a for a chunk of tokens, and some panels of b
// (of pairs one).
template <class Word>
struct PackMemory {
  static constexpr Index rows = 2 * kRows, cols = 768;  // of the block of c, at most
  static constexpr Index words = Tile<Word>::depth < 256 ? Tile<Word>::depth : 256;  // of tokens, at most
  alignas(64) Word left[rows * words];
  alignas(64) Word panels[kAbreast * Tile<Word>::panel * words];
};

// What add_chunk() packs comes from the third cache or from memory, and a tile that packs would wait for it.
// So the tiles before prefetch it, line by line: what the tile `tile` does, counted from 0 among those that
// pack nothing of the panels at column n. The first take the columns of b for the next panels (behind the
// last ones: for the first of the next tokens), Column::kParts of them each. Those that are left take columns
// of a's next tokens, beside the last panels one for each: of a block of kRows rows and some hundred columns
// nearly all of a; of smaller blocks, whose tiles are fewer, some or none; nor where the block of c is so
// large that the second cache has no room for it. Column{}: nothing is left to do.
Column column_ahead(Mat c, CMat a, CMat b, Index n, Index tile) {
  constexpr Index kPanels = kAbreast * Tile<float>::panel, kParts = Column::kParts;
  const Index K = a.rows, i = tile / kParts, of_a = i - Column::kOfPanels;
  const auto column = [&](CMat x, Index row, Index col) {
    return Column{x.row(row + tile % kParts * K / kParts) + col, x.stride};
  };
  if (of_a < 0) {
    const bool last = n + kPanels >= c.cols;
    return column(b, last ? K : 0, (last ? 0 : n + kPanels) + i * kLine);  // beyond b does no harm
  }
  const Index line = pieces(c.rows, kLine) - kAbreast * pieces(c.cols - n, kPanels) + of_a;
  return of_a < kAbreast && c.rows <= kRows && line >= 0 ? column(a, K, line * kLine) : Column{};
}

// Of floats strips and panels are packed by the first tile that multiplies them, panels by twos: more of each
// token comes at once; a last one alone before. Tiles at the edges, which have fewer rows or columns, read
// a's columns where they lie.
void add_chunk(Mat c, CMat a, CMat b, PackMemory<float>& memory) {
  constexpr Index kStrip = Tile<float>::rows, kPanel = Tile<float>::panel;
  const Index K = a.rows;
  Index count;  // of panels at n
  for (Index n = 0; n < c.cols; n += count * kPanel) {
    count = n + kAbreast * kPanel <= c.cols ? kAbreast : 1;
    const CMat right = b.columns(n, smaller(count * kPanel, c.cols - n));
    const bool packed = count < kAbreast || c.rows < kStrip;
    if (packed) pack_words(memory.panels, right, 0, K);
    Index idle = 0;  // whole tiles that packed nothing
    for (Index p = 0; p < count; ++p)
      for (Index m = 0; m < c.rows; m += kStrip) {
        const Index from = n + p * kPanel;
        const Mat part =
            c.block(m, smaller(kStrip, c.rows - m)).columns(from, smaller(kPanel, c.cols - from));
        float *const strip = memory.left + m * K, *const panel = memory.panels + p * kPanel * K;
        const auto tile = [&](auto rows, auto columns, auto ahead) {
          micro<float, kStrip, Tile<float>::vectors>(part.data, c.stride, kPanel, rows, columns, K, true,
                                                     ahead);
        };
        const RowsToPack new_rows{a.data + m, a.stride, strip};
        const Rows<float> rows{strip, 1, kStrip};
        const PanelsToPack new_panels{right.data, b.stride, panel, kPanel * K};
        const bool first = !packed && p == 0 && m == 0;
        if (part.rows < kStrip || part.cols < kPanel) {
          NextRows none;
          any_panel_product(part, {a.data + m, 1, a.stride, 0}, panel, 0, K, true, none);
        } else if (first) {
          n == 0 ? tile(new_rows, new_panels, nullptr) : tile(rows, new_panels, nullptr);
        } else if (from == 0) {
          tile(new_rows, Panel<float>{panel}, nullptr);
        } else {
          const Column ahead = column_ahead(c, a, b, n, idle++);
          ahead.at ? tile(rows, Panel<float>{panel}, ahead) : tile(rows, Panel<float>{panel}, nullptr);
        }
      }
  }
}
template <class A, class B>
void add_chunk(Mat c, MatView<const A> a, MatView<const B> b, PackMemory<Pair>& memory) {
  constexpr Index kPanel = Tile<Pair>::panel;
  const Index words = words_of<Pair>(a.rows);
  const Block<Pair> left = copied(memory.left, transposed(a), a.cols, a.rows, words);
  for (Index n = 0; n < c.cols; n += kPanel) {
    const Index cols = smaller(kPanel, c.cols - n);
    pack_words(memory.panels, b.columns(n, cols), 0, words);
    NextRows none;
    any_panel_product(c.columns(n, cols), left, memory.panels, 0, words, true, none);
  }
}

}  // namespace

// In chunks of tokens, one after another in each block.
template <class Word, class A, class B>
void add_product_of_transposed(Mat c, MatView<const A> a, MatView<const B> b) {
  using Memory = PackMemory<Word>;
  const Index tokens = a.rows;
  if (tokens == 0) return;
  constexpr Index kSquare = kLanes * kPerWord<Word>;  // what is transposed at a time: whole ones
  const Index chunks = pieces(words_of<Word>(tokens), Memory::words),
              each = pieces(pieces(tokens, chunks), kSquare) * kSquare;
  const Blocks<Word> blocks(a.cols, b.cols, Memory::cols, Memory::rows);
  parallel_for(blocks.count(), [&](Index task) {
    const auto [m, rows, n, cols] = blocks[task];
    const Mat block = c.block(m, rows).columns(n, cols);
    Memory memory;
    for (Index token = 0; token < tokens; token += each) {
      const Index some = smaller(each, tokens - token);
      add_chunk(block, a.block(token, some).columns(m, rows), b.block(token, some).columns(n, cols), memory);
    }
  });
}

// What the other files use.
#define ANDREA_PRODUCTS(Word, S)                                                        \
  template void pack_words<Word, S>(Word*, MatView<const S>, Index, Index);             \
  template void pack_panels_transposed<Word, S>(Word*, MatView<const S>, Index, Index); \
  template void multiply(Mat, Left<S>, Packed<Word>, bool);                             \
  template void product(Mat, Left<S>, Packed<Word>)
ANDREA_PRODUCTS(float, float);
ANDREA_PRODUCTS(Pair, float);
ANDREA_PRODUCTS(Pair, Bf16);
template void add_product_of_transposed<float>(Mat, CMat, CMat);
template void add_product_of_transposed<Pair>(Mat, CMat, MatView<const Bf16>);
template void add_product_of_transposed<Pair>(Mat, MatView<const Bf16>, MatView<const Bf16>);
template class Blocks<float>;
template class Blocks<Pair>;

}  // namespace andrea::ANDREA_ISA
