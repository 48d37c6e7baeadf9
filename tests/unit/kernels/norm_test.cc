#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/reference/activations.h"
#include "tests/reference/ops_backward.h"

using namespace andrea;
using namespace andrea::reference;

namespace {

struct Case {
  Index N, C;
  Tensor<float> x, gain, dy;
  Case(Index N_, Index C_, float shift = 0)
      : N(N_), C(C_), x(random(N, C, 1)), gain(random(1, C, 2)), dy(random(N, C, 3)) {
    for (float& value : x.v) value += shift;
  }
  struct Result {
    Tensor<float> y, mean, rstd;
  };
  Result forward() const {
    Result r{Tensor<float>(N, C), Tensor<float>(1, N), Tensor<float>(1, N)};
    andrea::norm(view(r.y), flat(r.mean), flat(r.rstd), view(x), flat(gain));
    return r;
  }
};

}  // namespace

// z = (x - mean) rstd. The mean is a sum of C terms of size |x|, so it is off by about kRounding |x| in the
// fixed lanes it is made in (C / 8 additions each, of random signs about the shift); the difference and the
// two products add a rounding each, rstd a few: 8 roundings of (greatest |x| rstd + |z|), times gain.
TEST_CASE("norm agrees with the judge") {
  for (const auto& k : {Case(1, 1), Case(2, 3), Case(3, 16), Case(129, 48), Case(5, 129), Case(65, 384),
                        Case(4, 768), Case(3, 1000), Case(7, 384, 100.0f)}) {
    INFO("N, C: ", k.N, " ", k.C);
    const auto r = k.forward();
    const Doubles want = reference::norm(exact(k.x), exact(k.gain));
    const double most = greatest(exact(k.x).v);
    check_close("y", r.y, want, [&](Index n, Index c) {
      const double gain = std::abs(k.gain[c]);
      return 8 * kRounding * (most * double(r.rstd[n]) * gain + std::abs(want(n, c))) + 1e-30;
    });
  }
}

TEST_CASE("norm keeps mean and rstd, also of large numbers that hardly differ") {
  Tensor<float> x(1, 64), gain(1, 64), y(1, 64), mean(1, 1), rstd(1, 1);
  for (Index c = 0; c < 64; ++c)
    x[c] = 4096 + float(c % 2), gain[c] = 1;  // mean 4096.5, variance 1/4, all exact
  andrea::norm(view(y), flat(mean), flat(rstd), view(x), flat(gain));
  CHECK(mean[0] == 4096.5f);
  CHECK(rstd[0] == float(1 / std::sqrt(0.25 + 1e-5)));
  CHECK(y[0] == -y[1]);
}

TEST_CASE("norm_backward adds what the judge says") {
  for (const auto& k : {Case(1, 1), Case(2, 3), Case(129, 48), Case(5, 129), Case(200, 384), Case(3, 1000)}) {
    INFO("N, C: ", k.N, " ", k.C);
    const auto r = k.forward();
    Tensor<float> dx = random(k.N, k.C, 4), dgain = random(1, k.C, 5);
    const auto g = reference::norm_backward(exact(k.dy), exact(k.x), exact(k.gain));
    const Doubles want_dx = plus(exact(dx), g.dx), want_dgain = plus(exact(dgain), g.dgain);
    andrea::norm_backward(view(dx), flat(dgain), view(k.dy), view(k.x), flat(k.gain), flat(r.mean),
                          flat(r.rstd));
    // As for y: some 16 roundings of numbers no greater than rstd |gain dy| (1 + z^2), and of the start.
    const double z =
        greatest(reference::norm(exact(k.x), Doubles(1, k.C, std::vector<double>(size_t(k.C), 1))).v);
    const double up = greatest(exact(k.dy).v), gain = greatest(exact(k.gain).v),
                 rstd = greatest(exact(r.rstd).v);
    check_close("dx", dx, want_dx,
                [&](Index, Index) { return 16 * kRounding * (rstd * gain * up * (1 + z * z) + 4); });
    // A sum over N of dy z, |dy| |z| <= N z.
    check_close("dgain", dgain, want_dgain,
                [&](Index, Index) { return kSumOfProducts * (double(k.N) + 2 * up * (1 + z) + 4); });
  }
}

TEST_CASE("norm is the same for any number of threads, and wherever the matrix lies") {
  const Case k(300, 100);
  const auto everything = [&](const Place& p) {
    const auto r = k.forward();
    Strided x(k.x, p.shift, p.gap), y(k.x, p.gap, p.shift), dx(k.dy, p.shift, p.gap),
        dy(k.dy, p.shift, p.shift);
    Tensor<float> mean(1, k.N), rstd(1, k.N), dgain(1, k.C);
    andrea::norm(y.view(), flat(mean), flat(rstd), x.view(), flat(k.gain));
    andrea::norm_backward(dx.view(), flat(dgain), dy.view(), x.view(), flat(k.gain), flat(mean), flat(rstd));
    CHECK((y.margins_intact() && dx.margins_intact()));
    std::vector<float> all = y.values().v;
    const Tensor<float> down = dx.values();
    all.insert(all.end(), down.v.begin(), down.v.end());
    all.insert(all.end(), dgain.v.begin(), dgain.v.end());
    return all;
  };
  check_same_for_threads([&] { return everything({0, 0}); });
  for (const Place& p : kPlaces) CHECK(same_bits(everything(p), everything({0, 0})));
}

TEST_CASE("norm passes NaN and infinity on, to their own row") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    Case k(5, 20);
    k.x(2, 19) = bad;
    const auto r = k.forward();
    for (Index n = 0; n < k.N; ++n)
      for (Index c = 0; c < k.C; ++c) CHECK(std::isnan(r.y(n, c)) == (n == 2));
    Tensor<float> dx(k.N, k.C), dgain(1, k.C);
    andrea::norm_backward(view(dx), flat(dgain), view(k.dy), view(k.x), flat(k.gain), flat(r.mean),
                          flat(r.rstd));
    for (Index n = 0; n < k.N; ++n) CHECK(std::isnan(dx(n, 0)) == (n == 2));
    CHECK(std::isnan(dgain[0]));
  }
}

TEST_CASE("norm refuses shapes that do not fit") {
  const Case k(3, 8);
  Tensor<float> y(3, 8), n3(1, 3), n4(1, 4), dgain(1, 8);
  CHECK_THROWS_AS(andrea::norm(view(y), flat(n4), flat(n3), view(k.x), flat(k.gain)), std::logic_error);
  CHECK_THROWS_AS(andrea::norm(view(y), flat(n3), flat(n3), view(k.x), flat(n3)), std::logic_error);
  CHECK_THROWS_AS(
      andrea::norm_backward(view(y), flat(n3), view(k.dy), view(k.x), flat(k.gain), flat(n3), flat(n3)),
      std::logic_error);
}

TEST_CASE("norm to bf16 is that to float, rounded; its gradient from bf16 is that from the same floats") {
  const Case k(70, 129);
  const auto floats = k.forward();
  Acts y(k.x, Numbers::bf16), dy(k.dy, Numbers::bf16);
  Tensor<float> mean(1, k.N), rstd(1, k.N);
  andrea::norm(y.view(), flat(mean), flat(rstd), view(k.x), flat(k.gain));
  CHECK(same_bits(y.values().v, rounded(floats.y, Numbers::bf16).v));
  CHECK(same_bits(mean.v, floats.mean.v));
  CHECK(same_bits(rstd.v, floats.rstd.v));
  Tensor<float> dx[2] = {k.x, k.x}, dgain[2] = {k.gain, k.gain};
  const Tensor<float> up = rounded(k.dy, Numbers::bf16);
  andrea::norm_backward(view(dx[0]), flat(dgain[0]), dy.view(), view(k.x), flat(k.gain), flat(mean),
                        flat(rstd));
  andrea::norm_backward(view(dx[1]), flat(dgain[1]), view(up), view(k.x), flat(k.gain), flat(mean),
                        flat(rstd));
  CHECK(same_bits(dx[0].v, dx[1].v));
  CHECK(same_bits(dgain[0].v, dgain[1].v));
}
