#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/reference/compare.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

struct Case {
  Index V, T, N, C;
  Tensor<float> tokens, positions, dx;
  std::vector<uint16_t> ids;
  Case(Index V_, Index T_, Index rows, Index C_)
      : V(V_),
        T(T_),
        N(rows * T_),
        C(C_),
        tokens(random(V, C, 1)),
        positions(random(T + 2, C, 2)),
        dx(random(N, C, 3)),
        ids(random_ids(N, V, 4)) {}
};

}  // namespace

TEST_CASE("embedding is the sum of two rows, rounded once") {
  for (const auto& k : {Case(1, 1, 1, 1), Case(5, 3, 2, 17), Case(8449, 129, 3, 48)}) {
    Tensor<float> x(k.N, k.C);
    andrea::embedding(view(x), view(k.tokens), view(k.positions), flat(k.ids), k.T);
    const Doubles want = reference::embedding(exact(k.tokens), exact(k.positions), k.ids, k.T);
    check_close("x", x, want, [&](Index r, Index c) { return kRounding * std::abs(want(r, c)); });
  }
}

TEST_CASE("embedding_backward adds every row to its token and its position") {
  // 5 tokens in 258 rows: each is repeated about 50 times. A sum of n numbers of size about 1 rounds n times.
  for (const auto& k : {Case(1, 1, 1, 1), Case(5, 129, 2, 17), Case(8449, 129, 3, 200)}) {
    Tensor<float> dtokens = random(k.V, k.C, 5), dpositions = random(k.T + 2, k.C, 6);
    const auto g = reference::embedding_backward(exact(k.dx), k.ids, k.V, k.T);
    Doubles positions = exact(dpositions);  // two rows more than T: they stay as they were
    for (Index i = 0; i < k.T * k.C; ++i) positions[i] += g.dpositions[i];
    const Doubles tokens = plus(exact(dtokens), g.dtokens);
    andrea::embedding_backward(view(dtokens), view(dpositions), view(k.dx), flat(k.ids), k.T);
    const double repeats = std::max(4.0, double(k.N) / double(k.V));
    check_close("dtokens", dtokens, tokens, [&](Index, Index) { return kSumOfProducts * 2 * repeats; });
    check_close("dpositions", dpositions, positions, [&](Index, Index) { return kSumOfProducts * 8; });
  }
}

TEST_CASE("embedding gradients are the same for any number of threads") {
  const Case k(7, 100, 3, 300);
  check_same_for_threads([&] {
    Tensor<float> dtokens(k.V, k.C), dpositions(k.T, k.C), x(k.N, k.C);
    andrea::embedding(view(x), view(k.tokens), view(k.positions), flat(k.ids), k.T);
    andrea::embedding_backward(view(dtokens), view(dpositions), view(k.dx), flat(k.ids), k.T);
    dtokens.v.insert(dtokens.v.end(), dpositions.v.begin(), dpositions.v.end());
    dtokens.v.insert(dtokens.v.end(), x.v.begin(), x.v.end());
    return dtokens.v;
  });
}

TEST_CASE("embedding: NaN goes to its own row only") {
  Case k(5, 4, 2, 9);
  k.tokens(k.ids[3], 2) = std::numeric_limits<float>::quiet_NaN();
  Tensor<float> x(k.N, k.C);
  andrea::embedding(view(x), view(k.tokens), view(k.positions), flat(k.ids), k.T);
  for (Index n = 0; n < k.N; ++n) CHECK(std::isnan(x(n, 2)) == (k.ids[size_t(n)] == k.ids[3]));
}

TEST_CASE("embedding refuses ids and shapes that do not fit") {
  Case k(5, 4, 2, 9);
  Tensor<float> x(k.N, k.C), dtokens(k.V, k.C), few(k.T - 1, k.C);
  k.ids[7] = 5;
  CHECK_THROWS_AS(andrea::embedding(view(x), view(k.tokens), view(k.positions), flat(k.ids), k.T),
                  std::logic_error);
  CHECK_THROWS_AS(andrea::embedding_backward(view(dtokens), view(k.positions), view(k.dx), flat(k.ids), k.T),
                  std::logic_error);
  k.ids[7] = 4;
  andrea::embedding(view(x), view(k.tokens), view(k.positions), flat(k.ids), k.T);
  CHECK_THROWS_AS(andrea::embedding(view(x), view(k.tokens), view(few), flat(k.ids), k.T), std::logic_error);
  CHECK_THROWS_AS(andrea::embedding(view(x), view(k.tokens), view(k.positions), flat(k.ids), 3),
                  std::logic_error);
}
