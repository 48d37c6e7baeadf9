// oneDNN's products of the same shapes, beside which ours stand. For the benches alone; without libdnnl-dev
// there are none.
#pragma once
#include <optional>

#include "kernels/view.h"

namespace andrea::bench {

enum class Product { forward, input_gradient, weight_gradient };

// Seconds of one y(N,O) = x(N,C) w(O,C)^T, or of its gradients, in fp32, the best that oneDNN has: matrices
// as they lie, or put into an order of its own first (which is counted). nullopt when it was not there to
// build with.
std::optional<double> onednn_seconds(Product product, Index N, Index O, Index C);

}  // namespace andrea::bench
