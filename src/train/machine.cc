#include "train/machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"
#include "kernels/isa.h"

namespace andrea {
namespace {

Isa wanted(Instructions instructions) {
  switch (instructions) {
    case Instructions::automatic:
      break;
    case Instructions::portable:
      return Isa::portable;
    case Instructions::avx2:
      return Isa::avx2;
    case Instructions::avx512:
      return Isa::avx512;
    case Instructions::avx512_bf16:
      return Isa::avx512_bf16;
    case Instructions::amx:
      return Isa::amx;
    case Instructions::amx_model:
      return Isa::amx_model;
  }
  return usable_isas().back();
}

}  // namespace

void use_machine(const TrainOptions& options) {
  set_threads(options.threads > 0 ? int(options.threads) : usable_cpus());
  const std::vector<Isa> usable = usable_isas();
  const Isa isa = wanted(options.isa);
  if (std::find(usable.begin(), usable.end(), isa) == usable.end()) {
    std::vector<std::string> names;
    for (const Isa one : usable) names.push_back(name_of(one));
    throw usage_error(fmt::format("train.isa is {}, which this processor does not have", name_of(isa)),
                      fmt::format("It has {}; auto takes the best.", fmt::join(names, ", ")));
  }
  set_isa(isa);
  if (options.precision == Precision::bf16 && !fast_bf16(isa))
    warn("{} cannot multiply bf16: train.precision bf16 widens the numbers first, which is slower than fp32",
         name_of(isa));
}

Numbers numbers_of(const TrainOptions& options) {
  const bool bf16 =
      options.precision == Precision::bf16 || (options.precision == Precision::automatic && fast_bf16(isa()));
  return bf16 ? Numbers::bf16 : Numbers::fp32;
}

}  // namespace andrea
