// One update of the weights from one batch: forward, backward, clip, AdamW.
#pragma once
#include <cstdint>
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"
#include "model/gpt.h"
#include "model/params.h"

namespace andrea {

struct LearnResult {
  double loss = 0;       // mean over positions, then rows, in nats, before the update
  double grad_norm = 0;  // L2 over all parameters, before clipping
  double learning_rate = 0;
  bool clipped = false;
  bool finite = true;  // false: loss or gradient is NaN or infinite, and nothing was changed
  std::vector<double> row_losses;
};

// Rows that go through the model at once: `train.micro_batch`, or about 2048 tokens when it is 0; at most the
// batch.
int64_t micro_rows(const Config& config);

class Learner {
 public:
  explicit Learner(const Config& config);  // weights and moments are zero

  // Update number `step`, 1 for the first.
  LearnResult learn(const Batch& batch, int64_t step);

  // After all changes of the weights and before losses().
  void use_weights() { packed_.set(); }
  // In nats, of each token of `rows` rows of T tokens, without learning. Valid until the next call.
  CVec losses(CIds ids, CIds targets, Index rows, Index T);

  Tensors weights, m, v;  // v: AdamW's mean of squares, m: of gradients

 private:
  void accumulate(const Batch& batch, std::vector<double>& row_losses);
  void update(double gradient_scale, double learning_rate, int64_t step);

  const Config& config_;
  Tensors grads_;
  PackedWeights packed_;
  Activations acts_;
};

}  // namespace andrea
