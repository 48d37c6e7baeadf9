#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/reference/compare.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

struct Shape {
  Index N, O, C;
};
// Smaller than a tile, a tile, one more than a tile; one row as in decoding; the vocabulary.
constexpr Shape kShapes[] = {{1, 1, 1},       {3, 5, 7},      {1, 129, 130},    {2, 8449, 40},
                             {129, 130, 131}, {256, 128, 64}, {257, 129, 1000}, {1000, 16, 48},
                             {40, 1537, 384}, {3, 384, 1153}};

struct Case {
  Tensor<float> x, w, dy;
  explicit Case(const Shape& s) : x(random(s.N, s.C, 1)), w(random(s.O, s.C, 2)), dy(random(s.N, s.O, 3)) {}
};

auto product_tolerance(const Doubles& rows_a, const Doubles& rows_b, double start = 0) {
  std::vector<double> a, b;
  for (Index r = 0; r < rows_a.rows; ++r) a.push_back(length(rows_a, r));
  for (Index r = 0; r < rows_b.rows; ++r) b.push_back(length(rows_b, r));
  return [=](Index r, Index c) { return kSumOfProducts * (a[size_t(r)] * b[size_t(c)] + start); };
}

}  // namespace

TEST_CASE("matmul agrees with the judge, set or added") {
  for (const Shape& s : kShapes) {
    INFO("N, O, C: ", s.N, " ", s.O, " ", s.C);
    const Case k(s);
    const Doubles x = exact(k.x), w = exact(k.w), product = matmul(x, w);
    Tensor<float> y = random(s.N, s.O, 4);
    const Doubles start = exact(y);
    andrea::matmul(view(y), view(k.x), view(k.w));
    check_close("set", y, product, product_tolerance(x, w));

    y = random(s.N, s.O, 4);
    andrea::matmul(view(y), view(k.x), view(k.w), true);
    check_close("added", y, plus(product, start), product_tolerance(x, w, greatest(start.v)));
  }
}

TEST_CASE("matmul_input_backward agrees with the judge, set or added") {
  for (const Shape& s : kShapes) {
    INFO("N, O, C: ", s.N, " ", s.O, " ", s.C);
    const Case k(s);
    const Doubles dy = exact(k.dy), w = exact(k.w), product = matmul_input_backward(dy, w);
    Tensor<float> dx = random(s.N, s.C, 4);
    const Doubles start = exact(dx);
    andrea::matmul_input_backward(view(dx), view(k.dy), view(k.w));
    check_close("set", dx, product, product_tolerance(dy, transposed(w)));

    dx = random(s.N, s.C, 4);
    andrea::matmul_input_backward(view(dx), view(k.dy), view(k.w), true);
    check_close("added", dx, plus(product, start), product_tolerance(dy, transposed(w), greatest(start.v)));
  }
}

TEST_CASE("matmul_weight_backward adds what the judge says") {
  for (const Shape& s : kShapes) {
    INFO("N, O, C: ", s.N, " ", s.O, " ", s.C);
    const Case k(s);
    const Doubles dy = exact(k.dy), x = exact(k.x);
    Tensor<float> dw = random(s.O, s.C, 4);
    const Doubles start = exact(dw);
    andrea::matmul_weight_backward(view(dw), view(k.dy), view(k.x));
    check_close("added", dw, plus(reference::matmul_weight_backward(dy, x), start),
                product_tolerance(transposed(dy), transposed(x), greatest(start.v)));
  }
}

TEST_CASE("products do not depend on where the matrices lie, and write nothing beside them") {
  for (const Shape& s :
       {Shape{1, 70, 33}, Shape{1, 1, 75}, Shape{70, 1, 33}, Shape{2, 3, 5}, Shape{150, 140, 130}}) {
    INFO("N, O, C: ", s.N, " ", s.O, " ", s.C);
    const Case k(s);
    std::vector<float> y0, dx0, dw0;
    for (const Place& p : kPlaces) {
      INFO("shift, gap: ", p.shift, " ", p.gap);
      Strided x(k.x, p.shift, p.gap), w(k.w, p.gap, p.shift), dy(k.dy, p.shift, p.gap);
      Strided y(Tensor<float>(s.N, s.O), p.shift, p.gap), dx(Tensor<float>(s.N, s.C), p.gap, p.shift);
      Strided dw(Tensor<float>(s.O, s.C), p.shift, p.gap);
      andrea::matmul(y.view(), x.view(), w.view());
      andrea::matmul_input_backward(dx.view(), dy.view(), w.view());
      andrea::matmul_weight_backward(dw.view(), dy.view(), x.view());
      if (y0.empty()) y0 = y.values().v, dx0 = dx.values().v, dw0 = dw.values().v;
      CHECK(same_bits(y.values().v, y0));
      CHECK(same_bits(dx.values().v, dx0));
      CHECK(same_bits(dw.values().v, dw0));
      CHECK((y.margins_intact() && dx.margins_intact() && dw.margins_intact()));
    }
  }
}

TEST_CASE("products are the same for any number of threads") {
  for (const Shape& s : {Shape{1, 1000, 384}, Shape{500, 700, 300}}) {
    const Case k(s);
    check_same_for_threads([&] {
      Tensor<float> y(s.N, s.O);
      andrea::matmul(view(y), view(k.x), view(k.w));
      return y.v;
    });
    check_same_for_threads([&] {
      Tensor<float> dx(s.N, s.C);
      andrea::matmul_input_backward(view(dx), view(k.dy), view(k.w));
      return dx.v;
    });
    check_same_for_threads([&] {
      Tensor<float> dw(s.O, s.C);
      andrea::matmul_weight_backward(view(dw), view(k.dy), view(k.x));
      return dw.v;
    });
  }
}

TEST_CASE("products pass NaN and infinity on, to the row they belong to") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Case k({9, 20, 30});
    k.x(4, 7) = bad;
    Tensor<float> y(9, 20);
    andrea::matmul(view(y), view(k.x), view(k.w));
    for (Index n = 0; n < 9; ++n)
      for (Index o = 0; o < 20; ++o) CHECK(std::isfinite(y(n, o)) == (n != 4));
    Tensor<float> dw(20, 30);
    andrea::matmul_weight_backward(view(dw), view(k.dy), view(k.x));
    for (Index o = 0; o < 20; ++o)
      for (Index c = 0; c < 30; ++c) CHECK(std::isfinite(dw(o, c)) == (c != 7));
    k.dy(4, 7) = bad;
    Tensor<float> dx(9, 30);
    andrea::matmul_input_backward(view(dx), view(k.dy), view(k.w));
    for (Index n = 0; n < 9; ++n)
      for (Index c = 0; c < 30; ++c) CHECK(std::isfinite(dx(n, c)) == (n != 4));
  }
}

TEST_CASE("products of shapes that do not fit are refused") {
  Tensor<float> a(3, 4), b(5, 4), y(3, 5), wrong(3, 6);
  andrea::matmul(view(y), view(a), view(b));
  CHECK_THROWS_AS(andrea::matmul(view(wrong), view(a), view(b)), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul(view(y), view(a), view(wrong)), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_input_backward(view(a), view(wrong), view(b)), std::logic_error);
  CHECK_THROWS_AS(andrea::matmul_weight_backward(view(b), view(wrong), view(a)), std::logic_error);
}
