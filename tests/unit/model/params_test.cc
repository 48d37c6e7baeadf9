#include "model/params.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "base/threads.h"
#include "model/gpt.h"
#include "tests/reference/tensor.h"

using namespace andrea;

namespace {
constexpr ModelShape k120M{8449, 1024, 768, 12, 12};
constexpr ModelShape kTiny{11, 6, 8, 2, 2};
}  // namespace

TEST_CASE("ANDREA-120M has 98,698,752 parameters and 25 gains of 768") {
  CHECK(parameter_count(k120M) == 98698752 + 25 * 768);
  CHECK(parameter_count({2305, 1024, 384, 12, 6}) == 12780288 + 13 * 384);
}

TEST_CASE("the table is in the order of the file, without gaps, and decays matrices only") {
  const auto table = tensor_table(kTiny);
  const char* names[] = {"token_embedding", "position_embedding", "layer_0.norm1",
                         "layer_0.wqkv",    "layer_0.wo",         "layer_0.norm2",
                         "layer_0.w1",      "layer_0.w2",         "layer_1.norm1"};
  for (size_t i = 0; i < std::size(names); ++i) CHECK(table[i].name == names[i]);
  CHECK(table.back().name == "head");
  Index offset = 0;
  for (const TensorSpec& t : table) {
    CHECK(t.offset == offset);
    CHECK(t.decay == (t.rows > 1));
    offset += t.size();
  }
  CHECK(offset == parameter_count(kTiny));
  Tensors tensors(kTiny);
  CHECK(tensors.layers[1].w2.data == tensors.flat().data + table[13].offset);
  CHECK(table[13].name == "layer_1.w2");
  CHECK(tensors.head.data + tensors.head.rows * tensors.head.cols ==
        tensors.flat().data + tensors.flat().size);
}

TEST_CASE("starting weights: deviations as stated, gains 1, the same for the same seed on any threads") {
  const ModelShape shape{500, 64, 64, 4, 3};
  Tensors a(shape), b(shape), other(shape);
  set_threads(1);
  initialise(a, 1);
  set_threads(3);
  initialise(b, 1);
  initialise(other, 2);
  CHECK(std::memcmp(a.flat().data, b.flat().data, size_t(a.flat().size) * 4) == 0);
  CHECK(std::memcmp(a.flat().data, other.flat().data, size_t(a.flat().size) * 4) != 0);
  for (const TensorSpec& t : tensor_table(shape)) {
    INFO(t.name);
    const float* x = a.flat().data + t.offset;
    double sum = 0, squares = 0;
    for (Index i = 0; i < t.size(); ++i) sum += x[i], squares += double(x[i]) * x[i];
    if (!t.decay) {
      CHECK(sum == double(t.size()));
      continue;
    }
    const bool residual = t.name.ends_with(".wo") || t.name.ends_with(".w2");
    const double deviation = residual ? 0.02 / std::sqrt(6.0) : 0.02, n = double(t.size());
    // Five standard errors of a mean and of a deviation over n numbers.
    CHECK(std::abs(sum / n) < 5 * deviation / std::sqrt(n));
    CHECK(std::sqrt(squares / n) == doctest::Approx(deviation).epsilon(5 / std::sqrt(2 * n)));
  }
}

// A fresh model's logits are sums of d products of a normed row (mean square 1) and weights of deviation
// 0.02, so their variance is 0.0004 d, and the mean loss over a uniform target is ln V + half of that.
TEST_CASE("the first loss of an 8449 model is ln 8449 + 0.0002 d_model") {
  for (const Index d : {64, 192}) {
    const ModelShape shape{8449, 64, d, 4, 2};
    Tensors weights(shape);
    initialise(weights, 3);
    const PackedWeights packed(weights, Numbers::fp32);
    Activations a(shape, 4, 64);
    const auto ids = reference::random_ids(256, 8449, 1), targets = reference::random_ids(256, 8449, 2);
    forward(a, packed, reference::flat(ids));
    loss(a, packed, reference::flat(targets));
    double sum = 0;
    for (Index i = 0; i < a.losses.size; ++i) sum += a.losses.data[i];
    CHECK(std::abs(sum / 256 - (std::log(8449.0) + 0.0002 * double(d))) < 0.05);
  }
}

TEST_CASE("reshaped activations give the same losses") {
  Tensors weights(kTiny);
  initialise(weights, 3);
  const auto ids = reference::random_ids(12, 11, 1), targets = reference::random_ids(12, 11, 2);
  const PackedWeights packed(weights, Numbers::fp32);
  const auto losses = [&](Activations& a) {
    forward(a, packed, reference::flat(ids));
    loss(a, packed, reference::flat(targets));
    return std::vector<float>(a.losses.data, a.losses.data + a.losses.size);
  };
  Activations full(kTiny, 2, 6), grown(kTiny, 1, 2);
  grown.reshape(2, 6);
  const auto want = losses(full);
  CHECK(losses(grown) == want);
  CHECK_THROWS_AS(Activations(kTiny, 1, 7), std::logic_error);
}
