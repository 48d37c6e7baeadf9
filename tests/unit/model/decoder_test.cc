#include "model/decoder.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "model/gpt.h"
#include "tests/reference/gpt.h"

using namespace andrea;
namespace ref = andrea::reference;

namespace {

constexpr ModelShape kShape{11, 6, 8, 2, 2};
constexpr ref::GptShape kRefShape{11, 6, 8, 2, 2};

// The judge's logits after the last of `ids`, read from position 0.
std::vector<double> judged(const Tensors& weights, const std::vector<uint16_t>& ids) {
  const std::vector<double> p(weights.flat().data, weights.flat().data + weights.flat().size);
  const auto all = ref::gpt_logits(kRefShape, p, ids, Index(ids.size()));
  return {all.v.end() - kShape.vocab, all.v.end()};
}

}  // namespace

// 1000 roundings along the longest chain, as for the whole model's gradient.
TEST_CASE("past its window the decoder reads the newest half again from position 0") {
  Tensors weights(kShape);
  initialise(weights, 5);
  const auto ids = ref::random_ids(20, 11, 9);
  Decoder decoder(weights);
  std::vector<uint16_t> window;
  for (const uint16_t id : ids) {
    if (Index(window.size()) == kShape.context) window.erase(window.begin(), window.begin() + 3);
    window.push_back(id);
    const auto logits = decoder.step(id);
    CHECK(decoder.position() == int64_t(window.size()));
    const auto want = judged(weights, window);
    for (size_t i = 0; i < want.size(); ++i)
      CHECK(std::abs(logits[i] - want[i]) < 1000 * 0x1p-24 * (1 + std::abs(want[i])));
  }
}

TEST_CASE("a restarted decoder remembers nothing") {
  Tensors weights(kShape);
  initialise(weights, 5);
  Decoder decoder(weights);
  const auto first = decoder.step(3);
  const std::vector<float> want(first.begin(), first.end());
  decoder.step(4);
  decoder.restart();
  const auto again = decoder.step(3);
  CHECK(std::vector<float>(again.begin(), again.end()) == want);
  CHECK_THROWS_AS(decoder.step(11), std::logic_error);
}
