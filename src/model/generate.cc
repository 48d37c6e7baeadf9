#include "model/generate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/kernels.h"
#include "model/decoder.h"

namespace andrea {
namespace {

constexpr uint16_t kUnknown = 0, kDocument = 1;

double log_sum_exp(std::span<const float> logits) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float l : logits) sum += std::exp(double(l) - top);
  return top + std::log(sum);
}

// One of the `top_k` greatest logits (0: of all), with probability proportional to exp(logit / temperature).
// Of equal logits the lower piece comes first.
uint16_t draw(std::span<const float> logits, const SamplingOptions& sampling, Rng& rng) {
  std::vector<uint16_t> pieces(logits.size() - 1);
  std::iota(pieces.begin(), pieces.end(), uint16_t(kUnknown + 1));
  const size_t wanted = sampling.temperature == 0 ? 1
                        : sampling.top_k > 0      ? size_t(sampling.top_k)
                                                  : pieces.size();
  const size_t count = std::min(wanted, pieces.size());
  std::partial_sort(
      pieces.begin(), pieces.begin() + int64_t(count), pieces.end(),
      [&](uint16_t a, uint16_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
  if (count == 1) return pieces[0];
  std::vector<double> weight(count);
  for (size_t i = 0; i < count; ++i)
    weight[i] = std::exp((double(logits[pieces[i]]) - double(logits[pieces[0]])) / sampling.temperature);
  double left = rng.uniform() * std::accumulate(weight.begin(), weight.end(), 0.0);
  for (size_t i = 0; i < count; ++i)
    if ((left -= weight[i]) < 0) return pieces[i];
  return pieces[0];  // rounding left a little over
}

}  // namespace

Generated generate(const Tensors& weights, std::span<const uint16_t> prompt, const SamplingOptions& sampling,
                   Rng rng) {
  Decoder decoder(weights);
  std::span<const float> logits = decoder.step(kDocument);
  for (const uint16_t token : prompt) logits = decoder.step(token);
  Generated out;
  double surprise = 0;
  while (int64_t(out.tokens.size()) < sampling.tokens) {
    if (!all_finite({logits.data(), Index(logits.size())})) {
      surprise = std::nan("");
      break;
    }
    const uint16_t token = draw(logits, sampling, rng);
    surprise += log_sum_exp(logits) - double(logits[token]);
    out.tokens.push_back(token);
    if (int64_t(out.tokens.size()) < sampling.tokens) logits = decoder.step(token);
  }
  out.loss = surprise / double(std::max<size_t>(1, out.tokens.size()));
  return out;
}

}  // namespace andrea
