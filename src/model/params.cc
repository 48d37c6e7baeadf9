#include "model/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "base/threads.h"

namespace andrea {

ModelShape shape_of(const ModelOptions& o) {
  return {o.vocab_size, o.context, o.d_model, o.n_head, o.n_layer};
}

std::vector<TensorSpec> tensor_table(const ModelShape& s) {
  std::vector<TensorSpec> table;
  Index offset = 0;
  const auto put = [&](std::string name, Index rows, Index cols, double deviation, bool decay) {
    table.push_back({std::move(name), rows, cols, offset, deviation, decay});
    offset += rows * cols;
  };
  const Index C = s.d_model;
  const double residual = 0.02 / std::sqrt(2.0 * double(s.n_layer));
  const auto matrix = [&](const std::string& name, Index rows, Index cols, double deviation) {
    put(name, rows, cols, deviation, true);
  };
  const auto gain = [&](const std::string& name) { put(name, 1, C, 0.0, false); };

  matrix("token_embedding", s.vocab, C, 0.02);
  matrix("position_embedding", s.context, C, 0.02);
  for (Index l = 0; l < s.n_layer; ++l) {
    const std::string layer = fmt::format("layer_{}.", l);
    gain(layer + "norm1");
    matrix(layer + "wqkv", 3 * C, C, 0.02);
    matrix(layer + "wo", C, C, residual);
    gain(layer + "norm2");
    matrix(layer + "w1", 4 * C, C, 0.02);
    matrix(layer + "w2", C, 4 * C, residual);
  }
  gain("norm");
  matrix("head", s.vocab, C, 0.02);
  return table;
}

Index parameter_count(const ModelShape& s) {
  const Index C = s.d_model, L = s.n_layer;
  return 2 * s.vocab * C + s.context * C + 12 * L * C * C + (2 * L + 1) * C;
}

Tensors::Tensors(const ModelShape& s) : shape(s), data_(size_t(parameter_count(s)), 0.0f) {
  const std::vector<TensorSpec> table = tensor_table(s);
  auto next = table.begin();
  const auto matrix = [&] {
    const TensorSpec& t = *next++;
    return Mat(data_.data() + t.offset, t.rows, t.cols);
  };
  const auto gain = [&] {
    const TensorSpec& t = *next++;
    return Vec(data_.data() + t.offset, t.size());
  };
  tokens = matrix();
  positions = matrix();
  for (Index l = 0; l < s.n_layer; ++l) {
    LayerTensors layer;
    layer.norm1 = gain(), layer.wqkv = matrix(), layer.wo = matrix();
    layer.norm2 = gain(), layer.w1 = matrix(), layer.w2 = matrix();
    layers.push_back(layer);
  }
  norm = gain();
  head = matrix();
}

void Tensors::zero() {
  parallel_pieces(flat().size, 1 << 18,
                  [&](Index begin, Index end) { std::fill(data_.data() + begin, data_.data() + end, 0.0f); });
}

PackedWeights::PackedWeights(const Tensors& w, Numbers n)
    : weights(w), numbers(n), head(w.shape.vocab, w.shape.d_model, n) {
  const Index C = w.shape.d_model;
  for (size_t l = 0; l < w.layers.size(); ++l)
    layers.push_back({{3 * C, C, n}, {C, C, n}, {4 * C, C, n}, {C, 4 * C, n}});
  set();
}

void PackedWeights::set() {
  for (size_t l = 0; l < layers.size(); ++l) {
    const LayerTensors& from = weights.layers[l];
    layers[l].wqkv.set(from.wqkv), layers[l].wo.set(from.wo);
    layers[l].w1.set(from.w1), layers[l].w2.set(from.w2);
  }
  head.set(weights.head);
}

double PackedWeights::bytes(const ModelShape& s, Numbers n) {
  const Index C = s.d_model;
  const Index layer = Weight::floats(3 * C, C, n) + Weight::floats(C, C, n) + 2 * Weight::floats(4 * C, C, n);
  return 4.0 * double(s.n_layer * layer + Weight::floats(s.vocab, C, n));
}

void initialise(Tensors& weights, uint64_t seed) {
  const std::vector<TensorSpec> table = tensor_table(weights.shape);
  parallel_for(Index(table.size()), [&](Index i) {
    const TensorSpec& t = table[size_t(i)];
    Rng rng = stream(seed, Purpose::weights, 0, uint32_t(i));
    float* at = weights.flat().data + t.offset;
    for (Index j = 0; j < t.size(); ++j) at[j] = t.deviation == 0 ? 1.0f : float(t.deviation * rng.normal());
  });
}

}  // namespace andrea
