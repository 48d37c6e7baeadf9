#include "kernels/vector/product.h"

#include "kernels/vector/panel.h"

namespace andrea::ANDREA_ISA {
namespace {

// The block of a left factor that is used again and again, read once in the order of memory, which hides its
// latency (docs/performance.md): `rows` rows of K numbers as `words` words, row after row, zeros beyond K.
template <class Word, class S>
void copy_rows(Word* to, const S* from, Index row_step, Index rows, Index K, Index words) {
  for (Index r = 0; r < rows; ++r, from += row_step, to += words) {
    for (Index k = 0; k < K; k += Index(64 / sizeof(S))) __builtin_prefetch(from + row_step + k);
    for_lanes(words, [&](Index k, auto n) {
      const Index left = K - k * kPerWord<Word>;
      store(to + k, left > 0 ? words_along<Word>(from + k * kPerWord<Word>, left) : Floats{}, n);
    });
  }
}
// The same of a transposed factor a(K, rows), words `from` to `to`, in squares of kLanes words: `from` is a
// multiple of kLanes, and words beyond `to` may be written that belong to the same square.
template <class S>
void copy_transposed(Pair* memory, MatView<const S> a, Index words, Index from, Index to) {
  for (Index k0 = from; k0 < to; k0 += kLanes)
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
// Of floats in strips of Tile::rows rows, K after K.
void copy_transposed(float* memory, MatView<const float> a, Index words, Index from, Index to) {
  constexpr Index kStrip = Tile<float>::rows;
  for (Index r = 0; r < a.cols; r += kStrip) {
    float* strip = memory + r * words + from * kStrip;
    const Index some = smaller(kStrip, a.cols - r);
    for (Index k = from; k < to; ++k, strip += kStrip) {
      const float* row = a.row(k) + r;
      if (some == kStrip)
        std::memcpy(strip, row, kStrip * sizeof(float));
      else
        for (Index i = 0; i < some; ++i) strip[i] = row[i];
    }
  }
}

// The transposed factor copied whole, as one block.
template <class Word>
Block<Word> block_transposed(Word* memory, Index words) {
  if constexpr (std::is_same_v<Word, float>)
    return {memory, 1, Tile<float>::rows, Tile<float>::rows * words};
  else
    return {memory, words, 1, Tile<Pair>::rows * words};
}
// Tiles of AMX read whole strips.
void fill_last_strip(Pair* memory, Index rows, Index words) {
  if (Tile<Pair>::unit == 1) return;
  const Index whole = pieces(rows, Tile<Pair>::rows) * Tile<Pair>::rows;
  std::memset(memory + rows * words, 0, size_t((whole - rows) * words) * sizeof(Pair));
}
void fill_last_strip(float*, Index, Index) {}

// The rows and K numbers at a.data, read in place or copied to `memory`; `words` along K.
Block<float> block_of(float* memory, Left<float> a, Index rows, Index K, Index, Index columns) {
  constexpr Index kStrip = Tile<float>::rows, kWorthwhile = 8 * Tile<float>::panel;
  if (!a.near && a.k_step == 1 && columns >= kWorthwhile) {  // for fewer a copy does not pay
    copy_rows(memory, a.data, a.row_step, rows, K, K);
    return {memory, K, 1, kStrip * K};
  }
  return {a.data, a.row_step, a.k_step, kStrip * a.row_step};
}
template <class S>
Block<Pair> block_of(Pair* memory, Left<S> a, Index rows, Index K, Index words, Index) {
  if (a.k_step == 1)
    copy_rows(memory, a.data, a.row_step, rows, K, words);
  else
    copy_transposed(memory, MatView<const S>(a.data, K, rows, a.k_step), words, 0, words);
  fill_last_strip(memory, rows, words);
  return {memory, words, 1, Tile<Pair>::rows * words};
}

// A block against the panels of b, `words` of them along K from word k on.
template <class Word>
void block_product(Mat c, Block<Word> a, Packed<Word> b, Index k, Index words, bool near, bool add,
                   Soon soon) {
  constexpr Index kPanel = Tile<Word>::panel;
  for (Index n = 0; n < c.cols; n += kPanel)
    any_panel_product(c.columns(n, smaller(kPanel, c.cols - n)), a, b.panel(n / kPanel) + k * kPanel,
                      near ? 0 : b.packed_words * kPanel, words, add, soon);
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
  constexpr Index kDepth = Tile<Word>::depth, kStep = kPerWord<Word>;
  alignas(64) Word memory[kRows * kDepth];
  for (Index m0 = 0; m0 < c.rows; m0 += kRows) {
    const Index rows = smaller(kRows, c.rows - m0);
    for (Index k0 = 0; k0 < b.K; k0 += kDepth * kStep) {
      const Index K = smaller(kDepth * kStep, b.K - k0), words = words_of<Word>(K);
      const Block<Word> block = block_of(memory, a.from(m0, k0), rows, K, words, c.cols);
      const Left<S> next = k0 + K < b.K ? a.from(m0, k0 + K) : a.from(m0 + rows, 0);  // beyond a does no harm
      const Soon soon{reinterpret_cast<const char*>(next.data), a.row_step * Index(sizeof(S)),
                      a.near || a.k_step > 1 ? 0 : rows};
      block_product(c.block(m0, rows), block, b, k0 / kStep, words, a.near, add || k0 > 0, soon);
    }
  }
}

template <class Word>
Blocks<Word>::Blocks(Index M, Index N, Index most_cols) : M_(M), N_(N) {
  constexpr Index kPanel = Tile<Word>::panel, kEnough = 20;
  Index rows = kRows, cols = smaller(pieces(N, kPanel) * kPanel, most_cols);
  const auto few = [&] { return pieces(M, rows) * pieces(N, cols) < kEnough; };
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

// In chunks of tokens. Each task multiplies a block with one chunk and packs its part of the next one: a
// share of the columns of a that its block has, and a share of b.
template <class Word, class A, class B>
void add_product_of_transposed(Mat c, MatView<const A> a, MatView<const B> b) {
  constexpr Index kStrip = Tile<Word>::rows, kPanel = Tile<Word>::panel, kStep = kPerWord<Word>,
                  kSquare = kLanes * kStep;  // tokens
  const Index M = a.cols, N = b.cols, tokens = a.rows;
  if (tokens == 0) return;
  const Index chunks = pieces(words_of<Word>(tokens), Tile<Word>::depth),
              each = pieces(pieces(tokens, chunks), kSquare) * kSquare, words = words_of<Word>(each);
  const Index of_a = pieces(M, kStrip) * kStrip * words, of_b = packed_floats<Word>(each, N),
              buffers = smaller(chunks, 2);
  const Scratch memory(buffers * (of_a + of_b));
  const Blocks<Word> blocks(M, N, pieces(N, kPanel) * kPanel);
  // Of the chunk that begins with a token: where a is packed, and b; its tokens.
  const auto left = [&](Index token) {
    return words_in<Word>(memory.data()) + token / each % 2 * (of_a + of_b);
  };
  const auto right = [&](Index token) { return left(token) + of_a; };
  const auto size = [&](Index token) { return smaller(each, tokens - token); };

  const auto pack_part = [&](Index task, Index token) {
    const Index chunk_words = words_of<Word>(size(token));
    const auto share = [&](Index part, Index parts) {  // its first word
      return smaller(chunk_words, pieces(chunk_words, kLanes) * part / parts * kLanes);
    };
    const auto [m, rows, n, cols] = blocks[task];
    const Index beside = task % blocks.across();  // of the blocks that have these rows
    copy_transposed(left(token) + m * words, a.block(token, size(token)).columns(m, rows), words,
                    share(beside, blocks.across()), share(beside + 1, blocks.across()));
    pack_words(right(token), b.block(token, size(token)), share(task, blocks.count()),
               share(task + 1, blocks.count()));
  };
  for (Index i = 0; i < buffers; ++i) fill_last_strip(left(i * each), M, words);
  parallel_for(blocks.count(), [&](Index task) { pack_part(task, 0); });
  for (Index token = 0; token < tokens; token += each) {
    const Packed<Word> packed(right(token), size(token), N);
    parallel_for(blocks.count(), [&](Index task) {
      const auto [m, rows, n, cols] = blocks[task];
      block_product(c.block(m, rows).columns(n, cols), block_transposed(left(token) + m * words, words),
                    packed.behind(n), 0, words_of<Word>(size(token)), false, true, {});
      if (token + each < tokens) pack_part(task, token + each);
    });
  }
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
