#include "base/rng.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace andrea {

PhiloxBlock philox4x32_10(PhiloxBlock c, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57} * c[2];
    c = {uint32_t(p1 >> 32) ^ c[1] ^ key[0], uint32_t(p1), uint32_t(p0 >> 32) ^ c[3] ^ key[1], uint32_t(p0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

// Counter words: block number, index, low half of step, purpose (8 bits) with the rest of step (24 bits).
Rng::Rng(uint64_t seed, Purpose why, uint64_t step, uint32_t index)
    : counter_{0, index, uint32_t(step), uint32_t(why) << 24 | uint32_t(step >> 32)},
      key_{uint32_t(seed), uint32_t(seed >> 32)} {
  check(step < (uint64_t{1} << 56), "random stream: step out of range");
}

uint32_t Rng::next_u32() {
  if (used_ == 4) {
    block_ = philox4x32_10(counter_, key_);
    check(++counter_[0] != 0, "random stream exhausted");
    used_ = 0;
  }
  return block_[used_++];
}

uint64_t Rng::next_u64() {
  const uint64_t high = next_u32();
  return high << 32 | next_u32();
}

double Rng::uniform() { return double(next_u64() >> 11) * 0x1p-53; }

uint64_t Rng::below(uint64_t bound) {
  check(bound > 0, "random number below 0");
  const uint64_t reject_under = -bound % bound;  // 2^64 mod bound: what would make the low residues likelier
  for (;;) {
    const uint64_t x = next_u64();
    if (x >= reject_under) return x % bound;
  }
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - uniform() is in (0, 1]
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::vector<uint32_t> permutation(Rng rng, int64_t n) {
  check(n >= 0 && n < (int64_t{1} << 32), "permutation: 0 <= n < 2^32");
  std::vector<uint32_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0u);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  return order;
}

}  // namespace andrea
