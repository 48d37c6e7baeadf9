// Products of matrices, the part that all kernels share:  c(M,N) = a(M,K) b(K,N), or +=.
//
// How: b is laid out once in panels of some columns ("packed"), so that the innermost loop reads it in order.
// That loop (`micro` in product.cc) keeps a tile of sums in registers and goes along K word by word
// (words.h): load a panel's row of words, and for each row of a spread one word over a register and
// multiply-add. Around it, blocks along K of Tile::depth keep a panel in the first cache, and blocks of kRows
// rows keep a copy of a's part in the second. A number is summed in one order, whatever the threads: along K
// in blocks. With AMX pairs go through its tile registers instead (tiles.h), from the same panels and copies.
#pragma once
#include "base/threads.h"
#include "kernels/vector/words.h"
#include "kernels/weight.h"

namespace andrea::ANDREA_ISA {

// Sums in registers: rows x panel. By the number of registers: 16 of them hold 6 x 2 vectors of sums, 2 of b
// and one of a; AVX-512 has 32 for 8 x 3. `depth`: words of a block along K. `unit`: their number is filled
// up with zeros to a multiple of it.
template <class Word>
struct Tile {
#if defined(__AVX512F__)
  static constexpr Index rows = 8, vectors = 3;
#else
  static constexpr Index rows = 6, vectors = 2;
#endif
#if defined(__FMA__) || defined(__aarch64__)
  static constexpr Index depth = 384;
#else  // a product and a sum round twice: shorter runs keep the error of a sum as small as with FMA
  static constexpr Index depth = 96;
#endif
  static constexpr Index panel = vectors * kLanes, unit = 1;
};
#if defined(ANDREA_TILES)
template <>
struct Tile<Pair> {
  static constexpr Index rows = 32, panel = 32, depth = 384, unit = 16;
};
#endif
inline constexpr Index kRows = 96;  // of a block: a multiple of all Tile::rows

// The left factor: a(m,k) = data[m * row_step + k * k_step]; one of the steps is 1. One that is `near`, in
// the first caches, is read where it lies if its numbers are words; others are copied first, block by block.
template <class S>
struct Left {
  const S* data;
  Index row_step, k_step;
  bool near = false;
  Left below(Index m) const { return {data + m * row_step, row_step, k_step, near}; }  // from row m on
};
template <class S>
Left<S> near(Left<S> a) {
  return {a.data, a.row_step, a.k_step, true};
}
template <class S>
Left<std::remove_const_t<S>> as_is(MatView<S> a) {  // a(M,K)
  return {a.data, a.stride, 1};
}
template <class S>
Left<std::remove_const_t<S>> transposed(MatView<S> a) {  // a(K,M)
  return {a.data, 1, a.stride};
}

// The right factor, packed: panel j holds columns j * Tile::panel ..., word after word along K, zeros beyond
// K and N. Of a factor packed with more words, `packed_words`, the first K numbers may be taken: what then
// stands beyond K is multiplied by zeros of the left factor.
template <class Word>
inline Index words_of(Index K) {
  return pieces(pieces(K, kPerWord<Word>), Tile<Word>::unit) * Tile<Word>::unit;
}
template <class Word>
struct Packed {
  const Word* data;
  Index K, N, packed_words;
  Packed(const Word* d, Index k, Index n) : Packed(d, k, n, words_of<Word>(k)) {}
  Packed(const Word* d, Index k, Index n, Index words) : data(d), K(k), N(n), packed_words(words) {}
  const Word* panel(Index j) const { return data + j * packed_words * Tile<Word>::panel; }
  // From column n on, the first of a panel.
  Packed behind(Index n) const { return {panel(n / Tile<Word>::panel), K, N - n, packed_words}; }
};
template <class Word>
Index packed_floats(Index K, Index N) {
  return pieces(N, Tile<Word>::panel) * Tile<Word>::panel * words_of<Word>(K);
}

// Panels `from` to `to` of b(K,N), and of the transpose of b(N,K), into `data`, which is that of the whole.
template <class Word, class S>
void pack_panels(Word* data, MatView<const S> b, Index from, Index to);
template <class Word, class S>
void pack_panels_transposed(Word* data, MatView<const S> b, Index from, Index to);

// Who packs: the calling thread, or all.
inline constexpr auto kAlone = [](Index panels, const auto& body) { body(Index{0}, panels); };
inline constexpr auto kTogether = [](Index panels, const auto& body) {
  constexpr Index kPanelsOfATask = 8;
  parallel_pieces(panels, kPanelsOfATask, body);
};

// All of them, into `memory` of packed_floats(K, N).
template <class Word, class S, class Share>
Packed<Word> pack(const Share& share, float* memory, MatView<S> b) {
  Word* data = words_in<Word>(memory);
  share(pieces(b.cols, Tile<Word>::panel),
        [&](Index from, Index to) { pack_panels<Word, std::remove_const_t<S>>(data, b, from, to); });
  return {data, b.rows, b.cols};
}
template <class Word, class S, class Share>
Packed<Word> pack_transposed(const Share& share, float* memory, MatView<S> b) {
  Word* data = words_in<Word>(memory);
  share(pieces(b.rows, Tile<Word>::panel), [&](Index from, Index to) {
    pack_panels_transposed<Word, std::remove_const_t<S>>(data, b, from, to);
  });
  return {data, b.cols, b.rows};
}

// A weight's panels: of the transpose, for x w^T, and of w, for dy w.
template <class Word>
Packed<Word> forward(const Weight& w) {
  return {words_in<Word>(w.forward()), w.inputs(), w.outputs()};
}
template <class Word>
Packed<Word> backward(const Weight& w) {
  return {words_in<Word>(w.backward()), w.outputs(), w.inputs()};
}

// On one thread. These take float and bf16 on the left, the second with pairs alone.
template <class Word, class S>
void multiply(Mat c, Left<S> a, Packed<Word> b, bool add);

// The same with all threads.
template <class Word, class S>
void product(Mat c, Left<S> a, Packed<Word> b, bool add);

// How a product is shared out: blocks of c of so many rows and columns, by its shape alone. Large ones for
// the caches, smaller ones where there would be too few for many threads to share evenly.
struct Blocks {
  Index rows, cols;
};
template <class Word>
Blocks blocks_of(Index M, Index N, Index most_cols);

template <class Word>
struct BlockMemory {
  static constexpr Index cols = 384 / Tile<Word>::panel * Tile<Word>::panel;
  alignas(64) float floats[kRows * cols];
};

// Without c: finish(m, n, block) gets each block of the product, still in the caches.
template <class Word, class S, class Finish>
void product_then(Index M, Left<S> a, Packed<Word> b, const Finish& finish) {
  const Blocks blocks = blocks_of<Word>(M, b.N, BlockMemory<Word>::cols);
  const Index across = pieces(b.N, blocks.cols);
  parallel_for(pieces(M, blocks.rows) * across, [&](Index i) {
    const Index m = i / across * blocks.rows, n = i % across * blocks.cols;
    BlockMemory<Word> memory;
    const Mat block(memory.floats, smaller(blocks.rows, M - m), smaller(blocks.cols, b.N - n));
    multiply(block, a.below(m), b.behind(n), false);
    finish(m, n, CMat(block));
  });
}

// f(x, r, c, n) for each n lanes x of a block of a product that begins at row m, column n: they stand at row
// r, column c.
template <class F>
void each_of(CMat block, Index m, Index n, const F& f) {
  for (Index r = 0; r < block.rows; ++r)
    for_lanes(block.cols, [&](Index i, auto some) { f(load(block.row(r) + i, some), m + r, n + i, some); });
}

// y = a b, rounded once if y is bf16.
template <class T, class S>
void product_into(MatView<T> y, Left<S> a, Packed<WordOf<T>> b) {
  if constexpr (std::is_same_v<T, float>)
    product(y, a, b, false);
  else
    product_then(y.rows, a, b, [&](Index m, Index n, CMat block) {
      each_of(block, m, n, [&](Floats x, Index r, Index c, auto some) { store(y.row(r) + c, x, some); });
    });
}

}  // namespace andrea::ANDREA_ISA
