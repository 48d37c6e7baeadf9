// oneDNN's products of the same shapes, beside which ours stand. For the benches alone; without libdnnl-dev
// there are none.
#pragma once
#include <optional>

#include "kernels/view.h"

namespace andrea::bench {

enum class Product { forward, input_gradient, weight_gradient };

// Seconds of one y(N,O) = x(N,C) w(O,C)^T, or of its gradients, the best that oneDNN has: matrices as they
// lie, or the right one put into an order of its own first. As with ours, that is not counted for weights,
// which stay for a whole step. In bf16 all but weight gradients are bf16. nullopt when oneDNN was not there
// to build with, or has no bf16 for this processor.
std::optional<double> onednn_seconds(Product product, Index N, Index O, Index C, Numbers numbers);

}  // namespace andrea::bench
