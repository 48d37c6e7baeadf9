#include "base/error.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "tests/reference/activations.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

struct Shape {
  Index N, O, C;
};
// Smaller than a tile, a tile, one more than a tile; one row as in decoding; the vocabulary; several blocks
// of a weight gradient, each of several chunks of tokens.
constexpr Shape kShapes[] = {{1, 1, 1},       {3, 5, 7},      {1, 129, 130},    {2, 8449, 40},
                             {129, 130, 131}, {256, 128, 64}, {257, 129, 1000}, {1000, 16, 48},
                             {40, 1537, 384}, {3, 384, 1153}, {1000, 200, 330}, {1537, 70, 130},
                             {384, 3072, 16}};

struct Case {
  Tensor<float> x, w, dy, residual;
  explicit Case(const Shape& s, Numbers numbers = Numbers::fp32)
      : x(rounded(random(s.N, s.C, 1), numbers)),
        w(rounded(random(s.O, s.C, 2), numbers)),
        dy(random(s.N, s.O, 3)),
        residual(random(s.N, s.O, 4)) {}
};

// `start`: what the sum is added to.
auto product_tolerance(const Doubles& rows_a, const Doubles& rows_b, double start = 0) {
  std::vector<double> a, b;
  for (Index r = 0; r < rows_a.rows; ++r) a.push_back(length(rows_a, r));
  for (Index r = 0; r < rows_b.rows; ++r) b.push_back(length(rows_b, r));
  return [=](Index r, Index c) { return kSumOfProducts * (a[size_t(r)] * b[size_t(c)] + start); };
}

// The same of a sum that is then rounded, by at most `stored` of itself.
template <class Tolerance>
auto and_stored(const Doubles& want, double stored, const Tolerance& tolerance) {
  return
      [=](Index r, Index c) { return tolerance(r, c) + stored * (std::abs(want(r, c)) + tolerance(r, c)); };
}

// Products of bf16 are exact as floats, so their sums are held to the tolerance of float.
template <class Body>
void for_all(const Body& body) {
  for (const Shape& s : kShapes)
    for (const Numbers numbers : kKinds) {
      INFO("N, O, C: ", s.N, " ", s.O, " ", s.C, numbers == Numbers::bf16 ? " bf16" : " fp32");
      body(s, numbers, Case(s, numbers), storing(numbers));
    }
}

}  // namespace

TEST_CASE("matmul agrees with the judge") {
  for_all([](const Shape&, Numbers numbers, const Case& k, double stored) {
    const Doubles x = exact(k.x), w = exact(k.w);
    Acts in(k.x, numbers), y(k.dy, numbers);
    andrea::matmul(y.view(), in.view(), packed(view(k.w), numbers));
    const Doubles want = matmul(x, w);
    check_close("y", y.values(), want, and_stored(want, stored, product_tolerance(x, w)));
  });
}

TEST_CASE("matmul_plus agrees with the judge: floats, added to what was there") {
  for_all([](const Shape& s, Numbers numbers, const Case& k, double) {
    const Doubles x = exact(k.x), w = exact(k.w), residual = exact(k.residual);
    Acts in(k.x, numbers);
    Tensor<float> y(s.N, s.O);
    andrea::matmul_plus(view(y), view(k.residual), in.view(), packed(view(k.w), numbers));
    check_close("y", y, plus(matmul(x, w), residual), product_tolerance(x, w, greatest(residual.v)));
    Tensor<float> same = k.residual;
    andrea::matmul_plus(view(same), view(same), in.view(), packed(view(k.w), numbers));
    CHECK(same_bits(same.v, y.v));
  });
}

TEST_CASE("matmul_gelu gives the product and its gelu") {
  for_all([](const Shape& s, Numbers numbers, const Case& k, double stored) {
    const Doubles x = exact(k.x), w = exact(k.w);
    Acts in(k.x, numbers), h(k.dy, numbers), g(k.dy, numbers);
    andrea::matmul_gelu(h.view(), g.view(), in.view(), packed(view(k.w), numbers));
    const Doubles product = matmul(x, w);
    check_close("h", h.values(), product, and_stored(product, stored, product_tolerance(x, w)));
    Tensor<float> want(s.N, s.O);
    gelu(view(want), view(h.values()));
    CHECK(same_bits(g.values().v, rounded(want, numbers).v));
  });
}

TEST_CASE("matmul_input_backward and matmul_gelu_backward agree with the judge, for both kinds of dy") {
  for_all([](const Shape& s, Numbers numbers, const Case& k, double stored) {
    const Tensor<float> dy = rounded(k.dy, numbers), before = rounded(random(s.N, s.C, 5, 2), numbers);
    const Doubles up = exact(dy), w = exact(k.w), product = matmul_input_backward(up, w);
    const Weight weight = packed(view(k.w), numbers);
    const auto tolerance = product_tolerance(up, transposed(w));
    Acts in(dy, numbers), h(before, numbers), dx(k.x, numbers), again(k.x, numbers), dh(k.x, numbers);
    andrea::matmul_input_backward(dx.view(), in.view(), weight);
    check_close("dx", dx.values(), product, and_stored(product, stored, tolerance));
    andrea::matmul_input_backward(again.view(), view(k.dy), weight);
    CHECK(same_bits(again.values().v, dx.values().v));

    andrea::matmul_gelu_backward(dh.view(), in.view(), weight, h.view());
    const Doubles want = gelu_backward(product, exact(before));  // its slope is at most 1.13
    check_close("dh", dh.values(), want, and_stored(want, stored, [&](Index r, Index c) {
                  return 1.13 * tolerance(r, c) + 16 * kRounding * std::abs(product(r, c));
                }));
    andrea::matmul_gelu_backward(again.view(), view(k.dy), weight, h.view());
    CHECK(same_bits(again.values().v, dh.values().v));
  });
}

TEST_CASE("matmul_weight_backward adds what the judge says, for both kinds of dy") {
  for_all([](const Shape& s, Numbers numbers, const Case& k, double) {
    const Tensor<float> dy = rounded(k.dy, numbers);
    const Doubles up = exact(dy), x = exact(k.x);
    Acts in(k.x, numbers), out(dy, numbers);
    Tensor<float> dw = random(s.O, s.C, 4);
    const Doubles start = exact(dw);
    Tensor<float> again = dw;
    andrea::matmul_weight_backward(view(dw), out.view(), in.view());
    check_close("added", dw, plus(reference::matmul_weight_backward(up, x), start),
                product_tolerance(transposed(up), transposed(x), greatest(start.v)));
    andrea::matmul_weight_backward(view(again), view(k.dy), in.view());
    CHECK(same_bits(again.v, dw.v));
  });
}

TEST_CASE("matmul_row agrees with the judge, set or added") {
  for (const Shape& s : {Shape{1, 1, 1}, Shape{1, 129, 130}, Shape{1, 8449, 40}, Shape{1, 384, 1153}}) {
    const Case k(s);
    const Doubles x = exact(k.x), w = exact(k.w), product = matmul(x, w), start = exact(k.residual);
    Tensor<float> y = k.residual;
    matmul_row(flat(y), flat(k.x), view(k.w));
    check_close("set", y, product, product_tolerance(x, w));
    y = k.residual;
    matmul_row(flat(y), flat(k.x), view(k.w), true);
    check_close("added", y, plus(product, start), product_tolerance(x, w, greatest(start.v)));
  }
}

TEST_CASE("products do not depend on where the matrices lie, and write nothing beside them") {
  for (const Numbers numbers : kKinds)
    for (const Shape& s :
         {Shape{1, 70, 33}, Shape{1, 1, 75}, Shape{70, 1, 33}, Shape{2, 3, 5}, Shape{150, 140, 130}}) {
      INFO("N, O, C: ", s.N, " ", s.O, " ", s.C);
      const Case k(s);
      std::vector<float> y0, dx0, dw0, g0;
      for (const Place& p : kPlaces) {
        INFO("shift, gap: ", p.shift, " ", p.gap);
        const Place other{p.gap, p.shift};
        Acts x(k.x, numbers, p), dy(k.dy, numbers, p), y(k.dy, numbers, p), g(k.dy, numbers, other);
        Acts dx(k.x, numbers, other), dh(k.x, numbers, p);
        Strided w(k.w, p.gap, p.shift), dw(Tensor<float>(s.O, s.C), p.shift, p.gap);
        const Weight weight = packed(w.view(), numbers);
        andrea::matmul_gelu(y.view(), g.view(), x.view(), weight);
        andrea::matmul_input_backward(dx.view(), dy.view(), weight);
        andrea::matmul_gelu_backward(dh.view(), dy.view(), weight, dx.view());
        andrea::matmul_weight_backward(dw.view(), dy.view(), x.view());
        const auto all = [](auto& a, auto& b) {
          std::vector<float> both = a.values().v, more = b.values().v;
          both.insert(both.end(), more.begin(), more.end());
          return both;
        };
        if (y0.empty()) y0 = all(y, g), dx0 = all(dx, dh), dw0 = dw.values().v;
        CHECK(same_bits(all(y, g), y0));
        CHECK(same_bits(all(dx, dh), dx0));
        CHECK(same_bits(dw.values().v, dw0));
        CHECK((y.margins_intact() && g.margins_intact() && dx.margins_intact() && dh.margins_intact() &&
               dw.margins_intact()));
      }
    }
}

TEST_CASE("products are the same for any number of threads") {
  for (const Numbers numbers : kKinds)
    for (const Shape& s : {Shape{1, 1000, 384}, Shape{500, 700, 300}}) {
      const Case k(s, numbers);
      check_same_for_threads([&] {
        Acts x(k.x, numbers), dy(k.dy, numbers), h(k.dy, numbers), g(k.dy, numbers), dh(k.x, numbers);
        const Weight weight = packed(view(k.w), numbers);
        Tensor<float> y(s.N, s.O), dw(s.O, s.C), row(1, s.O);
        andrea::matmul_gelu(h.view(), g.view(), x.view(), weight);
        andrea::matmul_plus(view(y), view(k.residual), x.view(), weight);
        andrea::matmul_gelu_backward(dh.view(), dy.view(), weight, x.view());
        andrea::matmul_weight_backward(view(dw), dy.view(), x.view());
        matmul_row(flat(row), {k.x.v.data(), s.C}, view(k.w));
        std::vector<float> all = h.values().v;
        for (const auto& part : {g.values(), y, dh.values(), dw, row})
          all.insert(all.end(), part.v.begin(), part.v.end());
        return all;
      });
    }
}

TEST_CASE("products pass NaN and infinity on, to the row they belong to") {
  for (const Numbers numbers : kKinds)
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      Case k({9, 20, 30});
      k.x(4, 7) = bad;
      Acts x(k.x, numbers), y(k.dy, numbers);
      const Weight weight = packed(view(k.w), numbers);
      andrea::matmul(y.view(), x.view(), weight);
      for (Index n = 0; n < 9; ++n)
        for (Index o = 0; o < 20; ++o) CHECK(std::isfinite(y.values()(n, o)) == (n != 4));
      Acts dy(k.dy, numbers);
      Tensor<float> dw(20, 30);
      andrea::matmul_weight_backward(view(dw), dy.view(), x.view());
      for (Index o = 0; o < 20; ++o)
        for (Index c = 0; c < 30; ++c) CHECK(std::isfinite(dw(o, c)) == (c != 7));
      k.dy(4, 7) = bad;
      Acts up(k.dy, numbers), dx(k.x, numbers);
      andrea::matmul_input_backward(dx.view(), up.view(), weight);
      for (Index n = 0; n < 9; ++n)
        for (Index c = 0; c < 30; ++c) CHECK(std::isfinite(dx.values()(n, c)) == (n != 4));
    }
}

TEST_CASE("products of shapes and kinds that do not fit are refused") {
  Tensor<float> a(3, 4), b(5, 4), y(3, 5), wrong(3, 6);
  const Weight w = packed(view(b));
  Acts half(a, Numbers::bf16);
  andrea::matmul(view(y), view(a), w);
  CHECK_THROWS_AS(andrea::matmul(view(wrong), view(a), w), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul(view(y), view(a), packed(view(wrong))), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul(view(y), half.view(), w), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul(view(y), view(a), packed(view(b), Numbers::bf16)), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_plus(view(y), view(wrong), view(a), w), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_gelu(view(y), view(wrong), view(a), w), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_input_backward(view(a), view(wrong), w), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_input_backward(half.view(), view(y), w), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_gelu_backward(view(a), view(y), w, view(wrong)), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_weight_backward(view(b), view(wrong), view(a)), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_weight_backward(view(b), half.view(), view(a)), std::logic_error);
  CHECK_THROWS_AS(matmul_row(flat(a), flat(a), view(b)), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul(view(y), view(a), Weight(5, 4, Numbers::fp32)),
                  std::logic_error);  // never set
  const Isa before = isa();
  set_isa(before == Isa::portable ? Isa::amx_model : Isa::portable);
  CHECK_THROWS_AS(andrea::matmul(view(y), view(a), w), std::logic_error);
  set_isa(before);
  Weight small = packed(view(b));
  CHECK_THROWS_AS(small.set(view(a)), std::logic_error);
}
