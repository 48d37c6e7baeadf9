#include "kernels/vector/lanes.h"

#include <cmath>

#include "tests/reference/activations.h"

using namespace andrea;
using namespace andrea::ANDREA_ISA;
using namespace andrea::reference;

namespace {

// The greatest relative error of f from `low` to `high`; `exactly` is in double.
double worst_error(Floats (*f)(Floats), double (*exactly)(double), double low, double high) {
  double worst = 0;
  for (double x = low; x < high; x += 3e-4) {
    const double want = exactly(double(float(x)));
    worst = std::max(worst, distance(f(splat(float(x)))[0], want) / want);
  }
  return worst;
}

}  // namespace

// The polynomial is off by 3e-9, its evaluation and 2^n add a rounding or two; n ln 2 is exact in its first
// part.
TEST_CASE("exp is within two roundings from the least normal number to 2^127.5, nearly the greatest") {
  CHECK(worst_error(exp, std::exp, -87.32, 88.37) <= 2 * kRounding);
}

TEST_CASE("exp of what is no number, and outside that range") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const auto one = [](float x) { return exp(splat(x))[kLanes - 1]; };
  CHECK(one(0) == 1);
  CHECK(one(-inf) == 0);
  CHECK((one(-87.4f) > 0 && one(-87.4f) < std::numeric_limits<float>::min()));
  CHECK(one(-87.7f) == 0);
  CHECK(one(-1e30f) == 0);
  CHECK(one(88.38f) == inf);
  CHECK(one(1e30f) == inf);
  CHECK(one(inf) == inf);
  CHECK(std::isnan(one(std::numeric_limits<float>::quiet_NaN())));
  CHECK(std::isnan(one(-std::numeric_limits<float>::quiet_NaN())));
}

// The polynomial, its coefficients rounded, is off by 1.8 roundings, its last sum by half a unit in the last
// place, which is at most one; n + r is exact.
TEST_CASE("exp2 is within three roundings from the least normal number to 2^127.49; and outside that range") {
  CHECK(worst_error(exp2, std::exp2, -126, 127.49) <= 3 * kRounding);
  constexpr float inf = std::numeric_limits<float>::infinity();
  const auto one = [](float x) { return exp2(splat(x))[kLanes - 1]; };
  CHECK(one(0) == 1);
  CHECK(one(-inf) == 0);
  CHECK(one(-127) == 0);
  CHECK(one(-1e30f) == 0);
  CHECK(one(128) == inf);
  CHECK(one(1e30f) == inf);
  CHECK(one(inf) == inf);
  CHECK(std::isnan(one(std::numeric_limits<float>::quiet_NaN())));
  CHECK(std::isnan(one(-std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("loops over lanes visit each element once, and sum and max take all lanes") {
  for (Index size = 0; size < 3 * kLanes; ++size) {
    std::vector<float> x(static_cast<size_t>(size + 1), 0);
    for_lanes(size, [&](Index i, auto n) { store(x.data() + i, load(x.data() + i, n) + 1.0f, n); });
    for (Index i = 0; i < size; ++i) CHECK(x[size_t(i)] == 1);
    CHECK(x[size_t(size)] == 0);
  }
  Floats v{};
  for (int l = 0; l < kLanes; ++l) v[l] = float(1 << l);
  CHECK(sum_of(v) == float((1 << kLanes) - 1));
  for (int l = 0; l < kLanes; ++l) {
    Floats w = splat(-2);
    w[l] = -1;
    CHECK(max_of(w) == -1);
  }
  const float few[] = {1, 2};
  CHECK(load(few, 2, -5.0f)[2] == -5);
}

TEST_CASE("every bf16 is a float, and comes back from it as it was; NaN stays NaN") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Bf16 x{uint16_t(bits)};
    Bf16 back{};
    store(&back, load(&x, 1), 1);
    if (std::isnan(reference::widened(x)))
      CHECK(std::isnan(reference::widened(back)));
    else
      CHECK(back.bits == x.bits);
  }
}

TEST_CASE("a float becomes the nearest bf16, ties to even, as arithmetic has it") {
  Rng rng = stream(1, Purpose::test, 0, 9);
  const auto check_one = [](uint32_t bits) {
    const float x = std::bit_cast<float>(bits);
    if (std::isnan(x) || (x != 0 && std::abs(x) < 0x1p-126f)) return;
    Bf16 got{};
    store(&got, splat(x), 1);
    if (reference::widened(got) != reference::nearest_bf16(x)) {
      CAPTURE(x);
      CHECK(reference::widened(got) == reference::nearest_bf16(x));
    }
  };
  for (uint32_t upper = 0; upper < 0x10000; ++upper)
    for (const uint32_t lower : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
      check_one(upper << 16 | lower);
  for (int i = 0; i < 100000; ++i) check_one(uint32_t(rng.below(uint64_t(1) << 32)));
  Bf16 got{};
  store(&got, splat(0x1p-127f * 1.00390625f), 1);  // a tie among numbers below 2^-126
  CHECK(got.bits == 0x0040);
  for (const uint32_t nan : {0x7f800001u, 0xff800001u, 0x7fffffffu, 0x7fc00000u}) {
    store(&got, splat(std::bit_cast<float>(nan)), 1);
    CHECK(std::isnan(reference::widened(got)));
  }
}

TEST_CASE("transpose exchanges rows and lanes") {
  Floats v[kLanes];
  for (int r = 0; r < kLanes; ++r)
    for (int l = 0; l < kLanes; ++l) v[r][l] = float(100 * r + l);
  transpose(v);
  for (int r = 0; r < kLanes; ++r)
    for (int l = 0; l < kLanes; ++l) CHECK(v[r][l] == float(100 * l + r));
}
