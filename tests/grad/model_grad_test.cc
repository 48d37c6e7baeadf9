// The gradient of the whole float model, element by element, against the complex step of the naive one.
#include "model/gpt.h"
#include "tests/reference/gpt.h"
#include "tests/reference/gradient.h"

using namespace andrea;
namespace ref = andrea::reference;

namespace {

constexpr ref::GptShape kShape{13, 6, 8, 2, 2};

std::vector<float> random_parameters() {
  std::vector<float> p;
  for (const TensorSpec& t :
       tensor_table({kShape.vocab, kShape.context, kShape.d_model, kShape.n_head, kShape.n_layer})) {
    const auto values = ref::random(t.rows, t.cols, uint32_t(p.size()), 0.3);
    for (const float x : values.v) p.push_back(t.decay ? x : 1 + x);
  }
  return p;
}

struct ModelCase {
  Index rows, T;
  std::vector<float> parameters = random_parameters();
  std::vector<uint16_t> ids = ref::random_ids(rows * T, kShape.vocab, 1);
  std::vector<uint16_t> targets = ref::random_ids(rows * T, kShape.vocab, 2);

  // Loss and gradient of the float model, `micro` rows at a time.
  double run(Index micro, std::vector<float>& gradient, Numbers numbers = Numbers::fp32) const {
    Tensors p({kShape.vocab, kShape.context, kShape.d_model, kShape.n_head, kShape.n_layer}), g(p.shape);
    std::copy(parameters.begin(), parameters.end(), p.flat().data);
    const PackedWeights packed(p, numbers);
    Activations a(p.shape, micro, T, numbers);
    double sum = 0;
    for (Index from = 0; from < rows; from += micro) {
      const CIds in(ids.data() + from * T, micro * T), out(targets.data() + from * T, micro * T);
      forward(a, packed, in);
      loss(a, packed, out, &g, 1.0f / float(rows * T));
      backward(a, packed, in, g);
      for (Index i = 0; i < micro * T; ++i) sum += a.losses.data[i];
    }
    gradient.assign(g.flat().data, g.flat().data + g.flat().size);
    return sum / double(rows * T);
  }
};

// Rounding grows along the longest chain of operations: 2 layers of about 40 dependent float operations each
// way, each with sums of 6 to 32 terms. 1000 roundings are a generous bound and a thousandth of any missing
// term.
constexpr double kTolerance = 1000 * ref::kRounding;

}  // namespace

TEST_CASE("the whole model's gradient is the complex step's, for whole and for short rows") {
  for (const Index T : {kShape.context, Index(4)}) {
    const ModelCase c{2, T};
    const auto loss_of = [&](const std::vector<ref::Complex>& p) {
      return ref::gpt_loss(kShape, p, c.ids, c.targets, T);
    };
    std::vector<float> gradient;
    const double loss = c.run(2, gradient);
    const std::vector<double> x(c.parameters.begin(), c.parameters.end());
    CHECK(loss == doctest::Approx(ref::gpt_loss(kShape, x, c.ids, c.targets, T)).epsilon(kTolerance));
    ref::check_gradient("whole model", loss_of, x, gradient, kTolerance);
  }
}

TEST_CASE("two micro-batches give the gradient of one batch") {
  const ModelCase c{2, kShape.context};
  std::vector<float> one, two;
  c.run(2, one);
  c.run(1, two);
  double greatest = 0;
  for (const float x : one) greatest = std::max(greatest, std::abs(double(x)));
  for (size_t i = 0; i < one.size(); ++i) CHECK(std::abs(one[i] - two[i]) <= kTolerance * greatest);
}

TEST_CASE("gradients are the same bits for 1, 2 and 4 threads") {
  const ModelCase c{2, kShape.context};
  for (const Numbers numbers : {Numbers::fp32, Numbers::bf16})
    ref::check_same_for_threads([&] {
      std::vector<float> gradient;
      c.run(2, gradient, numbers);
      return gradient;
    });
}

// Each activation and each gradient between kernels is rounded by at most 2^-8, some 20 times a layer each
// way, with random signs: some percent of a gradient's length, which leaves its direction within a few
// degrees.
TEST_CASE("the gradient of the bf16 model has the direction and the size of the float one's") {
  const ModelCase c{2, kShape.context};
  std::vector<float> fp32, bf16;
  const double loss = c.run(2, fp32), rounded_loss = c.run(2, bf16, Numbers::bf16);
  CHECK(rounded_loss != loss);
  CHECK(std::abs(rounded_loss - loss) < 0.01 * loss);
  Index at = 0;
  for (const TensorSpec& t :
       tensor_table({kShape.vocab, kShape.context, kShape.d_model, kShape.n_head, kShape.n_layer})) {
    INFO(t.name);
    double both = 0, a = 0, b = 0;
    for (const Index end = at + t.size(); at < end; ++at) {
      both += double(fp32[size_t(at)]) * double(bf16[size_t(at)]);
      a += double(fp32[size_t(at)]) * double(fp32[size_t(at)]);
      b += double(bf16[size_t(at)]) * double(bf16[size_t(at)]);
    }
    CHECK(both / std::sqrt(a * b) > 0.995);
    CHECK(std::sqrt(b / a) == doctest::Approx(1).epsilon(0.05));
  }
}
