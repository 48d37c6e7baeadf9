// Derivatives without differences: for an analytic f, Imag f(x + ih) / h is f'(x) to the last digits for tiny
// h, as nothing is subtracted (Squire & Trapp, "Using complex variables to estimate derivatives of real
// functions", SIAM Review 1998).
#pragma once
#include "tests/reference/compare.h"

namespace andrea::reference {

inline constexpr double kComplexStep = 1e-50;

// The derivative of loss_of(vector of Complex) -> Complex by each element of x.
template <class F>
std::vector<double> complex_step(const F& loss_of, const std::vector<double>& x) {
  std::vector<Complex> z(x.begin(), x.end());
  std::vector<double> d(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    z[i] = Complex(x[i], kComplexStep);
    d[i] = loss_of(z).imag() / kComplexStep;
    z[i] = x[i];
  }
  return d;
}

// Is dx the gradient of loss_of at x? `tolerance` is relative to the greatest element of the gradient.
template <class F, class Number>
void check_gradient(const char* what, const F& loss_of, const std::vector<double>& x,
                    const std::vector<Number>& dx, double tolerance) {
  INFO(what);
  REQUIRE(dx.size() == x.size());
  const std::vector<double> d = complex_step(loss_of, x);
  double greatest = 0, worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < d.size(); ++i) {
    greatest = std::max(greatest, std::abs(d[i]));
    const double off = distance(double(dx[i]), d[i]);
    if (off > worst) worst = off, at = i;
  }
  REQUIRE(std::isfinite(greatest));
  REQUIRE(greatest > 0);
  INFO("element ", at, ": complex step ", d[at], ", gradient ", double(dx[at]), ", greatest ", greatest);
  CHECK(worst <= tolerance * greatest);
}

// sum of weights * y: a loss whose gradient by y is `weights`.
template <class S>
S weighted_sum(const Tensor<S>& y, const Tensor<double>& weights) {
  S sum = 0;
  for (size_t i = 0; i < y.v.size(); ++i) sum += weights.v[i] * y.v[i];
  return sum;
}

}  // namespace andrea::reference
