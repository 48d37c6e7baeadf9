#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/reference/activations.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

constexpr float kScale = 0.25f;

struct Case {
  Index N, V, C;
  Tensor<float> x, head;
  std::vector<uint16_t> targets;
  Case(Index N_, Index V_, Index C_, double deviation = 1)
      : N(N_),
        V(V_),
        C(C_),
        x(random(N, C, 1)),
        head(random(V, C, 2, deviation)),
        targets(random_ids(N, V, 3)) {}
  struct Result {
    Tensor<float> losses, dx, dhead;
  };
  Result run() const {
    Result r{Tensor<float>(N, 1), Tensor<float>(N, C), random(V, C, 4)};
    for (float& value : r.dx.v) value = 77;  // dx is set, dhead added to
    andrea::cross_entropy(flat(r.losses), view(r.dx), view(r.dhead), view(x), packed(view(head)),
                          flat(targets), kScale);
    return r;
  }
  // Of one logit, and so the relative one of its exponential (with 4 roundings of its size for scaling and
  // exp).
  double logit_error() const {
    double a = 0, b = 0;
    for (Index n = 0; n < N; ++n) a = std::max(a, length(exact(x), n));
    const Doubles w = exact(head);
    for (Index v = 0; v < V; ++v) b = std::max(b, length(w, v));
    return (kSumOfProducts + 4 * kRounding) * (1 + a * b);
  }
};

const std::vector<Case>& cases() {  // logits from nearly equal, as at the start, to a few that matter
  static const std::vector<Case> all = {
      Case(1, 1, 1),           Case(2, 3, 5),           Case(3, 17, 8),   Case(300, 129, 16, 0.1),
      Case(2, 8449, 48, 0.02), Case(30, 8449, 16, 0.5), Case(1025, 40, 8)};
  return all;
}

}  // namespace

// The sum of V positive terms in fixed lanes grows with one rounding a step, of random sign: sqrt(V)
// roundings.
TEST_CASE("cross_entropy agrees with the judge") {
  for (const Case& k : cases()) {
    INFO("N, V, C: ", k.N, " ", k.V, " ", k.C);
    const auto r = k.run();
    const Doubles want = reference::cross_entropy(reference::matmul(exact(k.x), exact(k.head)), k.targets);
    const double error = 2 * k.logit_error() + std::sqrt(double(k.V)) * kRounding;
    check_close("losses", r.losses, want, [&](Index n, Index) { return error + 4 * kRounding * want[n]; });
  }
}

TEST_CASE("cross_entropy: the gradients agree with the judge; dx is set, dhead added to") {
  for (const Case& k : cases()) {
    INFO("N, V, C: ", k.N, " ", k.V, " ", k.C);
    const auto r = k.run();
    const Doubles x = exact(k.x), head = exact(k.head), start = exact(random(k.V, k.C, 4));
    const Doubles dz = reference::cross_entropy_backward(reference::matmul(x, head), k.targets, kScale);
    // A row of dz is probabilities, which sum to 1, and -1 at the target: off by `error` of each.
    const double error = 2 * k.logit_error() + std::sqrt(double(k.V)) * kRounding;
    const double most_x = greatest(x.v), most_w = greatest(head.v);
    check_close("dx", r.dx, reference::matmul_input_backward(dz, head),
                [&](Index, Index) { return kScale * (error + kSumOfProducts * 2) * 2 * most_w; });
    std::vector<double> mass(size_t(k.V));  // of probability that came to each piece
    for (Index n = 0; n < k.N; ++n)
      for (Index v = 0; v < k.V; ++v) mass[size_t(v)] += std::abs(dz(n, v));
    check_close("dhead", r.dhead, plus(start, reference::matmul_weight_backward(dz, x)), [&](Index v, Index) {
      return (error + kSumOfProducts) * mass[size_t(v)] * most_x + 8 * kSumOfProducts + 1e-30;
    });
  }
}

// Logits are as exact as with floats: x and the head are what they are. Their gradient is rounded for its two
// products, each at most by storing() of itself; a row's sum to 2 at most, and dx is rounded when it is
// stored.
TEST_CASE("cross_entropy of bf16 agrees with the judge as far as its roundings let it") {
  for (const Case& c : cases()) {
    Case k = c;
    INFO("N, V, C: ", k.N, " ", k.V, " ", k.C);
    k.x = rounded(k.x, Numbers::bf16), k.head = rounded(k.head, Numbers::bf16);
    Acts in(k.x, Numbers::bf16), dx(k.x, Numbers::bf16);
    Tensor<float> losses(k.N, 1), dhead(k.V, k.C);
    andrea::cross_entropy(flat(losses), dx.view(), view(dhead), in.view(),
                          packed(view(k.head), Numbers::bf16), flat(k.targets), kScale);
    const Doubles x = exact(k.x), head = exact(k.head), logits = reference::matmul(x, head);
    const Doubles want = reference::cross_entropy(logits, k.targets);
    const double error = 2 * k.logit_error() + std::sqrt(double(k.V)) * kRounding;
    check_close("losses", losses, want, [&](Index n, Index) { return error + 4 * kRounding * want[n]; });
    const Doubles dz = reference::cross_entropy_backward(logits, k.targets, kScale);
    const double half = storing(Numbers::bf16), most_x = greatest(x.v), most_w = greatest(head.v);
    check_close("dx", dx.values(), reference::matmul_input_backward(dz, head),
                [&](Index, Index) { return kScale * (error + 2 * half + kSumOfProducts * 2) * 2 * most_w; });
    std::vector<double> mass(size_t(k.V));
    for (Index n = 0; n < k.N; ++n)
      for (Index v = 0; v < k.V; ++v) mass[size_t(v)] += std::abs(dz(n, v));
    check_close("dhead", dhead, reference::matmul_weight_backward(dz, x), [&](Index v, Index) {
      return (error + half + kSumOfProducts) * mass[size_t(v)] * most_x + 8 * kSumOfProducts + 1e-30;
    });
  }
}

TEST_CASE("cross_entropy without gradients gives the same losses") {
  for (const Case& k : cases()) {
    Tensor<float> losses(k.N, 1);
    andrea::cross_entropy(flat(losses), {}, {}, view(k.x), packed(view(k.head)), flat(k.targets), 0);
    CHECK(same_bits(losses.v, k.run().losses.v));
  }
}

TEST_CASE("cross_entropy of equal logits is log V, of enormous ones no overflow") {
  Case k(3, 8449, 4);
  for (float& w : k.head.v) w = 0;
  CHECK(k.run().losses[1] == doctest::Approx(std::log(8449.0)).epsilon(8 * kRounding));
  for (Index v = 0; v < k.V; ++v)
    for (Index c = 0; c < 4; ++c) k.head(v, c) = v == k.targets[0] ? 3e4f : -3e4f;
  for (float& x : k.x.v) x = 1;
  k.targets[1] = k.targets[0], k.targets[2] = uint16_t(k.targets[0] == 0);
  const auto r = k.run();
  CHECK(r.losses[0] == 0);
  CHECK(r.losses[2] == 2.4e5f);
  CHECK(all_finite(flat(r.dx)));
  CHECK(all_finite(flat(r.dhead)));
}

TEST_CASE("cross_entropy is the same for any number of threads, and wherever the matrices lie") {
  const Case k(530, 301, 20);
  for (const Numbers numbers : kKinds) {
    const auto everything = [&](const Place& p) {
      Acts x(k.x, numbers, p), dx(k.x, numbers, {p.shift, p.shift});
      Strided head(k.head, p.gap, p.shift), dhead(k.head, 1, p.gap);
      Tensor<float> losses(k.N, 1);
      andrea::cross_entropy(flat(losses), dx.view(), dhead.view(), x.view(), packed(head.view(), numbers),
                            flat(k.targets), kScale);
      CHECK((dx.margins_intact() && dhead.margins_intact()));
      std::vector<float> all = losses.v;
      for (const auto& part : {dx.values(), dhead.values()})
        all.insert(all.end(), part.v.begin(), part.v.end());
      return all;
    };
    check_same_for_threads([&] { return everything({0, 0}); });
    for (const Place& p : kPlaces) CHECK(same_bits(everything(p), everything({0, 0})));
  }
}

TEST_CASE("cross_entropy passes NaN and infinity on, to their own row") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Case k(300, 37, 10);
    k.x(270, 3) = bad;
    const auto r = k.run();
    for (Index n = 0; n < k.N; ++n) CHECK(std::isnan(r.losses[n]) == (n == 270));
    for (Index n = 0; n < k.N; ++n) CHECK(std::isnan(r.dx(n, 5)) == (n == 270));
    CHECK(std::isnan(r.dhead(5, 5)));
  }
}

TEST_CASE("cross_entropy refuses targets and shapes that do not fit") {
  Case k(3, 7, 4);
  k.targets[2] = 7;
  CHECK_THROWS_AS(k.run(), std::logic_error);
  k.targets[2] = 6;
  k.run();
  Tensor<float> losses(3, 1), dx(3, 4), few(2, 4);
  const auto call = [&](Mat down, Mat dhead, CMat head) {
    andrea::cross_entropy(flat(losses), down, dhead, view(k.x), packed(head), flat(k.targets), kScale);
  };
  CHECK_THROWS_AS(call(view(dx), {}, view(k.head)), std::logic_error);
  CHECK_THROWS_AS(call(view(dx), view(few), view(k.head)), std::logic_error);
  CHECK_THROWS_AS(call({}, {}, view(losses)), std::logic_error);
  Acts half(k.x, Numbers::bf16);
  CHECK_THROWS_AS(
      andrea::cross_entropy(flat(losses), {}, {}, half.view(), packed(view(k.head)), flat(k.targets), 0),
      std::logic_error);
}
