// Activations of either kind: body(m) with the view of floats or of bf16 that `a` is.
#pragma once
#include "kernels/vector/words.h"

namespace andrea::ANDREA_ISA {

template <class Void, class Body>
void of_kind(AnyMat<Void> a, const Body& body) {
  if (a.numbers == Numbers::bf16)
    body(a.bf16());
  else
    body(a.floats());
}
// The view of a whose numbers are S.
template <class S, class Void>
auto as(AnyMat<Void> a) {
  if constexpr (std::is_same_v<std::remove_const_t<S>, Bf16>)
    return a.bf16();
  else
    return a.floats();
}

}  // namespace andrea::ANDREA_ISA
