#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/reference/activations.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

struct Case {
  Index B, T, H, D, N, C;
  Tensor<float> qkv, dout;
  Case(Index B_, Index T_, Index H_, Index D_, double deviation = 1)
      : B(B_),
        T(T_),
        H(H_),
        D(D_),
        N(B * T),
        C(H * D),
        qkv(random(N, 3 * C, 1, deviation)),
        dout(random(N, C, 2)) {}
  struct Result {
    Tensor<float> out, lse, dqkv;
  };
  Result run() const {
    Result r{Tensor<float>(N, C), Tensor<float>(B * H, T), Tensor<float>(N, 3 * C)};
    for (float& value : r.dqkv.v) value = 77;  // attention_backward sets
    andrea::attention(view(r.out), view(r.lse), view(qkv), T, H);
    andrea::attention_backward(view(r.dqkv), view(dout), view(r.out), view(r.lse), view(qkv), T, H);
    return r;
  }
  // A score is a sum of D products, off by kSumOfProducts |q| |k| / sqrt(D); then scaled, shifted and
  // exponentiated: some 4 roundings of its size. So much is the relative error of each probability.
  double probability_error() const {
    double most = 0;
    const Doubles all = exact(qkv);
    for (Index n = 0; n < N; ++n)
      for (Index h = 0; h < H; ++h) {
        double q = 0, k = 0;
        for (Index d = 0; d < D; ++d) {
          q += all(n, h * D + d) * all(n, h * D + d);
          k += all(n, C + h * D + d) * all(n, C + h * D + d);
        }
        most = std::max(most, std::max(q, k) / std::sqrt(double(D)));  // |q| |k| <= max(q^2, k^2)
      }
    return (kSumOfProducts + 4 * kRounding) * (1 + most);
  }
};

const std::vector<Case>& cases() {  // around the blocks, and all head sizes in use
  static const std::vector<Case> all = {Case(2, 1, 1, 1),     Case(1, 2, 3, 16),    Case(3, 3, 2, 5),
                                        Case(2, 63, 2, 32),   Case(1, 64, 2, 64),   Case(1, 65, 1, 24),
                                        Case(1, 129, 2, 128), Case(1, 1000, 1, 32), Case(1, 200, 2, 32, 3.0),
                                        Case(1, 256, 2, 32),  Case(1, 257, 1, 16),  Case(1, 321, 2, 128)};
  return all;
}

// The judge's natural logarithms as base-2 ones; their errors are 1 / ln 2 < 1.5 times as large.
Doubles in_twos(Doubles lse) {
  for (double& x : lse.v) x /= std::numbers::ln2;
  return lse;
}

}  // namespace

TEST_CASE("attention agrees with the judge") {
  for (const Case& k : cases()) {
    INFO("T, H, D: ", k.T, " ", k.H, " ", k.D);
    const auto r = k.run();
    Doubles lse;
    const Doubles want = reference::attention(exact(k.qkv), k.T, k.H, lse);
    // An average of values v: off by the error of its weights, and by its own roundings, of |v|.
    const double error = k.probability_error(), most = greatest(exact(k.qkv).v);
    check_close("out", r.out, want, [&](Index, Index) { return (error + kSumOfProducts) * most; });
    check_close("lse", r.lse, in_twos(lse),
                [&](Index, Index) { return 1.5 * error + 4 * kRounding * std::log2(double(k.T) + 1); });
  }
}

// dS = P (dP - delta): off by P error(P) |dP - delta|, and dP, delta by kSumOfProducts |dout| |v|. dq and dk
// are sums of dS times k or q; the probabilities of a row sum to 1, those of a column to at most T, but where
// they do, to 1 on average: 4 covers the columns here.
TEST_CASE("attention_backward agrees with the judge") {
  for (const Case& k : cases()) {
    INFO("T, H, D: ", k.T, " ", k.H, " ", k.D);
    const auto r = k.run();
    const Doubles want = reference::attention_backward(exact(k.dout), exact(k.qkv), k.T, k.H);
    const double value = greatest(exact(k.qkv).v), up = greatest(exact(k.dout).v), D = double(k.D);
    const double dp = up * value * D, error = k.probability_error();
    check_close("dqkv", r.dqkv, want, [&](Index, Index c) {
      if (c >= 2 * k.C) return 4 * (error + kSumOfProducts) * up;
      return 4 * (error + kSumOfProducts) * dp * value / std::sqrt(D);
    });
  }
}

// The length of the difference as a part of the length of what is wanted, over `count` columns.
double apart(const Tensor<float>& got, const Doubles& want, Index first, Index count) {
  double off = 0, size = 0;
  for (Index r = 0; r < want.rows; ++r)
    for (Index c = first; c < first + count; ++c) {
      off += std::pow(distance(got(r, c), want(r, c)), 2);
      size += want(r, c) * want(r, c);
    }
  return std::sqrt(off / size);
}

// With bf16, q, k, v and dout are what they are; probabilities and dS are rounded for their products, out (of
// which delta is made) and dqkv when they are stored. One rounding is at most storing() of a number and has a
// random sign, so a head's results are apart from the judge's by a small multiple of it. Zeros would be 1
// apart.
TEST_CASE("attention of bf16 agrees with the judge as far as its roundings let it") {
  for (const Case& c : cases()) {
    Case k = c;
    INFO("T, H, D: ", k.T, " ", k.H, " ", k.D);
    k.qkv = rounded(k.qkv, Numbers::bf16), k.dout = rounded(k.dout, Numbers::bf16);
    Acts qkv(k.qkv, Numbers::bf16), dout(k.dout, Numbers::bf16), out(k.dout, Numbers::bf16),
        dqkv(k.qkv, Numbers::bf16);
    Tensor<float> lse(k.B * k.H, k.T);
    andrea::attention(out.view(), view(lse), qkv.view(), k.T, k.H);
    andrea::attention_backward(dqkv.view(), dout.view(), out.view(), view(lse), qkv.view(), k.T, k.H);
    Doubles want_lse;
    const Doubles want = reference::attention(exact(k.qkv), k.T, k.H, want_lse);
    check_close("lse", lse, in_twos(want_lse), [&](Index, Index) {
      return 1.5 * k.probability_error() + 4 * kRounding * std::log2(double(k.T) + 1);
    });
    const Doubles gradient = reference::attention_backward(exact(k.dout), exact(k.qkv), k.T, k.H);
    const double bound = 2 * storing(Numbers::bf16);
    for (Index h = 0; h < k.H; ++h) {
      CAPTURE(h);
      CHECK(apart(out.values(), want, h * k.D, k.D) <= bound);
      for (const Index part : {0, 1, 2}) {
        CAPTURE(part);
        if (part < 2 && k.T == 1) continue;  // a softmax of one key has no gradient
        CHECK(apart(dqkv.values(), gradient, part * k.C + h * k.D, k.D) <= bound);
      }
    }
  }
}

TEST_CASE("attention looks at no later position") {
  Case k(1, 150, 2, 16);
  const auto before = k.run();
  for (Index n = 100; n < 150; ++n)
    for (Index c = 0; c < 3 * k.C; ++c) k.qkv(n, c) = 1000;
  const auto after = k.run();
  const auto upto = [&](const Tensor<float>& x) {
    return std::vector<float>(x.v.begin(), x.v.begin() + 100 * k.C);
  };
  CHECK(same_bits(upto(before.out), upto(after.out)));
  CHECK(!same_bits(before.out.v, after.out.v));
}

TEST_CASE("attention of scores that would overflow an exponential") {
  const Case k(1, 70, 1, 16, 20.0);  // scores of some 1600: the softmax is nearly one key
  const auto r = k.run();
  Doubles lse;
  const Doubles want = reference::attention(exact(k.qkv), k.T, k.H, lse);
  REQUIRE(greatest(lse.v) > 200);
  check_close("out", r.out, want,
              [&](Index, Index) { return k.probability_error() * greatest(exact(k.qkv).v); });
  CHECK(all_finite(flat(r.dqkv)));
}

TEST_CASE("attention is the same for any number of threads, and wherever the matrices lie") {
  const Case k(2, 130, 3, 20);
  for (const Numbers numbers : kKinds) {
    const auto everything = [&](const Place& p) {
      Acts qkv(k.qkv, numbers, p), out(Tensor<float>(k.N, k.C), numbers, {p.gap, p.shift});
      Acts dqkv(k.qkv, numbers, {p.shift, p.shift}), dout(k.dout, numbers, {p.gap, p.gap});
      Strided lse(Tensor<float>(k.B * k.H, k.T), p.shift, p.gap);
      andrea::attention(out.view(), lse.view(), qkv.view(), k.T, k.H);
      andrea::attention_backward(dqkv.view(), dout.view(), out.view(), lse.view(), qkv.view(), k.T, k.H);
      CHECK((out.margins_intact() && lse.margins_intact() && dqkv.margins_intact()));
      std::vector<float> all = out.values().v;
      for (const auto& part : {lse.values(), dqkv.values()})
        all.insert(all.end(), part.v.begin(), part.v.end());
      return all;
    };
    check_same_for_threads([&] { return everything({0, 0}); });
    for (const Place& p : kPlaces) CHECK(same_bits(everything(p), everything({0, 0})));
  }
}

TEST_CASE("attention passes NaN and infinity on: from a key to all queries that see it") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Case k(2, 90, 2, 8);
    k.qkv(40, k.C + 3) = bad;  // row 0, head 0, position 40
    const auto r = k.run();
    for (Index n = 0; n < k.N; ++n) {
      // An infinite key against a negative query has probability 0, which is right; else it gives NaN.
      const bool reached = n >= 40 && n < 90 && (std::isnan(bad) || k.qkv(n, 3) > 0);
      for (Index c = 0; c < k.C; ++c) CHECK(std::isnan(r.out(n, c)) == (reached && c < k.D));
    }
    CHECK(std::isnan(r.dqkv(40, k.C + 3)));
    CHECK(std::isfinite(r.dqkv(130, 0)));
  }
}

TEST_CASE("attention_one is the last row of attention") {
  for (const Case& k : cases()) {
    if (k.B != 1) continue;
    INFO("T, H, D: ", k.T, " ", k.H, " ", k.D);
    Doubles lse;
    const Doubles all = reference::attention(exact(k.qkv), k.T, k.H, lse);
    const Doubles want(1, k.C, std::vector<double>(all.v.end() - k.C, all.v.end()));
    const CMat qkv = view(k.qkv);
    Tensor<float> out(1, k.C);
    attention_one(flat(out), {qkv.row(k.T - 1), k.C}, qkv.columns(k.C, k.C), qkv.columns(2 * k.C, k.C), k.H);
    const double error = k.probability_error(), most = greatest(exact(k.qkv).v);
    // It adds the values one after the other: a rounding of the average for each.
    check_close("out", out, want, [&](Index, Index) {
      return (error + kSumOfProducts + kRounding * std::sqrt(double(k.T))) * most;
    });
    for (const Place& p : kPlaces) {
      Strided moved(k.qkv, p.shift, p.gap);
      Tensor<float> again(1, k.C);
      attention_one(flat(again), {moved.view().row(k.T - 1), k.C}, moved.view().columns(k.C, k.C),
                    moved.view().columns(2 * k.C, k.C), k.H);
      CHECK(same_bits(out.v, again.v));
    }
  }
}

TEST_CASE("attention refuses shapes that do not fit") {
  const Case k(1, 6, 2, 4);
  Tensor<float> out(6, 8), lse(2, 6), dqkv(6, 24), wrong(6, 9);
  andrea::attention(view(out), view(lse), view(k.qkv), 6, 2);
  CHECK_THROWS_AS(andrea::attention(view(out), view(lse), view(k.qkv), 5, 2), std::logic_error);
  CHECK_THROWS_AS(andrea::attention(view(out), view(lse), view(k.qkv), 6, 3), std::logic_error);
  CHECK_THROWS_AS(andrea::attention(view(wrong), view(lse), view(k.qkv), 6, 2), std::logic_error);
  CHECK_THROWS_AS(
      andrea::attention_backward(view(wrong), view(k.dout), view(out), view(lse), view(k.qkv), 6, 2),
      std::logic_error);
  Acts half(k.qkv, Numbers::bf16);
  CHECK_THROWS_AS(andrea::attention(view(out), view(lse), half.view(), 6, 2), std::logic_error);
  CHECK_THROWS_AS(
      andrea::attention_backward(view(dqkv), view(k.dout), view(out), view(lse), half.view(), 6, 2),
      std::logic_error);
  CHECK_THROWS_AS(attention_one(flat(out), flat(k.dout), view(out), view(k.dout), 2), std::logic_error);
}
