#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/reference/activations.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

// Everything from -12 to 12 in steps of 1/512, in a matrix with an odd number of columns.
Tensor<float> ramp() {
  Tensor<float> x(173, 71);
  for (Index i = 0; i < 173 * 71; ++i) x[i] = float(i) / 512 - 12;
  return x;
}

double tanh_argument(double x) { return std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x); }

// The judge's (1 + tanh u) / 2 cancels for negative u; this form does not.
double gelu_of(double x) { return x / (1 + std::exp(-2 * tanh_argument(x))); }

}  // namespace

// y = x / (1 + e), e = exp(-2u). u is off by up to 4 roundings (relative), e by 2|u| times that and 2 of its
// own, y by e / (1 + e) of e's error and 3 of its own. Below 1e-36 floats end, and exp gives 0 or infinity.
TEST_CASE("gelu agrees with the formula from -12 to 12, small results included") {
  const Tensor<float> x = ramp();
  Tensor<float> y(x.rows, x.cols);
  gelu(view(y), view(x));
  Doubles want(x.rows, x.cols);
  for (Index i = 0; i < x.rows * x.cols; ++i) want[i] = gelu_of(x[i]);
  check_close("y", y, want, [&](Index r, Index c) {
    const double u = tanh_argument(x(r, c)), e = std::exp(-2 * u);
    return kRounding * std::abs(want(r, c)) * (3 + e / (1 + e) * (2 + 8 * std::abs(u))) + 1e-36;
  });
  check_close("judge", y, reference::gelu(exact(x)), [](Index, Index) { return 8 * kRounding * 12; });
}

// y' = s + x s (1 - s) 2u': absolute errors of a few roundings of |x| 2u' s (1 - s) (1 + 8|u|) <= 8, and of s
// <= 1.
TEST_CASE("gelu_backward agrees with the judge from -12 to 12") {
  const Tensor<float> x = ramp(), dy = random(x.rows, x.cols, 1);
  Tensor<float> dx(x.rows, x.cols);
  reference::gelu_backward(view(dx), view(dy), view(x));
  check_close("dx", dx, reference::gelu_backward(exact(dy), exact(x)),
              [&](Index r, Index c) { return 16 * kRounding * std::abs(dy(r, c)) + 1e-30; });
}

TEST_CASE("gelu of extremes: 0, the number itself, and NaN passed on") {
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  struct Row {
    float x, y, slope;
  };
  const Row rows[] = {{0, 0, 0.5f},      {-0.0f, 0, 0.5f},       {20, 20, 1},
                      {-20, 0, 0},       {1e4f, 1e4f, 1},        {-1e4f, 0, 0},
                      {1e20f, 1e20f, 1}, {-1e20f, 0, 0},         {3e38f, 3e38f, 1},
                      {-3e38f, 0, 0},    {1e-40f, 5e-41f, 0.5f}, {inf, inf, 1}};
  for (const Row& row : rows) {
    CAPTURE(row.x);
    Tensor<float> x(1, 1, {row.x}), one(1, 1, {1.0f}), y(1, 1), dx(1, 1);
    gelu(view(y), view(x));
    CHECK(y[0] == row.y);
    reference::gelu_backward(view(dx), view(one), view(x));
    CHECK(dx[0] == doctest::Approx(row.slope).epsilon(1e-30));
  }
  for (Index n = 1; n < 40; ++n) {  // in the vectors and in the rest at the end
    Tensor<float> x(1, n), dy(1, n), y(1, n), dx(1, n);
    x[n - 1] = nan;
    dy[n - 1] = 1;
    gelu(view(y), view(x));
    reference::gelu_backward(view(dx), view(dy), view(x));
    for (Index i = 0; i < n; ++i) CHECK(std::isnan(y[i]) == (i == n - 1));
    for (Index i = 0; i < n; ++i) CHECK(std::isnan(dx[i]) == (i == n - 1));
    x[n - 1] = 1;
    dy[n - 1] = nan;
    reference::gelu_backward(view(dx), view(dy), view(x));
    CHECK(std::isnan(dx[n - 1]));
  }
}

TEST_CASE("gelu works in place and in strided views") {
  const Tensor<float> x = random(37, 19, 1), dy = random(37, 19, 2);
  Tensor<float> y(37, 19), dx(37, 19);
  gelu(view(y), view(x));
  reference::gelu_backward(view(dx), view(dy), view(x));
  Strided in(x, 3, 5), up(dy, 1, 2);
  Strided down(dy, 2, 1);
  reference::gelu_backward(down.view(), up.view(), in.view());
  gelu(in.view(), in.view());
  CHECK(same_bits(in.values().v, y.v));
  CHECK(same_bits(down.values().v, dx.v));
  CHECK((in.margins_intact() && down.margins_intact()));
  CHECK_THROWS_AS(gelu(view(y), in.view().columns(0, 3)), std::logic_error);
  CHECK_THROWS_AS(reference::gelu_backward(view(dx), view(dy), in.view().block(0, 3)), std::logic_error);
}
