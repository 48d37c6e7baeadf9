// Complex-step gradients of every kernel: of the judge's own backward, to 1e-12, and of the fast one's, to
// float.
#include "kernels/kernels.h"
#include "tests/reference/activations.h"
#include "tests/reference/gpt.h"
#include "tests/reference/gradient.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

constexpr double kExact = 1e-12;
// Relative to the greatest element of a gradient. The cases are small (sums of at most some 30 terms, numbers
// of size 1 to 10), so a result has some 30 roundings of numbers no greater than about the greatest gradient.
constexpr double kFloat = 32 * kRounding;

Tensor<Complex> shaped(const std::vector<Complex>& z, Index rows, Index cols) { return {rows, cols, z}; }
Tensor<Complex> constant(const Tensor<float>& x) { return as<Complex>(x); }

}  // namespace

TEST_CASE("products: gradients") {
  const Index N = 4, O = 5, C = 7;
  const Tensor<float> x = random(N, C, 1), w = random(O, C, 2), dy = random(N, O, 3);
  Tensor<float> dx(N, C), dw(O, C);
  andrea::matmul_input_backward(view(dx), view(dy), packed(view(w)));
  andrea::matmul_weight_backward(view(dw), view(dy), view(x));
  const auto of_x = [&](const auto& z) {
    return weighted_sum(reference::matmul(shaped(z, N, C), constant(w)), exact(dy));
  };
  const auto of_w = [&](const auto& z) {
    return weighted_sum(reference::matmul(constant(x), shaped(z, O, C)), exact(dy));
  };
  check_gradient("judge dx", of_x, exact(x).v, reference::matmul_input_backward(exact(dy), exact(w)).v,
                 kExact);
  check_gradient("judge dw", of_w, exact(w).v, reference::matmul_weight_backward(exact(dy), exact(x)).v,
                 kExact);
  check_gradient("dx", of_x, exact(x).v, dx.v, kFloat);
  check_gradient("dw", of_w, exact(w).v, dw.v, kFloat);
}

TEST_CASE("embedding: gradients") {
  const Index V = 5, T = 3, N = 9, C = 4;
  const Tensor<float> tokens = random(V, C, 1), positions = random(T, C, 2), dx = random(N, C, 3);
  const auto ids = random_ids(N, V, 4);
  Tensor<float> dtokens(V, C), dpositions(T, C);
  andrea::embedding_backward(view(dtokens), view(dpositions), view(dx), flat(ids), T);
  const auto of_tokens = [&](const auto& z) {
    return weighted_sum(reference::embedding(shaped(z, V, C), constant(positions), ids, T), exact(dx));
  };
  const auto of_positions = [&](const auto& z) {
    return weighted_sum(reference::embedding(constant(tokens), shaped(z, T, C), ids, T), exact(dx));
  };
  const auto judge = reference::embedding_backward(exact(dx), ids, V, T);
  check_gradient("judge dtokens", of_tokens, exact(tokens).v, judge.dtokens.v, kExact);
  check_gradient("judge dpositions", of_positions, exact(positions).v, judge.dpositions.v, kExact);
  check_gradient("dtokens", of_tokens, exact(tokens).v, dtokens.v, kFloat);
  check_gradient("dpositions", of_positions, exact(positions).v, dpositions.v, kFloat);
}

TEST_CASE("norm: gradients") {
  const Index N = 3, C = 21;
  const Tensor<float> x = random(N, C, 1), gain = random(1, C, 2), dy = random(N, C, 3);
  Tensor<float> y(N, C), mean(1, N), rstd(1, N), dx(N, C), dgain(1, C);
  andrea::norm(view(y), flat(mean), flat(rstd), view(x), flat(gain));
  andrea::norm_backward(view(dx), flat(dgain), view(dy), view(x), flat(gain), flat(mean), flat(rstd));
  const auto of_x = [&](const auto& z) {
    return weighted_sum(reference::norm(shaped(z, N, C), constant(gain)), exact(dy));
  };
  const auto of_gain = [&](const auto& z) {
    return weighted_sum(reference::norm(constant(x), shaped(z, 1, C)), exact(dy));
  };
  const auto judge = reference::norm_backward(exact(dy), exact(x), exact(gain));
  check_gradient("judge dx", of_x, exact(x).v, judge.dx.v, kExact);
  check_gradient("judge dgain", of_gain, exact(gain).v, judge.dgain.v, kExact);
  check_gradient("dx", of_x, exact(x).v, dx.v, kFloat);
  check_gradient("dgain", of_gain, exact(gain).v, dgain.v, kFloat);
}

TEST_CASE("gelu: gradients") {
  const Tensor<float> x = random(3, 21, 1, 2), dy = random(3, 21, 2);
  Tensor<float> dx(3, 21);
  reference::gelu_backward(view(dx), view(dy), view(x));
  const auto of_x = [&](const auto& z) { return weighted_sum(reference::gelu(shaped(z, 3, 21)), exact(dy)); };
  check_gradient("judge dx", of_x, exact(x).v, reference::gelu_backward(exact(dy), exact(x)).v, kExact);
  check_gradient("dx", of_x, exact(x).v, dx.v, kFloat);
}

TEST_CASE("attention: gradients") {
  const Index B = 2, T = 5, H = 2, D = 3, N = B * T, C = H * D;
  const Tensor<float> qkv = random(N, 3 * C, 1), dout = random(N, C, 2);
  Tensor<float> out(N, C), lse(B * H, T), dqkv(N, 3 * C);
  andrea::attention(view(out), view(lse), view(qkv), T, H);
  andrea::attention_backward(view(dqkv), view(dout), view(out), view(lse), view(qkv), T, H);
  const auto of_qkv = [&](const auto& z) {
    Tensor<Complex> sums;
    return weighted_sum(reference::attention(shaped(z, N, 3 * C), T, H, sums), exact(dout));
  };
  check_gradient("judge dqkv", of_qkv, exact(qkv).v,
                 reference::attention_backward(exact(dout), exact(qkv), T, H).v, kExact);
  check_gradient("dqkv", of_qkv, exact(qkv).v, dqkv.v, kFloat);
}

TEST_CASE("cross entropy: gradients") {
  const Index N = 6, V = 11, C = 5;
  const float scale = 0.5f;
  const Tensor<float> x = random(N, C, 1), head = random(V, C, 2);
  const auto targets = random_ids(N, V, 3);
  Tensor<float> losses(N, 1), dx(N, C), dhead(V, C);
  andrea::cross_entropy(flat(losses), view(dx), view(dhead), view(x), packed(view(head)), flat(targets),
                        scale);
  const Tensor<double> weights(N, 1, std::vector<double>(size_t(N), double(scale)));
  const auto loss = [&](const Tensor<Complex>& a, const Tensor<Complex>& w) {
    return weighted_sum(reference::cross_entropy(reference::matmul(a, w), targets), weights);
  };
  const auto of_x = [&](const auto& z) { return loss(shaped(z, N, C), constant(head)); };
  const auto of_head = [&](const auto& z) { return loss(constant(x), shaped(z, V, C)); };
  const Doubles dz =
      reference::cross_entropy_backward(reference::matmul(exact(x), exact(head)), targets, scale);
  check_gradient("judge dx", of_x, exact(x).v, reference::matmul_input_backward(dz, exact(head)).v, kExact);
  check_gradient("judge dhead", of_head, exact(head).v, reference::matmul_weight_backward(dz, exact(x)).v,
                 kExact);
  check_gradient("dx", of_x, exact(x).v, dx.v, kFloat);
  check_gradient("dhead", of_head, exact(head).v, dhead.v, kFloat);
}

// The model's own judge: its complex step against differences, so that an error of the template itself (a
// real part taken where it must not be) would show.
TEST_CASE("the whole reference GPT: complex step against central differences") {
  const GptShape s{7, 4, 6, 2, 2};
  const Index T = 3;
  const auto ids = random_ids(2 * T, s.vocab, 1), targets = random_ids(2 * T, s.vocab, 2);
  std::vector<double> p = exact(random(1, reference::parameter_count(s), 3, 0.3)).v;
  const std::vector<double> d =
      complex_step([&](const std::vector<Complex>& z) { return gpt_loss(s, z, ids, targets, T); }, p);
  // A central difference is off by h^2 f''' / 6 and 1e-16 f / h: 1e-9 for h = 1e-5 leaves room for f'''
  // of 60.
  const double h = 1e-5;
  double most = 0;
  for (size_t i = 0; i < p.size(); i += 7) {
    const double at = p[i];
    p[i] = at + h;
    const double above = gpt_loss(s, p, ids, targets, T);
    p[i] = at - h;
    const double below = gpt_loss(s, p, ids, targets, T);
    p[i] = at;
    CHECK(distance((above - below) / (2 * h), d[i]) <= 1e-9);
    most = std::max(most, std::abs(d[i]));
  }
  CHECK(most > 0.01);  // not a comparison of zeros
}
