// What products are made of: words of 32 bits. For float a word is a number; for bf16 a pair of numbers that
// follow one another along K, the earlier one in the lower half, because the instructions for bf16 multiply
// pairs and add both products to a float.
#pragma once
#include "kernels/vector/lanes.h"

namespace andrea::ANDREA_ISA {

struct Pair {
  uint32_t bits;
};
template <class T>  // of activations, to words
using WordOf = std::conditional_t<std::is_same_v<std::remove_const_t<T>, Bf16>, Pair, float>;
template <class Word>
inline constexpr Index kPerWord = std::is_same_v<Word, Pair> ? 2 : 1;

// Memory of floats, as the words it is to hold.
template <class Word>
Word* words_in(float* memory) {
  return reinterpret_cast<Word*>(memory);
}
template <class Word>
const Word* words_in(const float* memory) {
  return reinterpret_cast<const Word*>(memory);
}

inline Floats load(const Pair* p) {
  Floats v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store(Pair* p, Floats v, Whole = {}) { std::memcpy(p, &v, sizeof v); }
inline void store(Pair* p, Floats v, Index n) { std::memcpy(p, &v, size_t(n) * sizeof(Pair)); }
inline Floats splat(Pair x) { return std::bit_cast<Floats>(x.bits + Words{}); }

// sum + the products of a word of a with one of b, lane by lane.
inline Floats dot(float, Floats a, Floats b, Floats sum) { return multiply_add(a, b, sum); }
#if defined(__AVX512BF16__)
inline Floats dot(Pair, Floats a, Floats b, Floats sum) {
  return _mm512_dpbf16_ps(sum, std::bit_cast<__m512bh>(a), std::bit_cast<__m512bh>(b));
}
#else
// What that instruction does, the later number first; but it takes numbers below 2^-126 as 0.
inline Floats dot(Pair, Floats a, Floats b, Floats sum) {
  const auto later = [](Floats x) { return std::bit_cast<Floats>(std::bit_cast<Words>(x) & 0xffff0000u); };
  const auto earlier = [](Floats x) { return std::bit_cast<Floats>(std::bit_cast<Words>(x) << 16); };
  return multiply_add(earlier(a), earlier(b), multiply_add(later(a), later(b), sum));
}
#endif

// A number in the upper half of each lane, as bf16.
template <class N>
inline Words upper_halves(const float* p, N n) {
  return rounded(load(p, n)) & 0xffff0000u;
}
template <class N>
inline Words upper_halves(const Bf16* p, N n) {
  return std::bit_cast<Words>(load(p, n));
}

// The words of n columns: of a row, and for pairs of the next one, 0 if there is none.
template <class Word, class S, class N>
inline Floats words_across(const S* row, const S* next, N n) {
  if constexpr (kPerWord<Word> == 1) {
    return load(row, n);
  } else {
    const Words low = upper_halves(row, n) >> 16;
    return std::bit_cast<Floats>(next ? low | upper_halves(next, n) : low);
  }
}

// The words of up to kLanes * kPerWord numbers that follow one another; 0 beyond.
template <class Word, class S>
inline Floats words_along(const S* p, Index numbers) {
  if constexpr (kPerWord<Word> == 1) {
    return numbers >= kLanes ? load(p) : load(p, numbers);
  } else {
    Halves h[2] = {};
    if constexpr (std::is_same_v<S, Bf16>) {
      std::memcpy(h, p, size_t(smaller(numbers, 2 * kLanes)) * sizeof(Bf16));
    } else {
      h[0] = narrowed(numbers >= kLanes ? load(p) : load(p, numbers));
      if (numbers >= 2 * kLanes)
        h[1] = narrowed(load(p + kLanes));
      else if (numbers > kLanes)
        h[1] = narrowed(load(p + kLanes, numbers - kLanes));
    }
    Floats v;
    std::memcpy(&v, h, sizeof v);
    return v;
  }
}

}  // namespace andrea::ANDREA_ISA
