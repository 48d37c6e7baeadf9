// What the judges compute on: a matrix that owns its numbers, of double, std::complex<double> or float.
#pragma once
#include <complex>
#include <vector>

#include "base/rng.h"
#include "kernels/view.h"

namespace andrea::reference {

using Complex = std::complex<double>;

template <class S>
struct Tensor {
  Index rows = 0, cols = 0;
  std::vector<S> v;
  Tensor() = default;
  Tensor(Index r, Index c) : rows(r), cols(c), v(size_t(r * c)) {}
  Tensor(Index r, Index c, std::vector<S> values) : rows(r), cols(c), v(std::move(values)) {}
  S& operator()(Index r, Index c) { return v[size_t(r * cols + c)]; }
  const S& operator()(Index r, Index c) const { return v[size_t(r * cols + c)]; }
  S& operator[](Index i) { return v[size_t(i)]; }
  const S& operator[](Index i) const { return v[size_t(i)]; }
};

// The same numbers in another type: float to double is exact.
template <class To, class From>
Tensor<To> as(const Tensor<From>& x) {
  return {x.rows, x.cols, std::vector<To>(x.v.begin(), x.v.end())};
}
inline Tensor<double> exact(const Tensor<float>& x) { return as<double>(x); }

// Normal numbers, mean 0; the same for the same `index`.
inline Tensor<float> random(Index rows, Index cols, uint32_t index, double deviation = 1) {
  Tensor<float> x(rows, cols);
  Rng rng = stream(1, Purpose::test, 0, index);
  for (float& value : x.v) value = float(deviation * rng.normal());
  return x;
}

inline std::vector<uint16_t> random_ids(Index n, Index vocab, uint32_t index) {
  std::vector<uint16_t> ids(static_cast<size_t>(n));
  Rng rng = stream(2, Purpose::test, 0, index);
  for (uint16_t& id : ids) id = uint16_t(rng.below(uint64_t(vocab)));
  return ids;
}

inline Mat view(Tensor<float>& x) { return {x.v.data(), x.rows, x.cols}; }
inline CMat view(const Tensor<float>& x) { return {x.v.data(), x.rows, x.cols}; }
inline Vec flat(Tensor<float>& x) { return {x.v.data(), Index(x.v.size())}; }
inline CVec flat(const Tensor<float>& x) { return {x.v.data(), Index(x.v.size())}; }
inline CIds flat(const std::vector<uint16_t>& ids) { return {ids.data(), Index(ids.size())}; }

}  // namespace andrea::reference
