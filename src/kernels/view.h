// Views of row-major memory: what kernels take and return. They own nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace andrea {

using Index = int64_t;

// rows x cols, row-major; row r begins at data + r * stride (stride >= cols).
template <class T>
struct MatView {
  T* data = nullptr;
  Index rows = 0, cols = 0, stride = 0;
  MatView() = default;
  MatView(T* d, Index r, Index c) : data(d), rows(r), cols(c), stride(c) {}
  MatView(T* d, Index r, Index c, Index s) : data(d), rows(r), cols(c), stride(s) {}
  operator MatView<const T>() const { return {data, rows, cols, stride}; }
  T* row(Index r) const { return data + r * stride; }
  MatView block(Index r, Index n) const { return {row(r), n, cols, stride}; }      // n rows from r
  MatView columns(Index c, Index n) const { return {data + c, rows, n, stride}; }  // n columns from c
};

template <class T>
struct VecView {
  T* data = nullptr;
  Index size = 0;
  VecView() = default;
  VecView(T* d, Index n) : data(d), size(n) {}
  operator VecView<const T>() const { return {data, size}; }
  VecView slice(Index from, Index n) const { return {data + from, n}; }
};

// A number of 16 bits, "bfloat16": the upper half of a float, with 8 bits of precision and all of its range.
struct Bf16 {
  uint16_t bits;
};

enum class Numbers { fp32, bf16 };  // what activations are made of
template <class T>
inline constexpr Numbers kNumbersOf =
    std::is_same_v<std::remove_const_t<T>, Bf16> ? Numbers::bf16 : Numbers::fp32;

template <class T>
inline constexpr bool kIsNumber =
    std::is_same_v<std::remove_const_t<T>, float> || std::is_same_v<std::remove_const_t<T>, Bf16>;

// Activations: a matrix of numbers of either kind, known when it runs. Void is void or const void.
template <class Void>
struct AnyMat {
  template <class T>
  using As = std::conditional_t<std::is_const_v<Void>, const T, T>;
  Void* data = nullptr;
  Index rows = 0, cols = 0, stride = 0;
  Numbers numbers = Numbers::fp32;

  AnyMat() = default;
  AnyMat(Void* d, Index r, Index c, Index s, Numbers n) : data(d), rows(r), cols(c), stride(s), numbers(n) {}
  template <class T>
  requires(std::is_convertible_v<T*, Void*>&& kIsNumber<T>) AnyMat(MatView<T> m)
      : AnyMat(m.data, m.rows, m.cols, m.stride, kNumbersOf<T>) {}
  operator AnyMat<const void>() const { return {data, rows, cols, stride, numbers}; }
  // The one of these two that `numbers` says.
  MatView<As<float>> floats() const { return {static_cast<As<float>*>(data), rows, cols, stride}; }
  MatView<As<Bf16>> bf16() const { return {static_cast<As<Bf16>*>(data), rows, cols, stride}; }
};

using Mat = MatView<float>;
using CMat = MatView<const float>;
using Vec = VecView<float>;
using CVec = VecView<const float>;
using ActMat = AnyMat<void>;
using CActMat = AnyMat<const void>;
using CIds = VecView<const uint16_t>;  // token ids

}  // namespace andrea
