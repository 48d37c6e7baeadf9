// Vectors that begin at a multiple of 64 bytes, a cache line: rows of a multiple of 16 floats then share no
// line, and loads and stores of up to 64 bytes never touch two. std::vector begins 16 bytes behind one.
// (The kernels' own memory is kernels/scratch.h: not set, and of no template that they would share with
// others.)
#pragma once
#include <cstddef>
#include <new>
#include <vector>

namespace andrea {

template <class T>
struct CacheAligned {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};
  CacheAligned() = default;
  template <class U>
  CacheAligned(const CacheAligned<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, size_t) { ::operator delete(p, kLine); }
  bool operator==(const CacheAligned&) const = default;
};

using AlignedFloats = std::vector<float, CacheAligned<float>>;

}  // namespace andrea
