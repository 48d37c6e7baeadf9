#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/reference/compare.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

constexpr Index kSizes[] = {1, 7, 8, 33, 16384, 16385, 100003};

}  // namespace

TEST_CASE("add adds") {
  for (const Index n : kSizes) {
    const Tensor<float> x = random(1, n, 1), start = random(1, n, 2);
    Tensor<float> y = start;
    add(flat(y), flat(x));
    bool same = true;
    for (Index i = 0; i < n; ++i) same = same && y[i] == start[i] + x[i];
    CHECK(same);
  }
  Tensor<float> a(1, 3), b(1, 4);
  CHECK_THROWS_AS(add(flat(a), flat(b)), std::logic_error);
}

TEST_CASE("sum_of_squares: in double, the same for any number of threads and any address") {
  CHECK(sum_of_squares(CVec()) == 0);
  for (const Index n : kSizes) {
    const Tensor<float> x = random(1, n, 1);
    long double want = 0;
    for (const float value : x.v) want += static_cast<long double>(value) * value;
    // At most n / 4 additions one after the other, each of one rounding of a double.
    CHECK(std::abs(double(sum_of_squares(flat(x)) - want)) <=
          double(n) / 4 * 0x1p-53 * double(want) + 1e-300);
    check_same_for_threads([&] { return std::vector<float>{float(sum_of_squares(flat(x)))}; });
    for (const Place& p : kPlaces) {
      Strided moved(x, p.shift, 0);
      CHECK(sum_of_squares({moved.view().data, n}) == sum_of_squares(flat(x)));
    }
  }
  Tensor<float> huge(1, 1000);
  for (float& value : huge.v) value = 3e38f;  // the squares overflow float
  CHECK(sum_of_squares(flat(huge)) == doctest::Approx(9e79).epsilon(1e-6));
  huge[999] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(sum_of_squares(flat(huge))));
}

TEST_CASE("all_finite finds one bad number anywhere") {
  CHECK(all_finite(CVec()));
  for (const Index n : kSizes) {
    Tensor<float> x = random(1, n, 1);
    x[0] = -std::numeric_limits<float>::max();
    CHECK(all_finite(flat(x)));
    for (const Index at : {Index{0}, n / 2, n - 1})
      for (const float bad :
           {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN(),
            std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
        const float good = x[at];
        x[at] = bad;
        CHECK(!all_finite(flat(x)));
        x[at] = good;
      }
  }
}

// The formula of kernels.h in double, from the float state before the step. A step of the float kernel rounds
// m, v and w a few times each; -rate m / (sqrt(v) + eps) some 8 times.
TEST_CASE("adamw follows the published formula for ten steps") {
  for (const Index n : {Index{1}, Index{37}, Index{20001}}) {
    Tensor<float> w = random(1, n, 1), m(1, n), v(1, n);
    for (int64_t t = 1; t <= 10; ++t) {
      const Tensor<float> g = random(1, n, 10 + uint32_t(t));
      const AdamWStep s{1e-2f, 0.9f, 0.999f, 1e-8f, 0.1f, 0.5f, t};
      const double b1 = double(s.beta1), b2 = double(s.beta2), lr = double(s.learning_rate);
      Tensor<double> want_w(1, n), want_m(1, n), want_v(1, n), moved(1, n);
      for (Index i = 0; i < n; ++i) {
        const double grad = 0.5 * g[i];
        want_m[i] = b1 * m[i] + (1 - b1) * grad;
        want_v[i] = b2 * v[i] + (1 - b2) * grad * grad;
        const double mh = want_m[i] / (1 - std::pow(b1, t)), vh = want_v[i] / (1 - std::pow(b2, t));
        moved[i] = lr * (mh / (std::sqrt(vh) + double(s.epsilon)));
        want_w[i] = w[i] - moved[i] - lr * double(s.weight_decay) * w[i];
      }
      const Tensor<double> old_m = exact(m), old_w = exact(w);
      adamw(flat(w), flat(m), flat(v), flat(g), s);
      const auto m_error = [&](Index i) {
        return 2 * kRounding * (std::abs(old_m[i]) + std::abs(double(g[i])));
      };
      check_close("m", m, want_m, [&](Index, Index i) { return m_error(i); });
      check_close("v", v, want_v, [&](Index, Index i) { return 4 * kRounding * want_v[i] + 1e-38; });
      check_close("w", w, want_w, [&](Index, Index i) {
        const double from_m = lr * m_error(i) / std::sqrt(want_v[i] + 1e-30) / (1 - std::pow(b1, t));
        return 4 * kRounding * std::abs(old_w[i]) + 16 * kRounding * std::abs(moved[i]) + from_m;
      });
    }
  }
}

TEST_CASE("adamw: a zero gradient without decay moves nothing; NaN is passed on; threads do not matter") {
  AdamWStep s{1e-2f, 0.9f, 0.999f, 1e-8f, 0, 1, 1};
  Tensor<float> w = random(1, 50, 1), m(1, 50), v(1, 50), g(1, 50);
  const Tensor<float> start = w;
  adamw(flat(w), flat(m), flat(v), flat(g), s);
  CHECK(same_bits(w.v, start.v));
  g[49] = std::numeric_limits<float>::quiet_NaN();
  adamw(flat(w), flat(m), flat(v), flat(g), s);
  for (Index i = 0; i < 50; ++i) CHECK(std::isnan(w[i]) == (i == 49));
  check_same_for_threads([&] {
    Tensor<float> a = random(1, 50000, 1), b(1, 50000), c(1, 50000);
    const Tensor<float> d = random(1, 50000, 2);
    adamw(flat(a), flat(b), flat(c), flat(d), s);
    return a.v;
  });
  s.step = 0;
  CHECK_THROWS_AS(adamw(flat(w), flat(m), flat(v), flat(g), s), std::logic_error);
  s.step = 1;
  Tensor<float> few(1, 49);
  CHECK_THROWS_AS(adamw(flat(w), flat(few), flat(v), flat(g), s), std::logic_error);
}
