// The kernels of kernels.h, as this folder gives them for one instruction set. Shapes have been checked.
#pragma once
#include "kernels/kernels.h"
#include "kernels/vector/product.h"

namespace andrea::ANDREA_ISA {

decltype(andrea::matmul) matmul;
decltype(andrea::matmul_plus) matmul_plus;
decltype(andrea::matmul_gelu) matmul_gelu;
decltype(andrea::matmul_input_backward) matmul_input_backward;
decltype(andrea::matmul_gelu_backward) matmul_gelu_backward;
decltype(andrea::matmul_weight_backward) matmul_weight_backward;
decltype(andrea::matmul_row) matmul_row;
decltype(andrea::embedding) embedding;
decltype(andrea::embedding_backward) embedding_backward;
decltype(andrea::norm) norm;
decltype(andrea::norm_backward) norm_backward;
decltype(andrea::gelu) gelu;
decltype(andrea::attention) attention;
decltype(andrea::attention_backward) attention_backward;
decltype(andrea::attention_one) attention_one;
decltype(andrea::cross_entropy) cross_entropy;
decltype(andrea::add) add;
decltype(andrea::sum_of_squares) sum_of_squares;
decltype(andrea::all_finite) all_finite;
decltype(andrea::adamw) adamw;
decltype(andrea::multiply_add_in_registers) multiply_add_in_registers;

Index packed_floats(Index K, Index N, Numbers numbers);
void pack_weight(float* forward, float* backward, CMat w, Numbers numbers);

}  // namespace andrea::ANDREA_ISA
