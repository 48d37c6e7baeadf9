#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {

// On one thread: the work is a few hundred thousand products at most.
void attention_one(Vec out, CVec q, CMat keys, CMat values, Index H) {
  const Index C = q.size, D = C / H, t = keys.rows;
  const float scale = 1 / __builtin_sqrtf(float(D));
  const Scratch memory(t);
  float* weights = memory.data();
  for (Index h = 0; h < H; ++h) {
    const float* qh = q.data + h * D;
    float* to = out.data + h * D;
    float top = -kInfinity;
    for (Index j = 0; j < t; ++j) {
      Floats dot{};
      for_lanes(D, [&](Index c, auto n) { dot += load(qh + c, n) * load(keys.row(j) + h * D + c, n); });
      weights[j] = sum_of(dot) * scale;
      if (weights[j] > top) top = weights[j];
    }
    Floats sum{};
    for_lanes(t, [&](Index j, auto n) {
      const Floats e = exp(load(&weights[j], n, -kInfinity) - top);
      store(&weights[j], e, n);
      sum += e;
    });
    const float inverse = 1 / sum_of(sum);
    for (Index c = 0; c < D; ++c) to[c] = 0;
    for (Index j = 0; j < t; ++j) {
      const float w = weights[j] * inverse;
      for_lanes(D, [&](Index c, auto n) {
        store(to + c, load(to + c, n) + w * load(values.row(j) + h * D + c, n), n);
      });
    }
  }
}

}  // namespace andrea::ANDREA_ISA
