// GELU in its tanh form, and its slope.
#pragma once
#include "kernels/vector/lanes.h"

namespace andrea::ANDREA_ISA {

inline constexpr float kRoot = 0.797884561f;  // sqrt(2/pi)
inline constexpr float kCube = 0.044715f;

// (1 + tanh(u)) / 2 = 1 / (1 + e^-2u): no cancellation where tanh is near -1, and e^-2u may overflow to
// infinity.
inline Floats gelu_of(Floats x) {
  const Floats u = kRoot * (x + kCube * x * x * x);
  return x / (1.0f + exp(-2.0f * u));
}

// y = x s with s = 1 / (1 + e), e = e^-2u:  y' = s + x s (1 - s) 2u', and 1 - s = e s.
// Beyond |x| = 10 y' is 0 or 1 to 1e-30 and u' could overflow, hence the bounds.
inline Floats gelu_slope(Floats x) {
  x = x > 10.0f ? splat(10.0f) : x < -10.0f ? splat(-10.0f) : x;
  const Floats square = x * x;
  const Floats e = exp(-2.0f * kRoot * (x + kCube * square * x));
  const Floats s = 1.0f / (1.0f + e);
  return s + x * s * (e * s) * (2.0f * kRoot) * (1.0f + 3.0f * kCube * square);
}

}  // namespace andrea::ANDREA_ISA
