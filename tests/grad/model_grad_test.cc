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
  double run(Index micro, std::vector<float>& gradient) const {
    Tensors p({kShape.vocab, kShape.context, kShape.d_model, kShape.n_head, kShape.n_layer}), g(p.shape);
    std::copy(parameters.begin(), parameters.end(), p.flat().data);
    Activations a(p.shape, micro, T);
    double sum = 0;
    for (Index from = 0; from < rows; from += micro) {
      const CIds in(ids.data() + from * T, micro * T), out(targets.data() + from * T, micro * T);
      forward(a, p, in);
      loss(a, p, out, &g, 1.0f / float(rows * T));
      backward(a, p, in, g);
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
  ref::check_same_for_threads([&] {
    std::vector<float> gradient;
    c.run(2, gradient);
    return gradient;
  });
}
