// A few floats side by side, for the inner loops of the kernels: GCC's vector types, as wide as the
// instruction set compiled for. The files of this folder are compiled once for each Isa (CMakeLists.txt),
// into a namespace of its name, ANDREA_ISA; not for use outside it.
//
// What they share with the rest of the program (the standard library's templates, inline functions of other
// headers) must be inlined or out of line: a function that the linker may take from here would bring its
// instructions along. tests/scripts/kernel_symbols.py holds that.
//
// Sums run over explicit lanes in a fixed order. Left to the compiler (or to a library) they may be peeled
// until the address is aligned, and then the result would depend on where the data lies.
#pragma once
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/view.h"

namespace andrea::ANDREA_ISA {

#if defined(__AVX512F__)
inline constexpr int kLaneBytes = 64;
#elif defined(__AVX__)
inline constexpr int kLaneBytes = 32;
#else
inline constexpr int kLaneBytes = 16;
#endif
inline constexpr Index kLanes = kLaneBytes / 4;
inline constexpr float kInfinity = __builtin_inff();
typedef float Floats __attribute__((vector_size(kLaneBytes)));
typedef int32_t Ints __attribute__((vector_size(kLaneBytes)));
typedef uint32_t Words __attribute__((vector_size(kLaneBytes)));
typedef uint16_t Halves __attribute__((vector_size(kLaneBytes / 2)));

using Whole = std::integral_constant<Index, kLanes>;

inline Index smaller(Index a, Index b) { return a < b ? a : b; }
inline Index pieces(Index n, Index piece) { return (n + piece - 1) / piece; }  // of at most `piece`

inline Floats splat(float x) { return x - Floats{}; }
inline Floats load(const float* p, Whole = {}) {
  Floats v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline Floats load(const float* p, Index n, float fill = 0) {
  Floats v = splat(fill);
  std::memcpy(&v, p, size_t(n) * sizeof(float));
  return v;
}
inline void store(float* p, Floats v, Whole = {}) { std::memcpy(p, &v, sizeof v); }
inline void store(float* p, Floats v, Index n) { std::memcpy(p, &v, size_t(n) * sizeof(float)); }

// The same of bf16. In the upper half of each lane: x rounded to the nearest, ties to even; NaN stays NaN.
inline Words rounded(Floats x) {
  const Words bits = std::bit_cast<Words>(x);
  return x == x ? bits + 0x7fff + ((bits >> 16) & 1) : bits | 0x400000;
}
inline Floats widened(Halves h) { return std::bit_cast<Floats>(__builtin_convertvector(h, Words) << 16); }
inline Halves narrowed(Floats x) { return __builtin_convertvector(rounded(x) >> 16, Halves); }
inline Floats load(const Bf16* p, Whole = {}) {
  Halves h;
  std::memcpy(&h, p, sizeof h);
  return widened(h);
}
inline Floats load(const Bf16* p, Index n) {
  Halves h{};
  std::memcpy(&h, p, size_t(n) * sizeof(Bf16));
  return widened(h);
}
inline void store(Bf16* p, Floats v, Whole = {}) {
  const Halves h = narrowed(v);
  std::memcpy(p, &h, sizeof h);
}
inline void store(Bf16* p, Floats v, Index n) {
  const Halves h = narrowed(v);
  std::memcpy(p, &h, size_t(n) * sizeof(Bf16));
}

// body(i, n) for i = 0, kLanes, ...: n is Whole{} and, for what is left at the end, an Index below kLanes.
// Pass n on to load and store.
template <class Body>
inline void for_lanes(Index size, const Body& body) {
  Index i = 0;
  for (; i + kLanes <= size; i += kLanes) body(i, Whole{});
  if (i < size) body(i, size - i);
}

// Lane l takes the place of lane l ^ distance.
template <int distance, size_t... l>
inline Floats exchanged(Floats v, std::index_sequence<l...>) {
  return __builtin_shufflevector(v, v, (int(l) ^ distance)...);
}

// v as a square of kLanes x kLanes lanes, in blocks: each pair of rows `distance` apart exchanges the blocks
// beside its diagonal.
template <int distance, size_t... l>
inline void exchange_blocks(Floats& a, Floats& b, std::index_sequence<l...>) {
  constexpr int d = distance, n = int(kLanes);
  const Floats upper = __builtin_shufflevector(a, b, ((int(l) & d) ? n + (int(l) ^ d) : int(l))...);
  b = __builtin_shufflevector(a, b, ((int(l) & d) ? n + int(l) : (int(l) ^ d))...);
  a = upper;
}
template <int distance = int(kLanes) / 2>
[[gnu::always_inline]] inline void transpose(Floats (&v)[size_t(kLanes)]) {
#pragma GCC unroll 16
  for (int i = 0; i < int(kLanes); ++i)
    if (!(i & distance))
      exchange_blocks<distance>(v[i], v[i | distance], std::make_index_sequence<size_t(kLanes)>{});
  if constexpr (distance > 1) transpose<distance / 2>(v);
}

// All lanes by `with`, in pairs: (0 4) (2 6) ..., always the same.
template <int distance = int(kLanes) / 2, class With>
inline float all_lanes(Floats v, const With& with) {
  const Floats pairs = with(v, exchanged<distance>(v, std::make_index_sequence<size_t(kLanes)>{}));
  if constexpr (distance > 1)
    return all_lanes<distance / 2>(pairs, with);
  else
    return pairs[0];
}
inline float sum_of(Floats v) {
  return all_lanes(v, [](Floats a, Floats b) { return a + b; });
}

// a b + c with one rounding where the instruction set has it, whatever the compiler's level of optimisation.
inline Floats multiply_add(Floats a, Floats b, Floats c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}

// Lane by lane the greater (smaller) one; b where one is NaN.
inline Floats max(Floats a, Floats b) {
#if defined(__AVX512F__)
  return _mm512_mask_max_ps(a, __mmask16(-1), a, b);  // g++ 12 warns of the plain one
#elif defined(__AVX__)
  return _mm256_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}
inline Floats min(Floats a, Floats b) {
#if defined(__AVX512F__)
  return _mm512_mask_min_ps(a, __mmask16(-1), a, b);
#elif defined(__AVX__)
  return _mm256_min_ps(a, b);
#else
  return a < b ? a : b;
#endif
}

// The greatest lane; what a NaN does is open (its own exponential still gives NaN afterwards).
inline float max_of(Floats v) {
  return all_lanes(v, [](Floats a, Floats b) { return max(a, b); });
}

// Adding this to a number under 2^22 rounds it to a whole one, n, which then stands in the lowest bits.
inline constexpr float kRound = 12582912.0f;  // 1.5 * 2^23

// 2^n of n + kRound for n from -127 to 128, made of the bits of its exponent: 0 for -127, infinity for 128.
inline Floats power_of_two(Floats shifted) {
  const Ints exponent = (std::bit_cast<Ints>(shifted) - (std::bit_cast<int32_t>(kRound) - 127)) << 23;
  return std::bit_cast<Floats>(exponent);
}

// e^x to about 1 unit in the last place from -87.33 to 88.37; at most 1.2e-38 below, infinity above, NaN
// stays NaN. x = n ln 2 + r with |r| <= ln 2 / 2; e^r by a polynomial fitted for least relative error (3e-9);
// times 2^n.
inline Floats exp(Floats x) {
  constexpr float kLow = -88.0f, kHigh = 88.7f;                     // n = -127 and 128
  constexpr float kLn2 = 0.693359375f, kLn2Rest = -2.12194440e-4f;  // few bits, so that n * kLn2 is exact
  const Floats safe = min(splat(kHigh), max(splat(kLow), x));
  const Floats shifted = multiply_add(safe, splat(1.44269504f), splat(kRound));
  const Floats n = shifted - kRound;
  const Floats r = multiply_add(n, splat(-kLn2Rest), multiply_add(n, splat(-kLn2), safe));
  Floats p = multiply_add(r, splat(1.38145839e-3f), splat(8.36872424e-3f));
  p = multiply_add(p, r, splat(4.16683888e-2f));
  p = multiply_add(p, r, splat(1.66665206e-1f));
  p = multiply_add(p, r, splat(4.99999934e-1f));
  p = multiply_add(p, r * r, r) + 1.0f;
  return p * power_of_two(shifted);
}

// 2^x to 3 roundings from -126 to 127.49; 0 below -126.5, infinity from 127.5 on, NaN stays NaN. Two thirds
// of the work of exp(): x = n + r takes no rounding, and the polynomial (1e-7) has a lower degree.
inline Floats exp2(Floats x) {
  const Floats safe = min(splat(128.0f), max(splat(-127.0f), x));
  const Floats shifted = safe + kRound;
  const Floats r = safe - (shifted - kRound);
  Floats p = multiply_add(r, splat(1.32647273e-3f), splat(9.67151299e-3f));
  p = multiply_add(p, r, splat(5.55073358e-2f));
  p = multiply_add(p, r, splat(2.40222424e-1f));
  p = multiply_add(p, r, splat(6.93147004e-1f));
  p = multiply_add(p, r, splat(1.0f));
  return p * power_of_two(shifted);
}

}  // namespace andrea::ANDREA_ISA
