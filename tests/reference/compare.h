// How tests hold a float result against the judge's, and against itself.
//
// Tolerances are stated in units of kRounding, the greatest relative error of one float operation, and come
// from counting: a sum of n products with zero-mean random signs rounds n times, by at most kRounding of a
// partial sum no greater than about |a| |b| (the Euclidean norms) / sqrt(n); these errors have random signs
// too, so the whole has a deviation of at most kRounding |a| |b| / sqrt(3), and 4 kRounding |a| |b| is nearly
// 7 deviations. One product left out of the sum is greater than that by far, up to n of some 100,000.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/threads.h"
#include "tests/reference/tensor.h"

namespace andrea::reference {

inline constexpr double kRounding = 0x1p-24;
inline constexpr double kSumOfProducts = 4 * kRounding;  // times |a| |b|

// Infinite when either is not finite: nothing that is NaN is ever close.
inline double distance(double a, double b) {
  const double d = std::abs(a - b);
  return std::isfinite(d) ? d : std::numeric_limits<double>::infinity();
}

inline double length(const Tensor<double>& x, Index row) {
  double sum = 0;
  for (Index c = 0; c < x.cols; ++c) sum += x(row, c) * x(row, c);
  return std::sqrt(sum);
}

inline double greatest(const std::vector<double>& x) {
  double g = 0;
  for (const double value : x) g = std::max(g, std::abs(value));
  return g;
}

// Each element within tolerance(row, column) of the judge's.
template <class Tolerance>
void check_close(const char* what, const Tensor<float>& got, const Tensor<double>& want,
                 const Tolerance& tolerance) {
  INFO(what);
  REQUIRE(got.rows == want.rows);
  REQUIRE(got.cols == want.cols);
  double worst = 0;
  Index row = 0, col = 0;
  for (Index r = 0; r < want.rows; ++r)
    for (Index c = 0; c < want.cols; ++c) {
      const double off = distance(got(r, c), want(r, c)) / double(tolerance(r, c));
      if (off > worst) worst = off, row = r, col = c;
    }
  INFO("row ", row, ", column ", col, ": got ", got(row, col), ", should be ", want(row, col));
  CHECK(worst <= 1);
}

// Do two results agree in every bit?
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// run() -> std::vector<float> gives the same bits on 1, 2 and 4 threads.
template <class Run>
void check_same_for_threads(const Run& run) {
  const int before = threads();
  set_threads(1);
  const std::vector<float> one = run();
  for (const int n : {2, 4}) {
    INFO(n, " threads");
    set_threads(n);
    CHECK(same_bits(one, run()));
  }
  set_threads(before);
}

// A matrix inside a larger one: `shift` floats from the start of the memory, `gap` floats between rows.
class Strided {
 public:
  Strided(const Tensor<float>& x, Index shift, Index gap)
      : rows_(x.rows),
        cols_(x.cols),
        shift_(shift),
        stride_(x.cols + gap),
        memory_(size_t(shift + rows_ * stride_), kMargin) {
    for (Index r = 0; r < rows_; ++r)
      for (Index c = 0; c < cols_; ++c) view().row(r)[c] = x(r, c);
  }
  Mat view() { return {memory_.data() + shift_, rows_, cols_, stride_}; }
  Tensor<float> values() {
    Tensor<float> x(rows_, cols_);
    for (Index r = 0; r < rows_; ++r)
      for (Index c = 0; c < cols_; ++c) x(r, c) = view().row(r)[c];
    return x;
  }
  // Nothing was written beside the matrix.
  bool margins_intact() const {
    for (Index i = 0; i < Index(memory_.size()); ++i) {
      const bool inside = i >= shift_ && (i - shift_) % stride_ < cols_;
      if (!inside && memory_[size_t(i)] != kMargin) return false;
    }
    return true;
  }

 private:
  static constexpr float kMargin = 12345.5f;
  Index rows_, cols_, shift_, stride_;
  std::vector<float> memory_;
};

// Where a matrix may lie in memory without its results changing by a bit.
struct Place {
  Index shift, gap;
};
inline constexpr Place kPlaces[] = {{0, 0}, {1, 0}, {2, 3}, {3, 5}, {5, 8}, {7, 1}};

}  // namespace andrea::reference
