// Memory for the length of a call: uninitialised floats at a multiple of 64 bytes. Out of line on purpose:
// what kernels/vector/ shares with the rest of the program must not be compiled for its instructions.
#pragma once
#include "kernels/view.h"

namespace andrea {

class Scratch {
 public:
  explicit Scratch(Index floats);  // std::bad_alloc when there is no memory
  ~Scratch();
  Scratch(Scratch&& other) noexcept;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  float* data() const { return data_; }

 private:
  float* data_;
};

}  // namespace andrea
