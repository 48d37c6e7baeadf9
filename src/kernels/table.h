// The kernels of one instruction set: what kernels/vector/ gives, and kernels.cc calls once shapes are
// checked. Contracts stand in kernels.h.
#pragma once
#include "kernels/kernels.h"

namespace andrea {

struct KernelTable {
  decltype(andrea::matmul)* matmul;
  decltype(andrea::matmul_plus)* matmul_plus;
  decltype(andrea::matmul_gelu)* matmul_gelu;
  decltype(andrea::matmul_input_backward)* matmul_input_backward;
  decltype(andrea::matmul_gelu_backward)* matmul_gelu_backward;
  decltype(andrea::matmul_weight_backward)* matmul_weight_backward;
  decltype(andrea::matmul_row)* matmul_row;
  // For Weight: the size of b(K,N) packed, and the panels of w(O,C) transposed and as it is.
  Index (*packed_floats)(Index K, Index N, Numbers numbers);
  void (*pack_weight)(float* forward, float* backward, CMat w, Numbers numbers);
  decltype(andrea::embedding)* embedding;
  decltype(andrea::embedding_backward)* embedding_backward;
  decltype(andrea::norm)* norm;
  decltype(andrea::norm_backward)* norm_backward;
  decltype(andrea::gelu)* gelu;
  decltype(andrea::attention)* attention;
  decltype(andrea::attention_backward)* attention_backward;
  decltype(andrea::attention_one)* attention_one;
  decltype(andrea::cross_entropy)* cross_entropy;
  decltype(andrea::add)* add;
  decltype(andrea::sum_of_squares)* sum_of_squares;
  decltype(andrea::all_finite)* all_finite;
  decltype(andrea::adamw)* adamw;
  decltype(andrea::multiply_add_in_registers)* multiply_add_in_registers;
};

namespace portable {
extern const KernelTable kTable;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelTable kTable;
}
namespace avx512 {
extern const KernelTable kTable;
}
namespace avx512_bf16 {
extern const KernelTable kTable;
}
namespace amx {
extern const KernelTable kTable;
}
#endif
namespace amx_model {
extern const KernelTable kTable;
}

const KernelTable& chosen_kernels();  // of the instructions chosen in isa.h

}  // namespace andrea
