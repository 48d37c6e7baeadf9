// Views of row-major memory: what kernels take and return. They own nothing.
#pragma once
#include <cstddef>
#include <cstdint>

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

using Mat = MatView<float>;
using CMat = MatView<const float>;
using Vec = VecView<float>;
using CVec = VecView<const float>;
using CIds = VecView<const uint16_t>;  // token ids

}  // namespace andrea
