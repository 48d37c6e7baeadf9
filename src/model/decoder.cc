#include "model/decoder.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "kernels/kernels.h"

namespace andrea {
namespace {

Mat row(std::vector<float>& v) { return {v.data(), 1, Index(v.size())}; }
Vec flat(std::vector<float>& v) { return {v.data(), Index(v.size())}; }

}  // namespace

Decoder::Decoder(const Tensors& weights) : p_(weights) {
  const ModelShape& s = p_.shape;
  const size_t C = size_t(s.d_model);
  keys_.assign(p_.layers.size(), std::vector<float>(size_t(s.context) * C));
  values_ = keys_;
  x_.resize(C), n_.resize(C), qkv_.resize(3 * C), att_.resize(C), h_.resize(4 * C),
      logits_.resize(size_t(s.vocab));
  window_.reserve(size_t(s.context));
}

void Decoder::restart() { window_.clear(); }

std::span<const float> Decoder::step(uint16_t token) {
  if (Index(window_.size()) == p_.shape.context) {
    const std::vector<uint16_t> newest(window_.begin() + int64_t(window_.size() - window_.size() / 2),
                                       window_.end());
    restart();
    for (const uint16_t old : newest) run(old);
  }
  run(token);
  float mean, rstd;
  norm(row(n_), {&mean, 1}, {&rstd, 1}, row(x_), p_.norm);
  matmul_row(flat(logits_), flat(n_), p_.head);
  return logits_;
}

void Decoder::run(uint16_t token) {
  check(token < p_.shape.vocab, "decoder: token below vocab");
  const Index t = Index(window_.size()), C = p_.shape.d_model;
  float mean, rstd;
  const auto normed = [&](CVec gain) {
    norm(row(n_), {&mean, 1}, {&rstd, 1}, row(x_), gain);
    return CVec(flat(n_));
  };
  embedding(row(x_), p_.tokens, p_.positions.block(t, 1), {&token, 1}, 1);
  for (size_t l = 0; l < p_.layers.size(); ++l) {
    const LayerTensors& w = p_.layers[l];
    matmul_row(flat(qkv_), normed(w.norm1), w.wqkv);
    std::copy_n(qkv_.data() + C, C, keys_[l].data() + t * C);
    std::copy_n(qkv_.data() + 2 * C, C, values_[l].data() + t * C);
    attention_one({att_.data(), C}, {qkv_.data(), C}, {keys_[l].data(), t + 1, C},
                  {values_[l].data(), t + 1, C}, p_.shape.n_head);
    matmul_row(flat(x_), flat(att_), w.wo, /*add=*/true);
    matmul_row(flat(h_), normed(w.norm2), w.w1);
    gelu(row(h_), row(h_));
    matmul_row(flat(x_), flat(h_), w.w2, /*add=*/true);
  }
  window_.push_back(token);
}

}  // namespace andrea
