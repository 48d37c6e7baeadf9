#include "kernels/table.h"

#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {

const KernelTable kTable = {
    .matmul = matmul,
    .matmul_plus = matmul_plus,
    .matmul_gelu = matmul_gelu,
    .matmul_input_backward = matmul_input_backward,
    .matmul_gelu_backward = matmul_gelu_backward,
    .matmul_weight_backward = matmul_weight_backward,
    .matmul_row = matmul_row,
    .packed_floats = packed_floats,
    .pack_weight = pack_weight,
    .embedding = embedding,
    .embedding_backward = embedding_backward,
    .norm = norm,
    .norm_backward = norm_backward,
    .gelu = gelu,
    .attention = attention,
    .attention_backward = attention_backward,
    .attention_one = attention_one,
    .cross_entropy = cross_entropy,
    .add = add,
    .sum_of_squares = sum_of_squares,
    .all_finite = all_finite,
    .adamw = adamw,
    .multiply_add_in_registers = multiply_add_in_registers,
};

}  // namespace andrea::ANDREA_ISA
