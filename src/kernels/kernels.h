// The mathematics of the model, on views: every forward and backward step with its shapes. Kernels know no
// model, no file and no option.
//
// Letters: B rows of a batch, T positions, N = B*T, C channels, H heads, D = C/H, V vocabulary, O outputs.
// Weights are (out, in), activations (N, C), of floats or of bf16 (view.h). dx is the gradient of x and has
// its shape. Each *_backward ADDS into its d-arguments (the caller zeroes them), unless its contract says
// "sets".
//
// Shapes are checked at entry (std::logic_error). NaN and infinity pass through to the results. Every result
// is the same, bit for bit, for any number of threads: work is split by shape alone. Which instructions they
// use is chosen in kernels/isa.h; results of different ones differ by roundings.
#pragma once
#include "kernels/view.h"
#include "kernels/weight.h"

namespace andrea {

// --- products ---
// Activations are all of the kind that the weight is laid out for, but for what is a Mat; dy may be floats
// too, and is rounded to that kind. Sums are floats, rounded once when they are stored as bf16. Nothing that
// is written may overlap a factor (x, dy); y may be `residual`.

void matmul(ActMat y, CActMat x, const Weight& w);                   // y(N,O) = x(N,C) w(O,C)^T
void matmul_plus(Mat y, CMat residual, CActMat x, const Weight& w);  // y(N,O) = residual(N,O) + x w^T
void matmul_gelu(ActMat h, ActMat g, CActMat x, const Weight& w);    // h = x w^T, g = gelu(h as stored)
void matmul_input_backward(ActMat dx, CActMat dy, const Weight& w);  // sets dx(N,C) = dy(N,O) w(O,C)
// Sets dh(N,C) = dy(N,O) w(O,C) times the slope of gelu at h(N,C), number by number.
void matmul_gelu_backward(ActMat dh, CActMat dy, const Weight& w, CActMat h);
void matmul_weight_backward(Mat dw, CActMat dy, CActMat x);  // dw(O,C) += dy(N,O)^T x(N,C)

// One row, as in decoding: y(O) = x(C) w(O,C)^T, or += when `add`.
void matmul_row(Vec y, CVec x, CMat w, bool add = false);

// --- embeddings ---

// x(N,C): row n = tokens(V,C)[ids[n]] + positions(>=T,C)[n mod T], where N is a multiple of T.
void embedding(Mat x, CMat tokens, CMat positions, CIds ids, Index T);
void embedding_backward(Mat dtokens, Mat dpositions, CMat dx, CIds ids, Index T);

// --- layer norm with a gain and no shift ---

// y(N,C) = gain(C) * (x - mean) * rstd per row, rstd = 1 / sqrt(variance + 1e-5). Keeps mean(N), rstd(N).
void norm(ActMat y, Vec mean, Vec rstd, CMat x, CVec gain);
void norm_backward(Mat dx, Vec dgain, CActMat dy, CMat x, CVec gain, CVec mean, CVec rstd);

// --- GELU, tanh form ---

// y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), elementwise; y may be x.
void gelu(Mat y, CMat x);

// --- causal attention ---

// qkv(N,3C): columns [q | k | v], each C = H*D wide, head h at columns h*D. out(N,C): per row of the batch
// and head, softmax over keys j <= i of q_i.k_j / sqrt(D), times v. Keeps lse(B*H, T): the base-2
// logarithm of each softmax's sum. Works in blocks of positions: nothing of size T x T is kept. What is not
// finite among keys and values may reach earlier positions of its block too (0 times it is NaN). All but lse
// are of one kind; with bf16 probabilities and dS (vector/attention.cc) are rounded as factors of products,
// sums are floats.
void attention(ActMat out, Mat lse, CActMat qkv, Index T, Index H);
// Sets dqkv.
void attention_backward(ActMat dqkv, CActMat dout, CActMat out, CMat lse, CActMat qkv, Index T, Index H);

// The same for one new position: q(C) against keys and values (t,C), all of them in the past or present. Sets
// out(C).
void attention_one(Vec out, CVec q, CMat keys, CMat values, Index H);

// --- loss ---

inline constexpr Index kLossRows = 384;  // rows of logits in memory at a time

// Cross-entropy of the logits x(N,C) head(V,C)^T against targets(N), in nats: losses(N) is set. The logits
// are floats, made in chunks of rows and never kept. With `dx` (sets) and `dhead` (adds) the gradient of
// `scale` * (sum of losses) is made in the same pass; give both or neither (an empty view). x and dx are of
// the kind that the head is laid out for.
void cross_entropy(Vec losses, ActMat dx, Mat dhead, CActMat x, const Weight& head, CIds targets,
                   float scale);

// The memory it takes meanwhile, in floats: logits. Their rows, of V numbers, begin with a line of the caches
// each (16 floats), so that a tile of them lies on as few as it can.
inline Index logits_stride(Index V) { return (V + 15) / 16 * 16; }
inline Index cross_entropy_floats(Index N, Index V) {
  return (N < kLossRows ? N : kLossRows) * logits_stride(V);
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

// `rounds` of independent multiply-adds of numbers of this kind, added to floats, in registers alone, on the
// calling thread. Returns their number of FLOPs: with its time, the peak that products are held against.
double multiply_add_in_registers(int64_t rounds, Numbers numbers);

}  // namespace andrea
