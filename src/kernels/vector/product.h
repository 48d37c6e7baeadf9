// Products of matrices, the part that all kernels share:  c(M,N) = a(M,K) b(K,N), or +=.
//
// How: b is laid out once in panels of some columns ("packed"), so that the innermost loop reads it in order.
// That loop (`micro` in panel.h) keeps a tile of sums in registers and goes along K word by word
// (words.h): load a panel's row of words, and for each row of a spread one word over a register and
// multiply-add. Around it, blocks along K of Tile::depth keep a panel in the first caches, and blocks of
// kRows rows keep a's part in the second. Floats of a are read where they lie; for pairs a's part is copied
// first. A number is summed in one order, whatever the threads: along K in blocks. With AMX pairs go through
// its tile registers instead (tiles.h), from the same panels and copies.
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

// The left factor: a(m,k) = data[m * row_step + k * k_step]; one of the steps is 1. `near`: both factors are
// in the first caches already, and nothing else is prefetched; if not, the next panels are, and the rows that
// follow.
template <class S>
struct Left {
  const S* data;
  Index row_step, k_step;
  bool near = false;
  Left from(Index m, Index k) const {  // from row m and number k on
    return {data + m * row_step + k * k_step, row_step, k_step, near};
  }
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

// The panels of b(K,N), words `from` to `to` along K of each; and of the transpose of b(N,K), panels `from`
// to `to`. `data` is that of the whole.
template <class Word, class S>
void pack_words(Word* data, MatView<const S> b, Index from, Index to);
template <class Word, class S>
void pack_panels_transposed(Word* data, MatView<const S> b, Index from, Index to);

// Who packs: the calling thread, or all, so many words or panels at a time.
inline constexpr struct {
  void operator()(Index count, Index, const auto& body) const { body(Index{0}, count); }
} kAlone;
inline constexpr struct {
  void operator()(Index count, Index each, const auto& body) const { parallel_pieces(count, each, body); }
} kTogether;

// All of them, into `memory` of packed_floats(K, N).
template <class Word, class S, class Share>
Packed<Word> pack(const Share& share, float* memory, MatView<S> b) {
  Word* data = words_in<Word>(memory);
  share(words_of<Word>(b.rows), Index{16},
        [&](Index from, Index to) { pack_words<Word, std::remove_const_t<S>>(data, b, from, to); });
  return {data, b.rows, b.cols};
}
template <class Word, class S, class Share>
Packed<Word> pack_transposed(const Share& share, float* memory, MatView<S> b) {
  Word* data = words_in<Word>(memory);
  share(pieces(b.rows, Tile<Word>::panel), Index{8}, [&](Index from, Index to) {
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

// The same with all threads; not added.
template <class Word, class S>
void product(Mat c, Left<S> a, Packed<Word> b);

// c += a^T b for a(K,M) and b(K,N), with all threads. Gradients of weights: K are the tokens, some hundred of
// them at a time. Both factors lie across K and are packed on the way.
template <class Word, class A, class B>
void add_product_of_transposed(Mat c, MatView<const A> a, MatView<const B> b);

// How a product is shared out: blocks of c, by its shape alone. Large ones for the caches, smaller ones where
// there would be too few for many threads to share evenly; all of them the same size within a strip of rows
// and a panel of columns.
template <class Word>
class Blocks {
 public:
  // Of at most so many columns and rows, whole panels and tiles.
  Blocks(Index M, Index N, Index most_cols, Index most_rows = kRows);
  Index count() const { return down_ * across_; }
  struct Part {
    Index m, rows, n, cols;
  };
  Part operator[](Index i) const {
    const Index m = edge(M_, i / across_, down_, Tile<Word>::rows),
                n = edge(N_, i % across_, across_, Tile<Word>::panel);
    return {m, edge(M_, i / across_ + 1, down_, Tile<Word>::rows) - m, n,
            edge(N_, i % across_ + 1, across_, Tile<Word>::panel) - n};
  }

 private:
  // Where part `i` of `count` of `size` begins, a multiple of `unit`.
  static Index edge(Index size, Index i, Index count, Index unit) {
    return smaller(size, pieces(size, unit) * i / count * unit);
  }
  Index M_, N_, down_, across_;
};

template <class Word>
struct BlockMemory {
  static constexpr Index cols = 384 / Tile<Word>::panel * Tile<Word>::panel;
  alignas(64) float floats[kRows * cols];
};

// Without c: finish(m, n, block) gets each block of the product, still in the caches.
template <class Word, class S, class Finish>
void product_then(Index M, Left<S> a, Packed<Word> b, const Finish& finish) {
  const Blocks<Word> blocks(M, b.N, BlockMemory<Word>::cols);
  parallel_for(blocks.count(), [&](Index i) {
    const auto [m, rows, n, cols] = blocks[i];
    BlockMemory<Word> memory;
    const Mat block(memory.floats, rows, cols);
    multiply(block, a.from(m, 0), b.behind(n), false);
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
    product(y, a, b);
  else
    product_then(y.rows, a, b, [&](Index m, Index n, CMat block) {
      each_of(block, m, n, [&](Floats x, Index r, Index c, auto some) { store(y.row(r) + c, x, some); });
    });
}

}  // namespace andrea::ANDREA_ISA
