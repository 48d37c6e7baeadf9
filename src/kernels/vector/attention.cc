#include "base/threads.h"
#include "kernels/vector/activations.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {
namespace {

constexpr Index kQueries = 64, kKeys = 256;  // of a block: its scores, 64 KB, stay in the second cache
static_assert(kKeys % kQueries == 0);        // so each query sees a key of every block it goes along
constexpr float kLog2e = 1.44269504f;        // exponentials of scores are powers of 2, which cost less

// One head of one row of the batch, as views of T x D.
template <class T>
struct Head {
  MatView<const T> q, k, v;
  Head(MatView<const T> qkv, Index row, Index h, Index positions, Index C, Index D)
      : q(qkv.block(row * positions, positions).columns(h * D, D)),
        k(qkv.block(row * positions, positions).columns(C + h * D, D)),
        v(qkv.block(row * positions, positions).columns(2 * C + h * D, D)) {}
};

// The softmax of a block's queries, made block of keys after block (Milakov & Gimelshein 2018): with the
// greatest score of each so far and the sum of 2^(score - greatest), scores in units of ln 2.
struct Running {
  alignas(64) float top[kQueries], sum[kQueries];
  Running() {
    for (float& t : top) t = -kInfinity;
    for (float& s : sum) s = 0;
  }
};

float greatest(const float* s, Index seen) {
  Floats most = splat(-kInfinity);
  for_lanes(seen, [&](Index i, auto n) { most = max(most, load(s + i, n, -kInfinity)); });
  return max_of(most);
}

// s = 2^(scale * s - top) for the first `seen` of `width` scores and 0 for the rest (keys in the future).
// Returns their sum.
float exponentials(float* s, float top, Index seen, Index width, float scale) {
  Floats sum{};
  for_lanes(seen, [&](Index i, auto n) {
    const Floats e = exp2(load(s + i, n, -kInfinity) * scale - top);
    store(s + i, e, n);
    sum += e;
  });
  for (Index i = seen; i < width; ++i) s[i] = 0;
  return sum_of(sum);
}

// Prefetches rows of a head, to be read (of const) or written. Each is a line or a few, and they lie so far
// apart that no processor foresees the next.
template <class T>
void prefetch(MatView<T> rows) {
  for (Index r = 0; r < rows.rows; ++r)
    for (Index c = 0; c < rows.cols; c += Index(64 / sizeof(T)))
      __builtin_prefetch(rows.row(r) + c, !std::is_const_v<T>);
}

// body(row, n, width) for parts of a block of `rows` queries from position `from` on, against `keys` keys
// from `first` on: the part's n queries see none of the keys behind `width`. One part where all see all. The
// others of 4 tiles: more would multiply too many keys that nobody sees, fewer would begin a panel too often.
template <class Word, class Body>
void for_seen(Index from, Index rows, Index first, Index keys, const Body& body) {
  const bool all = from + 1 >= first + keys;
  constexpr Index kPart = Tile<Word>::rows < 16 ? 4 * Tile<Word>::rows : Tile<Word>::rows;
  const Index part = all ? rows : kPart;
  for (Index row = 0; row < rows; row += part) {
    const Index n = smaller(part, rows - row), seen = from + row + n - first;
    body(row, n, smaller(keys, seen));
  }
}

// to = by * from; they may be the same
template <class T>
void store_scaled(T* to, const float* from, Index n, float by) {
  for_lanes(n, [&](Index i, auto some) { store(to + i, load(from + i, some) * by, some); });
}

// A task is a head and a block of queries, which goes along the blocks of keys up to its own. Keys and values
// are packed first, for all blocks of queries.
template <class Number>
void attention_of(MatView<Number> out, Mat lse, MatView<const Number> qkv, Index T, Index H) {
  using Word = WordOf<Number>;
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H, heads = N / T * H;
  const float scale = kLog2e / __builtin_sqrtf(float(D));
  const Index key_blocks = pieces(T, kKeys), k_floats = packed_floats<Word>(D, kKeys),
              v_floats = packed_floats<Word>(kKeys, D);
  const Scratch memory(heads * key_blocks * (k_floats + v_floats));
  const auto block_memory = [&](Index bh, Index j) {
    return memory.data() + (bh * key_blocks + j) * (k_floats + v_floats);
  };
  parallel_for(heads * key_blocks, [&](Index task) {
    const Index bh = task / key_blocks, j = task % key_blocks, keys = smaller(kKeys, T - j * kKeys);
    const Head<Number> head(qkv, bh / H, bh % H, T, C, D);
    const auto k = head.k.block(j * kKeys, keys), v = head.v.block(j * kKeys, keys);
    prefetch(k), prefetch(v);
    pack_transposed<Word>(kAlone, block_memory(bh, j), k);
    pack<Word>(kAlone, block_memory(bh, j) + k_floats, v);
  });

  const Index blocks = pieces(T, kQueries);
  const Scratch sums(threads() * kQueries * D);
  parallel_for(heads * blocks, [&](Index task) {
    const Index bh = task / blocks, row = bh / H, h = bh % H;
    const Index from = (blocks - 1 - task % blocks) * kQueries;  // the longest first
    const Index rows = smaller(kQueries, T - from);
    const Head<Number> head(qkv, row, h, T, C, D);
    const MatView<const Number> q = head.q.block(from, rows);
    const MatView<Number> result = out.block(row * T + from, rows).columns(h * D, D);
    prefetch(q), prefetch(result);
    const Mat y(sums.data() + this_thread() * kQueries * D, rows, D);  // not yet divided by its weights' sum
    alignas(64) float scores[kQueries * kKeys];
    Running running;
    for (Index j = 0; j * kKeys < from + rows; ++j) {
      const Index first = j * kKeys, keys = smaller(kKeys, T - first),
                  width = smaller(keys, from + rows - first);
      const Mat s(scores, rows, width);
      for_seen<Word>(from, rows, first, keys, [&](Index at, Index count, Index part_width) {
        const Mat part = s.block(at, count).columns(0, part_width);
        multiply(part, near(as_is(q.block(at, count))),
                 Packed<Word>(words_in<Word>(block_memory(bh, j)), D, keys), false);
        const auto seen = [&](Index i) { return smaller(part_width, from + i + 1 - first); };
        float kept[kQueries];  // what the sums of earlier blocks are to be multiplied by
        for (Index i = at; i < at + count; ++i) kept[i] = greatest(s.row(i), seen(i)) * scale;
        for_lanes(count, [&](Index i, auto n) {
          const Floats before = load(running.top + at + i, n), top = max(before, load(kept + at + i, n));
          store(running.top + at + i, top, n);
          store(kept + at + i, exp2(before - top), n);
        });
        for (Index i = at; i < at + count; ++i)
          running.sum[i] =
              running.sum[i] * kept[i] + exponentials(s.row(i), running.top[i], seen(i), part_width, scale);
        if (j > 0)
          for (Index i = at; i < at + count; ++i)
            if (kept[i] != 1) store_scaled(y.row(i), y.row(i), D, kept[i]);
        multiply(
            y.block(at, count), near(as_is(part)),
            Packed<Word>(words_in<Word>(block_memory(bh, j) + k_floats), part_width, D, words_of<Word>(keys)),
            j > 0);
      });
    }
    for (Index i = 0; i < rows; ++i) {
      store_scaled(result.row(i), y.row(i), D, 1 / running.sum[i]);
      lse.row(bh)[from + i] = running.top[i] + __builtin_log2f(running.sum[i]);
    }
  });
}

// With S = scale q k^T, P = softmax(S), out = P v:
//   dv = P^T dout,  dP = dout v^T,  dS = P (dP - delta) with delta_i = sum_j P_ij dP_ij = dout_i . out_i,
//   dq = scale dS k,  dk = scale dS^T q.
// A task is a head. For each block of keys it goes along the blocks of queries that see it: dk and dv of the
// block grow there in order, dq of a query from block to block of keys.
template <class Number>
void attention_backward_of(MatView<Number> dqkv, MatView<const Number> dout, MatView<const Number> out,
                           CMat lse, MatView<const Number> qkv, Index T, Index H) {
  using Word = WordOf<Number>;
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H;
  const float scale = 1 / __builtin_sqrtf(float(D)), in_twos = kLog2e / __builtin_sqrtf(float(D));
  const Index query_blocks = pieces(T, kQueries), q_floats = packed_floats<Word>(kQueries, D),
              k_floats = packed_floats<Word>(D, kKeys), k_row_floats = packed_floats<Word>(kKeys, D);
  const Index of_thread = query_blocks * 2 * q_floats + 2 * k_floats + k_row_floats + (T + 2 * kKeys) * D + T;
  const Index stride = pieces(of_thread, 16) * 16;  // whole cache lines
  const Scratch memory(threads() * stride);
  parallel_for(N / T * H, [&](Index bh) {
    const Index row = bh / H, h = bh % H;
    const Head<Number> head(qkv, row, h, T, C, D);
    const MatView<const Number> up = dout.block(row * T, T).columns(h * D, D),
                                y = out.block(row * T, T).columns(h * D, D);

    float* const mine = memory.data() + this_thread() * stride;
    const auto query_memory = [&](Index i) { return mine + i * 2 * q_floats; };
    float* const key_memory = query_memory(query_blocks);
    const Mat dq(key_memory + 2 * k_floats + k_row_floats, T, D), dk(dq.row(T), kKeys, D),
        dv(dk.row(kKeys), kKeys, D);
    float* const delta = dv.row(kKeys);
    const auto keep = [&](CMat from, Index which, Index first, Index rows, float by) {
      const MatView<Number> to = dqkv.block(row * T + first, rows).columns(which * C + h * D, D);
      prefetch(to);
      for (Index r = 0; r < rows; ++r) store_scaled(to.row(r), from.row(r), D, by);
    };
    for (Index i = 0; i < query_blocks; ++i) {
      const Index from = i * kQueries, rows = smaller(kQueries, T - from);
      prefetch(head.q.block(from, rows)), prefetch(up.block(from, rows)), prefetch(y.block(from, rows));
      pack<Word>(kAlone, query_memory(i), head.q.block(from, rows));
      pack<Word>(kAlone, query_memory(i) + q_floats, up.block(from, rows));
    }
    for (Index t = 0; t < T; ++t) {
      Floats dot{};
      for_lanes(D, [&](Index c, auto n) { dot += load(up.row(t) + c, n) * load(y.row(t) + c, n); });
      delta[t] = sum_of(dot);
    }

    // Not kKeys, so that a column, which dk and dv read, lies in all sets of the first cache.
    constexpr Index kStride = kKeys + 16;
    alignas(64) float p_memory[kQueries * kStride], ds_memory[kQueries * kStride];
    for (Index first = 0; first < T; first += kKeys) {
      const Index keys = smaller(kKeys, T - first);
      const auto k = head.k.block(first, keys), v = head.v.block(first, keys);
      prefetch(k), prefetch(v);
      const auto k_columns = pack_transposed<Word>(kAlone, key_memory, k);
      const auto v_columns = pack_transposed<Word>(kAlone, key_memory + k_floats, v);
      const auto k_rows = pack<Word>(kAlone, key_memory + 2 * k_floats, k);
      const Index first_block = first / kQueries;
      for (Index i = first_block; i < query_blocks; ++i) {
        const Index from = i * kQueries, rows = smaller(kQueries, T - from);
        const Index width = smaller(keys, from + rows - first);  // the keys that the block's last query sees
        const Mat p(p_memory, rows, width, kStride), ds(ds_memory, rows, width, kStride);
        for_seen<Word>(from, rows, first, keys, [&](Index r, Index n, Index part_width) {
          multiply(p.block(r, n).columns(0, part_width), near(as_is(head.q.block(from + r, n))), k_columns,
                   false);
          multiply(ds.block(r, n).columns(0, part_width), near(as_is(up.block(from + r, n))), v_columns,
                   false);
        });
        for (Index r = 0; r < rows; ++r) {
          float *pr = p.row(r), *dr = ds.row(r);
          const Index seen = smaller(width, from + r + 1 - first);
          const float sum = lse.row(bh)[from + r], d = delta[from + r];
          for_lanes(seen, [&](Index c, auto n) {
            const Floats e = exp2(load(pr + c, n) * in_twos - sum);
            store(pr + c, e, n);
            store(dr + c, e * (load(dr + c, n) - d), n);
          });
          for (Index c = seen; c < width; ++c) pr[c] = dr[c] = 0;
        }
        const bool more = i > first_block;
        // Keys beyond `width` are not seen by this block; being the first to see a block of keys, it sets
        // them to 0.
        if (!more)
          for (Index c = width; c < keys; ++c)
            for (Index n = 0; n < D; ++n) dk.row(c)[n] = dv.row(c)[n] = 0;
        multiply(dv.block(0, width), near(transposed(p)),
                 Packed<Word>(words_in<Word>(query_memory(i) + q_floats), rows, D), more);
        multiply(dk.block(0, width), near(transposed(ds)),
                 Packed<Word>(words_in<Word>(query_memory(i)), rows, D), more);
        for_seen<Word>(from, rows, first, keys, [&](Index r, Index n, Index part_width) {
          multiply(dq.block(from + r, n), near(as_is(ds.block(r, n))),
                   Packed<Word>(k_rows.data, part_width, D, words_of<Word>(keys)), first > 0);
        });
      }
      keep(dk, 1, first, keys, scale), keep(dv, 2, first, keys, 1);
    }
    keep(dq, 0, 0, T, scale);
  });
}

}  // namespace

void attention(ActMat out, Mat lse, CActMat qkv, Index T, Index H) {
  of_kind(out, [&](auto to) {
    using Number = std::remove_pointer_t<decltype(to.data)>;
    attention_of<Number>(to, lse, as<Number>(qkv), T, H);
  });
}

void attention_backward(ActMat dqkv, CActMat dout, CActMat out, CMat lse, CActMat qkv, Index T, Index H) {
  of_kind(dqkv, [&](auto to) {
    using Number = std::remove_pointer_t<decltype(to.data)>;
    attention_backward_of<Number>(to, as<Number>(dout), as<Number>(out), lse, as<Number>(qkv), T, H);
  });
}

}  // namespace andrea::ANDREA_ISA
