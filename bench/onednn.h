// oneDNN's products of the same shapes, beside which ours stand. For the benches alone; without libdnnl-dev
// there are none.
#pragma once
#include <functional>
#include <vector>

#include "kernels/view.h"

namespace andrea::bench {

enum class Product { forward, input_gradient, weight_gradient };

// Ways to run y(N,O) = x(N,C) w(O,C)^T, or one of its gradients: matrices as they lie, or the right one put
// into an order that oneDNN likes better. As with ours, that is done before for weights, which stay for a
// whole step, and is a part of the run for weight gradients. In bf16 all but weight gradients are bf16. None
// when oneDNN was not there to build with, or has no bf16 for this processor.
std::vector<std::function<void()>> onednn_products(Product product, Index N, Index O, Index C,
                                                   Numbers numbers);

}  // namespace andrea::bench
