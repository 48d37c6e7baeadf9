// Which instructions the kernels use. The files in kernels/vector/ are compiled once for each of these; one
// program holds them all and chooses when it starts, so that it runs on every processor of its family.
#pragma once
#include <string>
#include <vector>

namespace andrea {

enum class Isa {
  portable,     // what every processor of the family has: SSE2 on x86-64, NEON on arm64
  avx2,         // AVX2 and FMA, 8 floats at once
  avx512,       // AVX-512 (F, BW, DQ, VL), 16 floats at once
  avx512_bf16,  // and its products of bf16 in pairs
  amx,          // and AMX, products of bf16 in tiles of 16 x 16
  amx_model,    // the portable ones with the way of AMX, its tiles in plain C++: slow, for tests
};

// What this processor and its system can run, amx_model first, then slowest first.
std::vector<Isa> usable_isas();

// Has it instructions for bf16? Others widen the numbers, which is slower than floats.
bool fast_bf16(Isa isa);

// For all later kernels. Until it is called, the last of usable_isas(). An Isa that is not usable is a bug.
void set_isa(Isa isa);
Isa isa();

std::string name_of(Isa isa);  // "avx2", as in train.isa

}  // namespace andrea
