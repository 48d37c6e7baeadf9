#if defined(ANDREA_TILES)
#include "kernels/vector/tiles.h"
#endif
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {

namespace {

template <class Word>
double in_vectors(int64_t rounds) {
  constexpr int kChains = 12;  // independent, to fill the pipelines: 2 units, 4 to 5 cycles each
  Floats sum[kChains];
  for (int i = 0; i < kChains; ++i) sum[i] = splat(float(i));
  const Floats a = splat(0.999f), b = splat(1e-4f);
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < kChains; ++i) sum[i] = dot(Word{}, a, b, sum[i]);
  Floats all{};
  for (int i = 0; i < kChains; ++i) all += sum[i];
  [[maybe_unused]] volatile float used = sum_of(all);
  return double(rounds) * kChains * kLanes * 2 * kPerWord<Word>;
}

#if defined(ANDREA_TILES)
double in_tiles(int64_t rounds) {
  alignas(64) uint32_t words[kTile * kTile] = {};
  Tiles t;
  t.zero<0>(), t.zero<1>(), t.zero<2>(), t.zero<3>();
  t.load<4>(words, kTile), t.load<5>(words, kTile), t.load<6>(words, kTile), t.load<7>(words, kTile);
  for (int64_t round = 0; round < rounds; ++round)
    t.dot<0, 4, 6>(), t.dot<1, 4, 7>(), t.dot<2, 5, 6>(), t.dot<3, 5, 7>();
  return double(rounds) * 4 * kTile * kTile * kTile * 2 * 2;
}
#endif

}  // namespace

double multiply_add_in_registers(int64_t rounds, Numbers numbers) {
  if (numbers == Numbers::fp32) return in_vectors<float>(rounds);
#if defined(ANDREA_TILES)
  return in_tiles(rounds);
#else
  return in_vectors<Pair>(rounds);
#endif
}

}  // namespace andrea::ANDREA_ISA
