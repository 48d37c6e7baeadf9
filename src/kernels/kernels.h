// The mathematics of the model, on views: every forward and backward step with its shapes. Kernels know no
// model, no file and no option.
//
// Letters: B rows of a batch, T positions, N = B*T, C channels, H heads, D = C/H, V vocabulary, O outputs.
// Weights are (out, in), activations (N, C). dx is the gradient of x and has its shape. Each *_backward ADDS
// into its d-arguments (the caller zeroes them), unless its contract says "sets".
//
// Shapes are checked at entry (std::logic_error). NaN and infinity pass through to the results. Every result
// is the same, bit for bit, for any number of threads: work is split by shape alone. Which instructions they
// use is chosen in kernels/isa.h; results of different ones differ by roundings.
#pragma once
#include <vector>

#include "kernels/view.h"

namespace andrea {

// --- products ---

// y(N,O) = x(N,C) w(O,C)^T, or += when `add`.
void matmul(Mat y, CMat x, CMat w, bool add = false);
// dx(N,C) = dy(N,O) w(O,C), or += when `add`.
void matmul_input_backward(Mat dx, CMat dy, CMat w, bool add = false);
// dw(O,C) += dy(N,O)^T x(N,C).
void matmul_weight_backward(Mat dw, CMat dy, CMat x);

// --- embeddings ---

// x(N,C): row n = tokens(V,C)[ids[n]] + positions(>=T,C)[n mod T], where N is a multiple of T.
void embedding(Mat x, CMat tokens, CMat positions, CIds ids, Index T);
void embedding_backward(Mat dtokens, Mat dpositions, CMat dx, CIds ids, Index T);

// --- layer norm with a gain and no shift ---

// y(N,C) = gain(C) * (x - mean) * rstd per row, rstd = 1 / sqrt(variance + 1e-5). Keeps mean(N), rstd(N).
void norm(Mat y, Vec mean, Vec rstd, CMat x, CVec gain);
void norm_backward(Mat dx, Vec dgain, CMat dy, CMat x, CVec gain, CVec mean, CVec rstd);

// --- GELU, tanh form ---

// y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), elementwise; y may be x.
void gelu(Mat y, CMat x);
void gelu_backward(Mat dx, CMat dy, CMat x);  // sets dx; dx may be dy

// --- causal attention ---

// qkv(N,3C): columns [q | k | v], each C = H*D wide, head h at columns h*D. out(N,C): per row of the batch
// and head, softmax over keys j <= i of q_i.k_j / sqrt(D), times v. Keeps lse(B*H, T): the log of each
// softmax's sum. Works in blocks of positions: nothing of size T x T is kept. A NaN among the values may
// reach earlier positions of its block too (0 times NaN).
void attention(Mat out, Mat lse, CMat qkv, Index T, Index H);
// Sets dqkv.
void attention_backward(Mat dqkv, CMat dout, CMat out, CMat lse, CMat qkv, Index T, Index H);

// The same for one new position: q(C) against keys and values (t,C), all of them in the past or present. Sets
// out(C).
void attention_one(Vec out, CVec q, CMat keys, CMat values, Index H);

// --- loss ---

inline constexpr Index kLossRows = 512;  // rows of logits in memory at a time

// Cross-entropy of the logits x(N,C) head(V,C)^T against targets(N), in nats: losses(N) is set. The logits
// are made in chunks of rows and never kept. With `dx` (sets) and `dhead` (adds) the gradient of `scale` *
// (sum of losses) is made in the same pass; give both or neither (an empty view).
void cross_entropy(Vec losses, Mat dx, Mat dhead, CMat x, CMat head, CIds targets, float scale);

// The memory it takes meanwhile, in floats, at most: logits, their rows' x and the head twice, packed.
inline Index cross_entropy_floats(Index N, Index C, Index V) {
  const Index rows = N < kLossRows ? N : kLossRows, rounded = 64;
  return rows * V + rows * (C + rounded) + 2 * (V + rounded) * (C + rounded);
}

// --- vectors ---

void add(Vec y, CVec x);        // y += x
double sum_of_squares(CVec x);  // in double, in fixed pieces
bool all_finite(CVec x);

struct AdamWStep {
  float learning_rate, beta1, beta2, epsilon, weight_decay;
  float gradient_scale;  // what clipping leaves of the gradient, 1 = all
  int64_t step;          // number of this update, 1 for the first: bias correction
};
// Loshchilov & Hutter 2019: m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2, with g = gradient_scale * grad;
// w -= lr * (m / (1-b1^t) / (sqrt(v / (1-b2^t)) + epsilon) + weight_decay * w).
void adamw(Vec weights, Vec m, Vec v, CVec grad, const AdamWStep& step);

// --- for measuring ---

// `rounds` of independent fp32 multiply-adds in registers alone, on the calling thread. Returns their number
// of FLOPs: with its time, the peak that products are held against.
double multiply_add_in_registers(int64_t rounds);

}  // namespace andrea
