#include "kernels/isa.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>

#include "base/error.h"

namespace andrea {
namespace {

Isa& chosen() {
  static Isa isa = usable_isas().back();
  return isa;
}

#if defined(__x86_64__)
// A program has to ask for the tile registers, once: they are large.
bool system_gives_tiles() {
  constexpr long kAskForState = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
}

bool has_amx() {
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24;  // CPUID 7, EDX
  unsigned a, b, c, d;
  static const bool has =
      __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & kBf16) && (d & kTile) && system_gives_tiles();
  return has;
}
#endif

}  // namespace

// __builtin_cpu_supports asks the system too: an instruction set whose registers it does not save is not
// there.
std::vector<Isa> usable_isas() {
  std::vector<Isa> usable{Isa::amx_model, Isa::portable};
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return usable;
  usable.push_back(Isa::avx2);
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
    return usable;
  usable.push_back(Isa::avx512);
  if (!__builtin_cpu_supports("avx512bf16")) return usable;
  usable.push_back(Isa::avx512_bf16);
  if (has_amx()) usable.push_back(Isa::amx);
#endif
  return usable;
}

bool fast_bf16(Isa isa) { return isa == Isa::avx512_bf16 || isa == Isa::amx; }

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
    case Isa::avx512_bf16:
      return "avx512_bf16";
    case Isa::amx:
      return "amx";
    case Isa::amx_model:
      return "amx_model";
  }
  return "";
}

}  // namespace andrea
