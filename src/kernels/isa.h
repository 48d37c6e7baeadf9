// Which instructions the kernels use. The files in kernels/vector/ are compiled once for each of these; one
// program holds them all and chooses when it starts, so that it runs on every processor of its family.
#pragma once
#include <string>
#include <vector>

namespace andrea {

enum class Isa {
  portable,  // what every processor of the family has: SSE2 on x86-64, NEON on arm64
  avx2,      // AVX2 and FMA, 8 floats at once
  avx512,    // AVX-512 (F, BW, DQ, VL), 16 floats at once
};

// What this processor and its system can run, slowest first; never empty.
std::vector<Isa> usable_isas();

// For all later kernels. Until it is called, the last of usable_isas(). An Isa that is not usable is a bug.
void set_isa(Isa isa);
Isa isa();

std::string name_of(Isa isa);  // "avx2", as in train.isa

}  // namespace andrea
