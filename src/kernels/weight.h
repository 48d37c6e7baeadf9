// A matrix of weights, laid out for products: once for all that a step multiplies with it.
#pragma once
#include "kernels/isa.h"
#include "kernels/scratch.h"
#include "kernels/view.h"

namespace andrea {

class Weight {
 public:
  // For w(O,C), to be multiplied with activations of this kind; set() before the first product. Laid out for
  // the instructions chosen now: after a later set_isa() it is not ready(), and products refuse it.
  Weight(Index outputs, Index inputs, Numbers numbers);

  void set(CMat w);  // copies w(O,C); again whenever the weights have changed

  // What it takes, in floats.
  static Index floats(Index outputs, Index inputs, Numbers numbers);

  Index outputs() const { return outputs_; }
  Index inputs() const { return inputs_; }
  Numbers numbers() const { return numbers_; }
  bool ready() const { return set_ && isa_ == isa(); }
  // For the kernels: panels (vector/product.h) of the transpose, which x is multiplied with, and of w, which
  // dy is.
  const float* forward() const { return forward_.data(); }
  const float* backward() const { return backward_.data(); }

 private:
  Index outputs_, inputs_;
  Numbers numbers_;
  Isa isa_ = isa();
  bool set_ = false;
  Scratch forward_, backward_;
};

}  // namespace andrea
