// The shape of a model and its one table of tensors. Sizes, starting values, decay, saving and the gradient
// tests all go through the table; there are no parallel lists.
#pragma once
#include <string>
#include <vector>

#include "base/aligned.h"
#include "config/config.h"
#include "kernels/weight.h"

namespace andrea {

struct ModelShape {
  Index vocab = 0, context = 0, d_model = 0, n_head = 0, n_layer = 0;
  bool operator==(const ModelShape&) const = default;
};
ModelShape shape_of(const ModelOptions& options);

struct TensorSpec {
  std::string name;
  Index rows, cols;  // a gain is 1 x C
  Index offset;      // of its first number in the flat array of all parameters
  double deviation;  // starting values are normal with this deviation; 0 means all ones (gains)
  bool decay;        // weight decay: matrices only
  Index size() const { return rows * cols; }
};

// In the order of the .bin file: token embedding, position embedding; per layer norm gain, Wqkv (q rows, k
// rows, v rows), Wo, norm gain, W1, W2; final gain; head. Deviations: 0.02, and 0.02 / sqrt(2 L) for Wo and
// W2, which write into the residual stream.
std::vector<TensorSpec> tensor_table(const ModelShape& shape);
Index parameter_count(const ModelShape& shape);  // 2 V d + T d + 12 L d^2 + (2 L + 1) d

struct LayerTensors {
  Vec norm1;  // (C)
  Mat wqkv;   // (3C, C)
  Mat wo;     // (C, C)
  Vec norm2;  // (C)
  Mat w1;     // (4C, C)
  Mat w2;     // (C, 4C)
};

// All tensors of a model, or their gradients, or their moments: one allocation, and views into it.
class Tensors {
 public:
  explicit Tensors(const ModelShape& shape);  // zeros
  Tensors(Tensors&&) = default;               // the views stay true: the numbers do not move
  Tensors(const Tensors&) = delete;
  Tensors& operator=(const Tensors&) = delete;

  ModelShape shape;
  Mat tokens;     // (V, C)
  Mat positions;  // (T, C)
  std::vector<LayerTensors> layers;
  Vec norm;  // (C)
  Mat head;  // (V, C)

  Vec flat() { return {data_.data(), Index(data_.size())}; }
  CVec flat() const { return {data_.data(), Index(data_.size())}; }
  void zero();

 private:
  AlignedFloats data_;
};

// The matrices of a model laid out for products with activations of one kind, for the instructions chosen
// when it is made. `weights` must outlive it; set() follows every change of theirs.
class PackedWeights {
 public:
  PackedWeights(const Tensors& weights, Numbers numbers);  // sets
  void set();
  static double bytes(const ModelShape& shape, Numbers numbers);

  struct Layer {
    Weight wqkv, wo, w1, w2;
  };
  const Tensors& weights;
  Numbers numbers;
  std::vector<Layer> layers;
  Weight head;
};

// Starting weights: every number a function of seed and its place.
void initialise(Tensors& weights, uint64_t seed);

}  // namespace andrea
