#include "kernels/scratch.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace andrea {

Scratch::Scratch(Index floats)
    : data_(static_cast<float*>(std::aligned_alloc(64, (size_t(floats) * sizeof(float) + 64) / 64 * 64))) {
  if (!data_) throw std::bad_alloc();
}

Scratch::Scratch(Scratch&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

Scratch::~Scratch() { std::free(data_); }

}  // namespace andrea
