#include "train/learner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "kernels/kernels.h"
#include "train/machine.h"
#include "train/schedule.h"

namespace andrea {

int64_t micro_rows(const Config& config) {
  constexpr int64_t kTokens = 2048;  // enough for full-speed products, few enough for the caches
  const int64_t wanted =
      config.train.micro_batch > 0 ? config.train.micro_batch : kTokens / config.model.context;
  return std::clamp<int64_t>(wanted, 1, config.train.batch_size);
}

Learner::Learner(const Config& config)
    : weights(shape_of(config.model)),
      m(weights.shape),
      v(weights.shape),
      config_(config),
      grads_(weights.shape),
      packed_(weights, numbers_of(config.train)),
      acts_(weights.shape, micro_rows(config), config.model.context, packed_.numbers) {}

LearnResult Learner::learn(const Batch& batch, int64_t step) {
  LearnResult result;
  accumulate(batch, result.row_losses);
  result.loss = std::accumulate(result.row_losses.begin(), result.row_losses.end(), 0.0) /
                double(result.row_losses.size());
  result.grad_norm = std::sqrt(sum_of_squares(grads_.flat()));
  result.learning_rate = learning_rate(config_, step);
  result.finite = std::isfinite(result.loss) && std::isfinite(result.grad_norm);
  if (!result.finite) return result;

  const double limit = config_.optimizer.clip_norm;
  result.clipped = limit > 0 && result.grad_norm > limit;
  update(result.clipped ? limit / result.grad_norm : 1.0, result.learning_rate, step);
  return result;
}

// The gradient of the mean loss of the whole batch, and the mean loss of each row.
void Learner::accumulate(const Batch& batch, std::vector<double>& row_losses) {
  const Index T = config_.model.context, rows = Index(batch.inputs.size()) / T;
  check(rows >= 1 && rows * T == Index(batch.inputs.size()), "a batch is whole rows");
  use_weights();
  grads_.zero();
  for (Index from = 0; from < rows; from += micro_rows(config_)) {
    const Index some = std::min(micro_rows(config_), rows - from);
    const CIds inputs(batch.inputs.data() + from * T, some * T),
        targets(batch.targets.data() + from * T, some * T);
    acts_.reshape(some, T);
    forward(acts_, packed_, inputs);
    loss(acts_, packed_, targets, &grads_, float(1.0 / double(rows * T)));
    backward(acts_, packed_, inputs, grads_);
    for (Index r = 0; r < some; ++r) {
      const float* nats = acts_.losses.data + r * T;
      row_losses.push_back(std::accumulate(nats, nats + T, 0.0) / double(T));
    }
  }
}

CVec Learner::losses(CIds ids, CIds targets, Index rows, Index T) {
  acts_.reshape(rows, T);
  forward(acts_, packed_, ids);
  loss(acts_, packed_, targets);
  return acts_.losses;
}

void Learner::update(double gradient_scale, double rate, int64_t step) {
  const OptimizerOptions& o = config_.optimizer;
  for (const TensorSpec& t : tensor_table(weights.shape)) {
    const AdamWStep how{float(rate),
                        float(o.beta1),
                        float(o.beta2),
                        float(o.epsilon),
                        float(t.decay ? o.weight_decay : 0.0),
                        float(gradient_scale),
                        step};
    adamw(weights.flat().slice(t.offset, t.size()), m.flat().slice(t.offset, t.size()),
          v.flat().slice(t.offset, t.size()), grads_.flat().slice(t.offset, t.size()), how);
  }
}

}  // namespace andrea
