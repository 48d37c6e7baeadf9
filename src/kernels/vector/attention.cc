#include "base/threads.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {
namespace {

constexpr Index kQueries = 64, kKeys = 128;  // of a block: its scores stay in the first caches

// One head of one row of the batch, as views of T x D.
struct Head {
  CMat q, k, v;
  Head(CMat qkv, Index row, Index h, Index T, Index C, Index D)
      : q(qkv.block(row * T, T).columns(h * D, D)),
        k(qkv.block(row * T, T).columns(C + h * D, D)),
        v(qkv.block(row * T, T).columns(2 * C + h * D, D)) {}
};

// All of b(K,N), or of b(N,K) transposed, on one thread.
Packed pack(float* memory, CMat b) {
  pack_panels(memory, b, 0, pieces(b.cols, kPanel));
  return {memory, b.rows, b.cols};
}
Packed pack_transposed(float* memory, CMat b) {
  pack_panels_transposed(memory, b, 0, pieces(b.rows, kPanel));
  return {memory, b.cols, b.rows};
}

// The softmax of one query, made block of keys after block (Milakov & Gimelshein 2018): with the greatest
// score `top` and the sum of exp(score - top) so far.
struct Running {
  float top = -kInfinity, sum = 0;
};

float greatest(const float* s, Index seen) {
  Floats most = splat(-kInfinity);
  for_lanes(seen, [&](Index i, auto n) { most = max(most, load(s + i, n, -kInfinity)); });
  return max_of(most);
}

// s = exp(scale * s - top) for the first `seen` of `width` scores of one more block, the greatest of which is
// given, and 0 for the rest (keys in the future). Returns what the earlier blocks' sums are to be multiplied
// by.
float one_more_block(Running& r, float* s, float most, Index seen, Index width, float scale) {
  const float block_top = most * scale, top = block_top > r.top ? block_top : r.top;
  Floats sum{};
  for_lanes(seen, [&](Index i, auto n) {
    const Floats e = exp(load(s + i, n, -kInfinity) * scale - top);
    store(s + i, e, n);
    sum += e;
  });
  for (Index i = seen; i < width; ++i) s[i] = 0;
  const float kept = r.top == top ? 1 : exp(splat(r.top - top))[0];
  r = {top, r.sum * kept + sum_of(sum)};
  return kept;
}

// body(row, n, width) for parts of a block of `rows` queries from position `from` on, against `keys` keys
// from `first` on: the part's n queries see none of the keys behind `width`. One part where all see all.
template <class Body>
void for_seen(Index from, Index rows, Index first, Index keys, const Body& body) {
  const bool all = from + 1 >= first + keys;
  const Index part = all ? rows : 2 * kTileRows;
  for (Index row = 0; row < rows; row += part) {
    const Index n = smaller(part, rows - row), seen = from + row + n - first;
    if (seen > 0) body(row, n, smaller(keys, seen));
  }
}

void scale_row(float* x, Index n, float by) {
  for_lanes(n, [&](Index i, auto some) { store(x + i, load(x + i, some) * by, some); });
}

}  // namespace

// A task is a head and a block of queries, which goes along the blocks of keys up to its own. Keys and values
// are packed first, for all blocks of queries.
void attention(Mat out, Mat lse, CMat qkv, Index T, Index H) {
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H, heads = N / T * H;
  const float scale = 1 / __builtin_sqrtf(float(D));
  const Index key_blocks = pieces(T, kKeys), k_floats = packed_floats(D, kKeys),
              v_floats = packed_floats(kKeys, D);
  const Scratch memory(heads * key_blocks * (k_floats + v_floats));
  const auto block_memory = [&](Index bh, Index j) {
    return memory.data() + (bh * key_blocks + j) * (k_floats + v_floats);
  };
  parallel_for(heads * key_blocks, [&](Index task) {
    const Index bh = task / key_blocks, j = task % key_blocks, keys = smaller(kKeys, T - j * kKeys);
    const Head head(qkv, bh / H, bh % H, T, C, D);
    pack_transposed(block_memory(bh, j), head.k.block(j * kKeys, keys));
    pack(block_memory(bh, j) + k_floats, head.v.block(j * kKeys, keys));
  });

  const Index blocks = pieces(T, kQueries);
  parallel_for(heads * blocks, [&](Index task) {
    const Index bh = task / blocks, row = bh / H, h = bh % H;
    const Index from = (blocks - 1 - task % blocks) * kQueries;  // the longest first
    const Index rows = smaller(kQueries, T - from);
    const Head head(qkv, row, h, T, C, D);
    const Mat y = out.block(row * T + from, rows).columns(h * D, D);
    alignas(64) float scores[kQueries * kKeys];
    Running running[kQueries];
    for (Index j = 0; j * kKeys < from + rows; ++j) {
      const Index first = j * kKeys, keys = smaller(kKeys, T - first),
                  width = smaller(keys, from + rows - first);
      const Mat s(scores, rows, width);
      for_seen(from, rows, first, keys, [&](Index at, Index count, Index part_width) {
        const Mat part = s.block(at, count).columns(0, part_width);
        multiply(part, near(as_is(head.q.block(from + at, count))), {block_memory(bh, j), D, keys}, false);
        // Two loops: in one, each row's exponentials would wait for its maximum.
        const auto seen = [&](Index i) {
          const Index past = from + i + 1 - first;
          return past < 0 ? 0 : smaller(part_width, past);
        };
        float most[kQueries];
        for (Index i = at; i < at + count; ++i) most[i] = greatest(s.row(i), seen(i));
        for (Index i = at; i < at + count; ++i) {
          const float kept = one_more_block(running[i], s.row(i), most[i], seen(i), part_width, scale);
          if (j > 0 && kept != 1) scale_row(y.row(i), D, kept);
        }
        multiply(y.block(at, count), near(as_is(part)), {block_memory(bh, j) + k_floats, part_width, D, keys},
                 j > 0);
      });
    }
    for (Index i = 0; i < rows; ++i) {
      scale_row(y.row(i), D, 1 / running[i].sum);
      lse.row(bh)[from + i] = running[i].top + __builtin_logf(running[i].sum);
    }
  });
}

// With S = scale q k^T, P = softmax(S), out = P v:
//   dv = P^T dout,  dP = dout v^T,  dS = P (dP - delta) with delta_i = sum_j P_ij dP_ij = dout_i . out_i,
//   dq = scale dS k,  dk = scale dS^T q.
// A task is a head. For each block of keys it goes along the blocks of queries that see it: dk and dv of the
// block grow there in order, dq of a query from block to block of keys.
void attention_backward(Mat dqkv, CMat dout, CMat out, CMat lse, CMat qkv, Index T, Index H) {
  const Index N = qkv.rows, C = qkv.cols / 3, D = C / H;
  const float scale = 1 / __builtin_sqrtf(float(D));
  parallel_for(N / T * H, [&](Index bh) {
    const Index row = bh / H, h = bh % H, query_blocks = pieces(T, kQueries);
    const Head head(qkv, row, h, T, C, D);
    const auto part = [&](Index which) { return dqkv.block(row * T, T).columns(which * C + h * D, D); };
    const Mat dq = part(0), dk = part(1), dv = part(2);
    const CMat up = dout.block(row * T, T).columns(h * D, D), y = out.block(row * T, T).columns(h * D, D);

    const Index q_floats = packed_floats(kQueries, D), k_floats = packed_floats(D, kKeys);
    const Scratch memory(query_blocks * 2 * q_floats + 2 * k_floats + packed_floats(kKeys, D) + T);
    const auto query_memory = [&](Index i) { return memory.data() + i * 2 * q_floats; };
    float *key_memory = query_memory(query_blocks),
          *delta = key_memory + 2 * k_floats + packed_floats(kKeys, D);
    for (Index i = 0; i < query_blocks; ++i) {
      const Index rows = smaller(kQueries, T - i * kQueries);
      pack(query_memory(i), head.q.block(i * kQueries, rows));
      pack(query_memory(i) + q_floats, up.block(i * kQueries, rows));
    }
    for (Index t = 0; t < T; ++t) {
      Floats dot{};
      for_lanes(D, [&](Index c, auto n) { dot += load(up.row(t) + c, n) * load(y.row(t) + c, n); });
      delta[t] = sum_of(dot);
    }

    alignas(64) float p_memory[kQueries * kKeys], ds_memory[kQueries * kKeys];
    for (Index first = 0; first < T; first += kKeys) {
      const Index keys = smaller(kKeys, T - first);
      const Packed k_columns = pack_transposed(key_memory, head.k.block(first, keys));
      const Packed v_columns = pack_transposed(key_memory + k_floats, head.v.block(first, keys));
      const Packed k_rows = pack(key_memory + 2 * k_floats, head.k.block(first, keys));
      const Mat dk_block = dk.block(first, keys), dv_block = dv.block(first, keys);
      const Index first_block = first / kQueries;
      for (Index i = first_block; i < query_blocks; ++i) {
        const Index from = i * kQueries, rows = smaller(kQueries, T - from);
        const Index width = smaller(keys, from + rows - first);  // the keys that the block's last query sees
        const Mat p(p_memory, rows, width), ds(ds_memory, rows, width);
        for_seen(from, rows, first, keys, [&](Index r, Index n, Index part_width) {
          multiply(p.block(r, n).columns(0, part_width), near(as_is(head.q.block(from + r, n))), k_columns,
                   false);
          multiply(ds.block(r, n).columns(0, part_width), near(as_is(up.block(from + r, n))), v_columns,
                   false);
        });
        for (Index r = 0; r < rows; ++r) {
          float *pr = p.row(r), *dr = ds.row(r);
          const Index past = from + r + 1 - first, seen = past > 0 ? smaller(width, past) : 0;
          const float sum = lse.row(bh)[from + r], d = delta[from + r];
          for_lanes(seen, [&](Index c, auto n) {
            const Floats e = exp(load(pr + c, n) * scale - sum);
            store(pr + c, e, n);
            store(dr + c, e * (load(dr + c, n) - d) * scale, n);
          });
          for (Index c = seen; c < width; ++c) pr[c] = dr[c] = 0;
        }
        const bool more = i > first_block;
        // Keys beyond `width` are not seen by this block; being the first to see a block of keys, it sets
        // them to 0.
        if (!more)
          for (Index c = width; c < keys; ++c)
            for (Index n = 0; n < D; ++n) dk_block.row(c)[n] = dv_block.row(c)[n] = 0;
        multiply(dv_block.block(0, width), near(transposed(p)), {query_memory(i) + q_floats, rows, D}, more);
        multiply(dk_block.block(0, width), near(transposed(ds)), {query_memory(i), rows, D}, more);
        for_seen(from, rows, first, keys, [&](Index r, Index n, Index part_width) {
          multiply(dq.block(from + r, n), near(as_is(ds.block(r, n))), {k_rows.data, part_width, D, keys},
                   first > 0);
        });
      }
    }
  });
}

}  // namespace andrea::ANDREA_ISA
