#include <cmath>
#include <vector>

#include "base/error.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace andrea {

// On one thread: the work is a few hundred thousand products at most.
void attention_one(Vec out, CVec q, CMat keys, CMat values, Index H) {
  const Index C = q.size, D = C / H, t = keys.rows;
  check(out.size == C && keys.cols == C && values.cols == C && values.rows == t && t >= 1 && D * H == C,
        "attention_one: out(C), q(C), keys(t,C), values(t,C)");
  const float scale = 1 / std::sqrt(float(D));
  std::vector<float> weights(static_cast<size_t>(t));
  for (Index h = 0; h < H; ++h) {
    const float* qh = q.data + h * D;
    float* to = out.data + h * D;
    float top = -std::numeric_limits<float>::infinity();
    for (Index j = 0; j < t; ++j) {
      Floats dot{};
      for_lanes(D, [&](Index c, auto n) { dot += load(qh + c, n) * load(keys.row(j) + h * D + c, n); });
      weights[size_t(j)] = sum_of(dot) * scale;
      top = std::max(top, weights[size_t(j)]);
    }
    Floats sum{};
    for_lanes(t, [&](Index j, auto n) {
      const Floats e = exp(load(&weights[size_t(j)], n, -std::numeric_limits<float>::infinity()) - top);
      store(&weights[size_t(j)], e, n);
      sum += e;
    });
    const float inverse = 1 / sum_of(sum);
    for (Index c = 0; c < D; ++c) to[c] = 0;
    for (Index j = 0; j < t; ++j) {
      const float w = weights[size_t(j)] * inverse;
      for_lanes(D, [&](Index c, auto n) {
        store(to + c, load(to + c, n) + w * load(values.row(j) + h * D + c, n), n);
      });
    }
  }
}

}  // namespace andrea
