#include "base/rng.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <stdexcept>

#include "tests/support/chi_square.h"

using namespace andrea;

namespace {

constexpr double kExcess = 5;  // see chi_square.h

Rng test_stream(uint32_t index) { return stream(2026, Purpose::test, 0, index); }

double normal_below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

// kat_vectors of the Random123 library (Salmon et al.), "philox4x32 10".
TEST_CASE("philox4x32-10 gives the published numbers") {
  CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) == PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr uint32_t kOnes = 0xffffffff;
  CHECK(philox4x32_10({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
        PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

// Runs are made again from their seed, so where each part of the identity goes must never change.
TEST_CASE("a stream is philox over block, index, step and purpose, keyed by the seed") {
  Rng rng = stream(0x1122334455667788, Purpose::sampling, 0x9aabbccddeeff, 7);
  for (uint32_t block = 0; block < 3; ++block)
    for (const uint32_t word :
         philox4x32_10({block, 7, 0xccddeeff, uint32_t{5} << 24 | 0x9aabb}, {0x55667788, 0x11223344}))
      CHECK(rng.next_u32() == word);
  Rng wide = stream(1, Purpose::test, 2, 3);
  Rng narrow = wide;
  const uint64_t high = narrow.next_u32();
  CHECK(wide.next_u64() == (high << 32 | narrow.next_u32()));
}

TEST_CASE("a stream answers the same again, and differs by every part of its identity") {
  const auto first = [](Rng rng) { return rng.next_u64(); };
  CHECK(first(stream(1, Purpose::test, 2, 3)) == first(stream(1, Purpose::test, 2, 3)));
  std::set<uint64_t> seen;
  for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{1} << 32, ~uint64_t{0}})
    for (const Purpose why : {Purpose::weights, Purpose::arm_choice, Purpose::document_order,
                              Purpose::held_out, Purpose::sampling, Purpose::test})
      for (const uint64_t step : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32, (uint64_t{1} << 56) - 1})
        for (const uint32_t index : {0u, 1u, ~0u}) seen.insert(first(stream(seed, why, step, index)));
  CHECK(seen.size() == 5 * 6 * 4 * 3);
  CHECK_THROWS_AS(stream(1, Purpose::test, uint64_t{1} << 56), std::logic_error);
}

TEST_CASE("uniform: in [0, 1), on a grid of 2^-53, evenly spread, neighbours independent") {
  Rng rng = test_stream(1);
  std::vector<int64_t> cells(100), pairs(100);
  double previous = 0.5;
  bool in_range = true, on_grid = true;
  for (int i = 0; i < 500000; ++i) {
    const double x = rng.uniform();
    in_range = in_range && x >= 0 && x < 1;
    on_grid = on_grid && x * 0x1p53 == std::floor(x * 0x1p53);
    ++cells[size_t(x * 100)];
    ++pairs[size_t(previous * 10) * 10 + size_t(x * 10)];
    previous = x;
  }
  CHECK(in_range);
  CHECK(on_grid);
  CHECK(chi_square_excess(cells, equal_shares(100)) < kExcess);
  CHECK(chi_square_excess(pairs, equal_shares(100)) < kExcess);
}

TEST_CASE("below: every number, evenly, also where a remainder alone would be biased") {
  for (const uint64_t bound : {uint64_t{1}, uint64_t{2}, uint64_t{10}, uint64_t{97}}) {
    Rng rng = test_stream(2);
    std::vector<int64_t> counts(bound);
    for (int i = 0; i < 200000; ++i) ++counts.at(rng.below(bound));
    if (bound > 1) CHECK(chi_square_excess(counts, equal_shares(bound)) < kExcess);
  }
  // A plain remainder of 2^64 numbers would give the lowest third of 3 * 2^62 one half of the draws.
  const uint64_t third = uint64_t{1} << 62;
  Rng rng = test_stream(3);
  std::vector<int64_t> thirds(3);
  for (int i = 0; i < 200000; ++i) ++thirds.at(rng.below(3 * third) / third);
  CHECK(chi_square_excess(thirds, equal_shares(3)) < kExcess);
  CHECK_THROWS_AS(rng.below(0), std::logic_error);
}

TEST_CASE("normal: the bell curve in 40 cells, tails included, neighbours independent") {
  Rng rng = test_stream(4);
  const int kDraws = 400000;
  std::vector<int64_t> counts(40), quadrants(4);
  std::vector<double> shares;
  for (int cell = 0; cell < 40; ++cell) {  // width 0.2 over [-4, 4], the outer two reach to infinity
    const double low = -4 + 0.2 * cell;
    shares.push_back((cell == 39 ? 1 : normal_below(low + 0.2)) - (cell == 0 ? 0 : normal_below(low)));
  }
  bool finite = true;
  double previous = 1;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    finite = finite && std::isfinite(x);
    ++counts[size_t(std::clamp(std::floor((x + 4) / 0.2), 0.0, 39.0))];
    if (i % 2 == 1) ++quadrants[size_t(previous > 0) * 2 + size_t(x > 0)];  // the two of one Box-Muller pair
    previous = x;
  }
  CHECK(finite);
  CHECK(chi_square_excess(counts, shares) < kExcess);
  CHECK(chi_square_excess(quadrants, equal_shares(4)) < kExcess);
}

TEST_CASE("permutation: each number once, every order equally often") {
  for (const int64_t n : {0, 1, 2, 1000}) {
    std::vector<uint32_t> order = permutation(test_stream(5), n);
    std::sort(order.begin(), order.end());
    REQUIRE(order.size() == size_t(n));
    for (size_t i = 0; i < order.size(); ++i) CHECK(order[i] == i);
  }
  std::vector<uint32_t> sorted = {0, 1, 2, 3};
  std::vector<std::vector<uint32_t>> orders;
  do orders.push_back(sorted);
  while (std::next_permutation(sorted.begin(), sorted.end()));
  std::vector<int64_t> counts(orders.size());
  for (uint32_t i = 0; i < 50000; ++i) {
    const auto order = permutation(test_stream(100 + i), 4);
    ++counts[size_t(std::find(orders.begin(), orders.end(), order) - orders.begin())];
  }
  CHECK(counts.size() == 24);
  CHECK(chi_square_excess(counts, equal_shares(24)) < kExcess);
  CHECK_THROWS_AS(permutation(test_stream(1), -1), std::logic_error);
  CHECK_THROWS_AS(permutation(test_stream(1), int64_t{1} << 32), std::logic_error);
}
