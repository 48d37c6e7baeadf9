// What is the same for all instruction sets: shapes are checked, then the chosen one's kernel does the work.
#include "kernels/kernels.h"

#include <algorithm>
#include <initializer_list>

#include "base/error.h"
#include "kernels/isa.h"
#include "kernels/table.h"

namespace andrea {
namespace {

bool same_shape(CActMat a, CActMat b) { return a.rows == b.rows && a.cols == b.cols; }

bool of_kind(Numbers numbers, std::initializer_list<CActMat> all) {
  return std::all_of(all.begin(), all.end(), [&](CActMat a) { return a.numbers == numbers; });
}

void check_ready(const Weight& w) {
  check(w.ready(), "a weight is set, and made for the instructions in use");
}

// dy, which may also be floats.
bool may_be_up(CActMat dy, Numbers numbers) { return dy.numbers == numbers || dy.numbers == Numbers::fp32; }

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

void check_attention(CActMat qkv, CMat lse, Index T, Index H, const char* what) {
  const Index N = qkv.rows, C = qkv.cols / 3;
  check(T >= 1 && H >= 1 && N % T == 0 && qkv.cols == 3 * C && C % H == 0 && lse.rows == N / T * H &&
            lse.cols == T,
        what);
}

}  // namespace

const KernelTable& chosen_kernels() {
  switch (isa()) {
#if defined(__x86_64__)
    case Isa::avx2:
      return avx2::kTable;
    case Isa::avx512:
      return avx512::kTable;
    case Isa::avx512_bf16:
      return avx512_bf16::kTable;
    case Isa::amx:
      return amx::kTable;
#endif
    case Isa::amx_model:
      return amx_model::kTable;
    default:
      return portable::kTable;
  }
}

void matmul(ActMat y, CActMat x, const Weight& w) {
  check_ready(w);
  check(y.rows == x.rows && y.cols == w.outputs() && x.cols == w.inputs() && of_kind(w.numbers(), {y, x}),
        "matmul: y(N,O), x(N,C), w(O,C)");
  chosen_kernels().matmul(y, x, w);
}

void matmul_plus(Mat y, CMat residual, CActMat x, const Weight& w) {
  check_ready(w);
  check(y.rows == x.rows && same_shape(y, residual) && y.cols == w.outputs() && x.cols == w.inputs() &&
            of_kind(w.numbers(), {x}),
        "matmul_plus: y(N,O), residual(N,O), x(N,C), w(O,C)");
  chosen_kernels().matmul_plus(y, residual, x, w);
}

void matmul_gelu(ActMat h, ActMat g, CActMat x, const Weight& w) {
  check_ready(w);
  check(h.rows == x.rows && same_shape(h, g) && h.cols == w.outputs() && x.cols == w.inputs() &&
            of_kind(w.numbers(), {h, g, x}),
        "matmul_gelu: h(N,O), g(N,O), x(N,C), w(O,C)");
  chosen_kernels().matmul_gelu(h, g, x, w);
}

void matmul_input_backward(ActMat dx, CActMat dy, const Weight& w) {
  check_ready(w);
  check(dx.rows == dy.rows && dy.cols == w.outputs() && dx.cols == w.inputs() && of_kind(w.numbers(), {dx}) &&
            may_be_up(dy, w.numbers()),
        "matmul_input_backward: dx(N,C), dy(N,O), w(O,C)");
  chosen_kernels().matmul_input_backward(dx, dy, w);
}

void matmul_gelu_backward(ActMat dh, CActMat dy, const Weight& w, CActMat h) {
  check_ready(w);
  check(dh.rows == dy.rows && same_shape(dh, h) && dy.cols == w.outputs() && dh.cols == w.inputs() &&
            of_kind(w.numbers(), {dh, h}) && may_be_up(dy, w.numbers()),
        "matmul_gelu_backward: dh(N,C), dy(N,O), w(O,C), h(N,C)");
  chosen_kernels().matmul_gelu_backward(dh, dy, w, h);
}

void matmul_weight_backward(Mat dw, CActMat dy, CActMat x) {
  check(dw.rows == dy.cols && dw.cols == x.cols && dy.rows == x.rows && may_be_up(dy, x.numbers),
        "matmul_weight_backward: dw(O,C), dy(N,O), x(N,C)");
  chosen_kernels().matmul_weight_backward(dw, dy, x);
}

void matmul_row(Vec y, CVec x, CMat w, bool add) {
  check(y.size == w.rows && x.size == w.cols, "matmul_row: y(O), x(C), w(O,C)");
  chosen_kernels().matmul_row(y, x, w, add);
}

void embedding(Mat x, CMat tokens, CMat positions, CIds ids, Index T) {
  check_embedding(x, tokens, positions, ids, T, "embedding: x(N,C), tokens(V,C), positions(>=T,C), ids(N)");
  chosen_kernels().embedding(x, tokens, positions, ids, T);
}

void embedding_backward(Mat dtokens, Mat dpositions, CMat dx, CIds ids, Index T) {
  check_embedding(dx, dtokens, dpositions, ids, T,
                  "embedding_backward: dtokens(V,C), dpositions(>=T,C), dx(N,C), ids(N)");
  chosen_kernels().embedding_backward(dtokens, dpositions, dx, ids, T);
}

void norm(ActMat y, Vec mean, Vec rstd, CMat x, CVec gain) {
  check(same_shape(y, x) && mean.size == x.rows && rstd.size == x.rows && gain.size == x.cols,
        "norm: y(N,C), mean(N), rstd(N), x(N,C), gain(C)");
  chosen_kernels().norm(y, mean, rstd, x, gain);
}

void norm_backward(Mat dx, Vec dgain, CActMat dy, CMat x, CVec gain, CVec mean, CVec rstd) {
  check(same_shape(dx, x) && same_shape(dy, x) && dgain.size == x.cols && gain.size == x.cols &&
            mean.size == x.rows && rstd.size == x.rows,
        "norm_backward: dx(N,C), dgain(C), dy(N,C), x(N,C), gain(C), mean(N), rstd(N)");
  chosen_kernels().norm_backward(dx, dgain, dy, x, gain, mean, rstd);
}

void gelu(Mat y, CMat x) {
  check(same_shape(y, x), "gelu: y(N,C), x(N,C)");
  chosen_kernels().gelu(y, x);
}

void attention(ActMat out, Mat lse, CActMat qkv, Index T, Index H) {
  check_attention(qkv, lse, T, H, "attention: out(N,C), lse(B*H,T), qkv(N,3C)");
  check(out.rows == qkv.rows && 3 * out.cols == qkv.cols && out.numbers == qkv.numbers,
        "attention: out(N,C), qkv(N,3C)");
  chosen_kernels().attention(out, lse, qkv, T, H);
}

void attention_backward(ActMat dqkv, CActMat dout, CActMat out, CMat lse, CActMat qkv, Index T, Index H) {
  check_attention(qkv, lse, T, H,
                  "attention_backward: dqkv(N,3C), dout(N,C), out(N,C), lse(B*H,T), qkv(N,3C)");
  check(same_shape(dqkv, qkv) && same_shape(dout, out) && out.rows == qkv.rows && 3 * out.cols == qkv.cols &&
            of_kind(qkv.numbers, {dqkv, dout, out}),
        "attention_backward: dqkv(N,3C), dout(N,C), out(N,C), qkv(N,3C)");
  chosen_kernels().attention_backward(dqkv, dout, out, lse, qkv, T, H);
}

void attention_one(Vec out, CVec q, CMat keys, CMat values, Index H) {
  const Index C = q.size;
  check(H >= 1 && C % H == 0 && out.size == C && keys.cols == C && same_shape(keys, values) && keys.rows >= 1,
        "attention_one: out(C), q(C), keys(t,C), values(t,C)");
  chosen_kernels().attention_one(out, q, keys, values, H);
}

void cross_entropy(Vec losses, ActMat dx, Mat dhead, CActMat x, const Weight& head, CIds targets,
                   float scale) {
  check_ready(head);
  check(losses.size == x.rows && head.inputs() == x.cols && x.numbers == head.numbers() &&
            targets.size == x.rows && (dx.data != nullptr) == (dhead.data != nullptr) &&
            (!dx.data || (same_shape(dx, x) && dx.numbers == x.numbers && dhead.rows == head.outputs() &&
                          dhead.cols == head.inputs())),
        "cross_entropy: losses(N), dx(N,C), dhead(V,C), x(N,C), head(V,C), targets(N)");
  check_ids(targets, head.outputs(), "cross_entropy: a target is not in the vocabulary");
  chosen_kernels().cross_entropy(losses, dx, dhead, x, head, targets, scale);
}

void add(Vec y, CVec x) {
  check(y.size == x.size, "add: y(n), x(n)");
  chosen_kernels().add(y, x);
}

double sum_of_squares(CVec x) { return chosen_kernels().sum_of_squares(x); }

bool all_finite(CVec x) { return chosen_kernels().all_finite(x); }

void adamw(Vec weights, Vec m, Vec v, CVec grad, const AdamWStep& step) {
  check(m.size == weights.size && v.size == weights.size && grad.size == weights.size && step.step >= 1,
        "adamw: weights(n), m(n), v(n), grad(n), step >= 1");
  chosen_kernels().adamw(weights, m, v, grad, step);
}

double multiply_add_in_registers(int64_t rounds, Numbers numbers) {
  return chosen_kernels().multiply_add_in_registers(rounds, numbers);
}

}  // namespace andrea
