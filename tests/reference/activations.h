// Activations of either kind for tests of kernels, and weights laid out for them.
#pragma once
#include <bit>

#include "kernels/kernels.h"
#include "tests/reference/compare.h"

namespace andrea::reference {

inline constexpr Numbers kKinds[] = {Numbers::fp32, Numbers::bf16};

// The judge of rounding: the nearest number of 8 bits, ties to even, by arithmetic rather than by bits. Exact
// for what is in reach of bf16 and of no number below 2^-126.
inline float nearest_bf16(float x) {
  if (x == 0 || !std::isfinite(x)) return x;
  int exponent;
  const double fraction = std::frexp(double(x), &exponent);  // 0.5 to 1
  return float(std::ldexp(std::nearbyint(std::ldexp(fraction, 8)), exponent - 8));
}
inline Tensor<float> rounded(Tensor<float> x, Numbers numbers) {
  if (numbers == Numbers::bf16)
    for (float& value : x.v) value = nearest_bf16(value);
  return x;
}
// The greatest relative error of storing a number.
inline double storing(Numbers numbers) { return numbers == Numbers::bf16 ? 0x1p-8 : 0; }

inline float widened(Bf16 x) { return std::bit_cast<float>(uint32_t(x.bits) << 16); }
inline Bf16 narrowed(float x) { return {uint16_t(std::bit_cast<uint32_t>(x) >> 16)}; }  // of what is one

// A matrix of a kind, inside a larger one.
class Acts {
 public:
  Acts(const Tensor<float>& x, Numbers numbers, Place place = {0, 0})
      : numbers_(numbers), floats_(x, place.shift, place.gap) {
    if (numbers_ != Numbers::bf16) return;
    shift_ = place.shift, stride_ = x.cols + place.gap;
    bf16_.assign(size_t(shift_ + x.rows * stride_), Bf16{kMargin});
    for (Index r = 0; r < x.rows; ++r)
      for (Index c = 0; c < x.cols; ++c) bf16_[at(r, c)] = narrowed(nearest_bf16(x(r, c)));
  }
  ActMat view() {
    const Mat f = floats_.view();
    if (numbers_ == Numbers::fp32) return f;
    return {bf16_.data() + shift_, f.rows, f.cols, stride_, Numbers::bf16};
  }
  Tensor<float> values() {
    Tensor<float> x = floats_.values();
    if (numbers_ == Numbers::bf16)
      for (Index r = 0; r < x.rows; ++r)
        for (Index c = 0; c < x.cols; ++c) x(r, c) = widened(bf16_[at(r, c)]);
    return x;
  }
  bool margins_intact() {
    const Index cols = floats_.view().cols;
    for (Index i = 0; i < Index(bf16_.size()); ++i)
      if ((i < shift_ || (i - shift_) % stride_ >= cols) && bf16_[size_t(i)].bits != kMargin) return false;
    return floats_.margins_intact();
  }

 private:
  static constexpr uint16_t kMargin = 0x1234;
  size_t at(Index r, Index c) const { return size_t(shift_ + r * stride_ + c); }
  Numbers numbers_;
  Strided floats_;
  Index shift_ = 0, stride_ = 0;
  std::vector<Bf16> bf16_;
};

inline Weight packed(CMat w, Numbers numbers = Numbers::fp32) {
  Weight weight(w.rows, w.cols, numbers);
  weight.set(w);
  return weight;
}

// The slope of gelu times dy: through a product with 1, which changes nothing.
inline void gelu_backward(Mat dx, CMat dy, CMat x) {
  Tensor<float> one(dy.cols, dy.cols);
  for (Index i = 0; i < dy.cols; ++i) one(i, i) = 1;
  andrea::matmul_gelu_backward(dx, dy, packed(reference::view(one)), x);
}

}  // namespace andrea::reference
