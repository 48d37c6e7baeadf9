// Chance without state: a number is a function of (seed, purpose, step, index), so the same question gives
// the same answer on any thread and after any resume, and one use of chance cannot disturb another.
//
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace andrea {

// Part of every stream's identity. The values are stored nowhere but decide every number: never renumber.
enum class Purpose : uint32_t {
  weights = 1,         // step 0, index = tensor
  arm_choice = 2,      // step = training step
  document_order = 3,  // step = epoch, index = arm's stream id
  held_out = 4,        // evaluation windows; index = arm's stream id
  sampling = 5,        // step = training step
  test = 6,
  focus = 7,  // the bandit's dice; step = first step of the focus period
};

using PhiloxBlock = std::array<uint32_t, 4>;
PhiloxBlock philox4x32_10(PhiloxBlock counter, std::array<uint32_t, 2> key);

class Rng {
 public:
  Rng(uint64_t seed, Purpose why, uint64_t step, uint32_t index);
  uint32_t next_u32();
  uint64_t next_u64();
  double uniform();                // [0, 1), 53 bits
  uint64_t below(uint64_t bound);  // 0 .. bound-1 without bias; bound >= 1
  double normal();                 // mean 0, deviation 1 (Box-Muller)

 private:
  PhiloxBlock counter_;
  std::array<uint32_t, 2> key_;
  PhiloxBlock block_{};
  int used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

// `step` below 2^56.
inline Rng stream(uint64_t seed, Purpose why, uint64_t step, uint32_t index = 0) {
  return Rng(seed, why, step, index);
}

// 0 .. n-1 in an order drawn from `rng` (Fisher-Yates). n < 2^32.
std::vector<uint32_t> permutation(Rng rng, int64_t n);

}  // namespace andrea
