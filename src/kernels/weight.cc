#include "kernels/weight.h"

#include "base/error.h"
#include "kernels/table.h"

namespace andrea {

Weight::Weight(Index outputs, Index inputs, Numbers numbers)
    : outputs_(outputs),
      inputs_(inputs),
      numbers_(numbers),
      forward_(chosen_kernels().packed_floats(inputs, outputs, numbers)),
      backward_(chosen_kernels().packed_floats(outputs, inputs, numbers)) {}

void Weight::set(CMat w) {
  check(w.rows == outputs_ && w.cols == inputs_, "weight: w(O,C)");
  check(isa_ == isa(), "weight: made for the instructions in use");
  chosen_kernels().pack_weight(forward_.data(), backward_.data(), w, numbers_);
  set_ = true;
}

Index Weight::floats(Index outputs, Index inputs, Numbers numbers) {
  const KernelTable& k = chosen_kernels();
  return k.packed_floats(inputs, outputs, numbers) + k.packed_floats(outputs, inputs, numbers);
}

}  // namespace andrea
