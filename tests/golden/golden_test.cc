// A tiny GPT against PyTorch in double; the numbers come from scripts/make_golden.py.
#include <algorithm>
#include <numeric>

#include "base/files.h"
#include "base/json.h"
#include "model/decoder.h"
#include "tests/reference/gpt.h"
#include "tests/reference/gradient.h"
#include "train/learner.h"

using namespace andrea;
namespace ref = andrea::reference;

namespace {

struct Golden {
  Json json = parse_json(read_file(ANDREA_SOURCE_DIR "/tests/golden/tiny_gpt.json"), "tiny_gpt.json");
  std::vector<double> numbers(const char* key) const { return json[key].get<std::vector<double>>(); }
  std::vector<uint16_t> ids(const char* key) const { return json[key].get<std::vector<uint16_t>>(); }
  Index size(const char* key) const { return json[key].get<Index>(); }
  Config config() const {
    Config c;
    c.model = {size("d_model"), size("n_head"), size("n_layer"), size("context"), size("vocab")};
    c.train.batch_size = size("rows");
    c.train.steps = 10;
    c.schedule.warmup_steps = 0;
    c.optimizer.learning_rate = c.optimizer.min_learning_rate = json["learning_rate"].get<double>();
    c.optimizer.beta1 = json["beta1"].get<double>(), c.optimizer.beta2 = json["beta2"].get<double>();
    c.optimizer.epsilon = json["epsilon"].get<double>(),
    c.optimizer.weight_decay = json["weight_decay"].get<double>();
    c.optimizer.clip_norm = json["clip_norm"].get<double>();
    return c;
  }
  ref::GptShape shape() const {
    return {size("vocab"), size("context"), size("d_model"), size("n_head"), size("n_layer")};
  }
  void load(Tensors& weights) const {
    const auto p = numbers("parameters");
    REQUIRE(Index(p.size()) == weights.flat().size);
    std::transform(p.begin(), p.end(), weights.flat().data, [](double x) { return float(x); });
  }
};

// As in model_grad_test.cc: roundings along the longest chain, and the golden weights rounded to float.
constexpr double kTolerance = 1000 * ref::kRounding;

double greatest_of(const std::vector<double>& x) { return ref::greatest(x); }

}  // namespace

TEST_CASE("the judge agrees with PyTorch in double") {
  const Golden golden;
  const auto p = golden.numbers("parameters"), logits = golden.numbers("logits"),
             gradient = golden.numbers("gradient");
  const auto ids = golden.ids("ids"), targets = golden.ids("targets");
  const Index T = golden.size("context");
  const auto got = ref::gpt_logits(golden.shape(), p, ids, T);
  REQUIRE(got.v.size() == logits.size());
  for (size_t i = 0; i < logits.size(); ++i) CHECK(std::abs(got.v[i] - logits[i]) < 1e-12);
  CHECK(std::abs(ref::gpt_loss(golden.shape(), p, ids, targets, T) - golden.numbers("losses")[0]) < 1e-12);
  const auto loss_of = [&](const std::vector<ref::Complex>& x) {
    return ref::gpt_loss(golden.shape(), x, ids, targets, T);
  };
  ref::check_gradient("PyTorch's gradient", loss_of, p, gradient, 1e-11);
}

TEST_CASE("our model agrees with PyTorch: loss and every gradient") {
  const Golden golden;
  const Config config = golden.config();
  Tensors weights(shape_of(config.model)), grads(weights.shape);
  golden.load(weights);
  const auto ids = golden.ids("ids"), targets = golden.ids("targets");
  const auto want = golden.numbers("gradient");
  const PackedWeights packed(weights, Numbers::fp32);
  Activations a(weights.shape, config.train.batch_size, config.model.context);
  forward(a, packed, {ids.data(), Index(ids.size())});
  loss(a, packed, {targets.data(), Index(targets.size())}, &grads, 1.0f / float(ids.size()));
  backward(a, packed, {ids.data(), Index(ids.size())}, grads);
  const double mean = std::accumulate(a.losses.data, a.losses.data + a.losses.size, 0.0) / double(ids.size());
  CHECK(mean == doctest::Approx(golden.numbers("losses")[0]).epsilon(kTolerance));
  const double scale = greatest_of(want);
  for (const TensorSpec& t : tensor_table(weights.shape)) {
    INFO(t.name);
    double worst = 0;
    for (Index i = t.offset; i < t.offset + t.size(); ++i)
      worst = std::max(worst, ref::distance(grads.flat().data[i], want[size_t(i)]));
    CHECK(worst <= kTolerance * scale);
  }
}

TEST_CASE("the one-token decoder's logits agree with PyTorch") {
  const Golden golden;
  Tensors weights(shape_of(golden.config().model));
  golden.load(weights);
  const auto want = golden.numbers("logits");
  const auto ids = golden.ids("ids");
  const size_t V = size_t(golden.size("vocab")), T = size_t(golden.size("context"));
  Decoder decoder(weights);
  for (size_t n = 0; n < ids.size(); ++n) {
    if (n % T == 0) decoder.restart();
    const auto logits = decoder.step(ids[n]);
    REQUIRE(logits.size() == V);
    for (size_t i = 0; i < V; ++i)
      CHECK(ref::distance(logits[i], want[n * V + i]) <= kTolerance * greatest_of(want));
  }
}

// Adam divides by the size of the gradient: an error of kTolerance in it moves a weight by at most about
// kTolerance * learning_rate a step; over ten steps the losses stay within a few hundred roundings more.
TEST_CASE("ten losses of AdamW with clipping agree with PyTorch") {
  const Golden golden;
  const Config config = golden.config();
  Learner learner(config);
  golden.load(learner.weights);
  Batch batch{golden.ids("ids"), golden.ids("targets")};
  const auto want = golden.numbers("losses");
  CHECK(want.front() > want.back());
  for (size_t step = 0; step < want.size(); ++step) {
    INFO("step ", step + 1);
    const LearnResult got = learner.learn(batch, int64_t(step) + 1);
    CHECK(got.loss == doctest::Approx(want[step]).epsilon(kTolerance));
    CHECK(got.clipped == (got.grad_norm > config.optimizer.clip_norm));
  }
}
