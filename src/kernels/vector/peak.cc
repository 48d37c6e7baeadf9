#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {

double multiply_add_in_registers(int64_t rounds) {
  constexpr int kChains = 12;  // independent, to fill the pipelines: 2 units, 4 to 5 cycles each
  Floats sum[kChains];
  for (int i = 0; i < kChains; ++i) sum[i] = splat(float(i));
  const Floats a = splat(0.999f), b = splat(1e-4f);
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < kChains; ++i) sum[i] = sum[i] * a + b;
  Floats all{};
  for (int i = 0; i < kChains; ++i) all += sum[i];
  [[maybe_unused]] volatile float used = sum_of(all);
  return double(rounds) * kChains * kLanes * 2;
}

}  // namespace andrea::ANDREA_ISA
