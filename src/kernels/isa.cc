#include "kernels/isa.h"

#include <algorithm>

#include "base/error.h"

namespace andrea {
namespace {

Isa& chosen() {
  static Isa isa = usable_isas().back();
  return isa;
}

}  // namespace

// __builtin_cpu_supports asks the system too: an instruction set whose registers it does not save is not
// there.
std::vector<Isa> usable_isas() {
  std::vector<Isa> usable{Isa::portable};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) usable.push_back(Isa::avx2);
  if (usable.back() == Isa::avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    usable.push_back(Isa::avx512);
#endif
  return usable;
}

void set_isa(Isa isa) {
  const std::vector<Isa> usable = usable_isas();
  check(std::find(usable.begin(), usable.end(), isa) != usable.end(), "set_isa: this processor has it");
  chosen() = isa;
}

Isa isa() { return chosen(); }

std::string name_of(Isa isa) {
  switch (isa) {
    case Isa::portable:
      return "portable";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
  }
  return "";
}

}  // namespace andrea
