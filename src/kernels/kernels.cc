// What is the same for all instruction sets: shapes are checked, then the chosen one's kernel does the work.
#include "kernels/kernels.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/isa.h"
#include "kernels/table.h"

namespace andrea {
namespace {

const KernelTable& kernels() {
#if defined(__x86_64__)
  if (isa() == Isa::avx512) return avx512::kTable;
  if (isa() == Isa::avx2) return avx2::kTable;
#endif
  return portable::kTable;
}

bool same_shape(CMat a, CMat b) { return a.rows == b.rows && a.cols == b.cols; }

void check_ids(CIds ids, Index vocab, const char* what) {
  uint16_t greatest = 0;
  for (Index n = 0; n < ids.size; ++n) greatest = std::max(greatest, ids.data[n]);
  check(greatest < vocab, what);
}

void check_embedding(CMat x, CMat tokens, CMat positions, CIds ids, Index T, const char* what) {
  check(T >= 1 && x.rows % T == 0 && positions.rows >= T && tokens.cols == x.cols &&
            positions.cols == x.cols && ids.size == x.rows,
        what);
  check_ids(ids, tokens.rows, "embedding: an id is not in the vocabulary");
}

void check_attention(CMat qkv, CMat lse, Index T, Index H, const char* what) {
  const Index N = qkv.rows, C = qkv.cols / 3;
  check(T >= 1 && H >= 1 && N % T == 0 && qkv.cols == 3 * C && C % H == 0 && lse.rows == N / T * H &&
            lse.cols == T,
        what);
}

}  // namespace

void matmul(Mat y, CMat x, CMat w, bool add) {
  check(y.rows == x.rows && y.cols == w.rows && x.cols == w.cols, "matmul: y(N,O), x(N,C), w(O,C)");
  kernels().matmul(y, x, w, add);
}

void matmul_input_backward(Mat dx, CMat dy, CMat w, bool add) {
  check(dx.rows == dy.rows && dy.cols == w.rows && dx.cols == w.cols,
        "matmul_input_backward: dx(N,C), dy(N,O), w(O,C)");
  kernels().matmul_input_backward(dx, dy, w, add);
}

void matmul_weight_backward(Mat dw, CMat dy, CMat x) {
  check(dw.rows == dy.cols && dw.cols == x.cols && dy.rows == x.rows,
        "matmul_weight_backward: dw(O,C), dy(N,O), x(N,C)");
  kernels().matmul_weight_backward(dw, dy, x);
}

void embedding(Mat x, CMat tokens, CMat positions, CIds ids, Index T) {
  check_embedding(x, tokens, positions, ids, T, "embedding: x(N,C), tokens(V,C), positions(>=T,C), ids(N)");
  kernels().embedding(x, tokens, positions, ids, T);
}

void embedding_backward(Mat dtokens, Mat dpositions, CMat dx, CIds ids, Index T) {
  check_embedding(dx, dtokens, dpositions, ids, T,
                  "embedding_backward: dtokens(V,C), dpositions(>=T,C), dx(N,C), ids(N)");
  kernels().embedding_backward(dtokens, dpositions, dx, ids, T);
}

void norm(Mat y, Vec mean, Vec rstd, CMat x, CVec gain) {
  check(same_shape(y, x) && mean.size == x.rows && rstd.size == x.rows && gain.size == x.cols,
        "norm: y(N,C), mean(N), rstd(N), x(N,C), gain(C)");
  kernels().norm(y, mean, rstd, x, gain);
}

void norm_backward(Mat dx, Vec dgain, CMat dy, CMat x, CVec gain, CVec mean, CVec rstd) {
  check(same_shape(dx, x) && same_shape(dy, x) && dgain.size == x.cols && gain.size == x.cols &&
            mean.size == x.rows && rstd.size == x.rows,
        "norm_backward: dx(N,C), dgain(C), dy(N,C), x(N,C), gain(C), mean(N), rstd(N)");
  kernels().norm_backward(dx, dgain, dy, x, gain, mean, rstd);
}

void gelu(Mat y, CMat x) {
  check(same_shape(y, x), "gelu: y(N,C), x(N,C)");
  kernels().gelu(y, x);
}

void gelu_backward(Mat dx, CMat dy, CMat x) {
  check(same_shape(dx, x) && same_shape(dy, x), "gelu_backward: dx(N,C), dy(N,C), x(N,C)");
  kernels().gelu_backward(dx, dy, x);
}

void attention(Mat out, Mat lse, CMat qkv, Index T, Index H) {
  check_attention(qkv, lse, T, H, "attention: out(N,C), lse(B*H,T), qkv(N,3C)");
  check(out.rows == qkv.rows && 3 * out.cols == qkv.cols, "attention: out(N,C), qkv(N,3C)");
  kernels().attention(out, lse, qkv, T, H);
}

void attention_backward(Mat dqkv, CMat dout, CMat out, CMat lse, CMat qkv, Index T, Index H) {
  check_attention(qkv, lse, T, H,
                  "attention_backward: dqkv(N,3C), dout(N,C), out(N,C), lse(B*H,T), qkv(N,3C)");
  check(same_shape(dqkv, qkv) && same_shape(dout, out) && out.rows == qkv.rows && 3 * out.cols == qkv.cols,
        "attention_backward: dqkv(N,3C), dout(N,C), out(N,C), qkv(N,3C)");
  kernels().attention_backward(dqkv, dout, out, lse, qkv, T, H);
}

void attention_one(Vec out, CVec q, CMat keys, CMat values, Index H) {
  const Index C = q.size;
  check(H >= 1 && C % H == 0 && out.size == C && keys.cols == C && same_shape(keys, values) && keys.rows >= 1,
        "attention_one: out(C), q(C), keys(t,C), values(t,C)");
  kernels().attention_one(out, q, keys, values, H);
}

void cross_entropy(Vec losses, Mat dx, Mat dhead, CMat x, CMat head, CIds targets, float scale) {
  check(losses.size == x.rows && head.cols == x.cols && targets.size == x.rows &&
            (dx.data != nullptr) == (dhead.data != nullptr) &&
            (!dx.data || (same_shape(dx, x) && same_shape(dhead, head))),
        "cross_entropy: losses(N), dx(N,C), dhead(V,C), x(N,C), head(V,C), targets(N)");
  check_ids(targets, head.rows, "cross_entropy: a target is not in the vocabulary");
  kernels().cross_entropy(losses, dx, dhead, x, head, targets, scale);
}

void add(Vec y, CVec x) {
  check(y.size == x.size, "add: y(n), x(n)");
  kernels().add(y, x);
}

double sum_of_squares(CVec x) { return kernels().sum_of_squares(x); }

bool all_finite(CVec x) { return kernels().all_finite(x); }

void adamw(Vec weights, Vec m, Vec v, CVec grad, const AdamWStep& step) {
  check(m.size == weights.size && v.size == weights.size && grad.size == weights.size && step.step >= 1,
        "adamw: weights(n), m(n), v(n), grad(n), step >= 1");
  kernels().adamw(weights, m, v, grad, step);
}

double multiply_add_in_registers(int64_t rounds) { return kernels().multiply_add_in_registers(rounds); }

}  // namespace andrea
