#include "train/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/log.h"
#include "base/threads.h"
#include "curriculum/curriculum.h"
#include "train/checkpoint.h"
#include "train/corpus.h"
#include "train/learner.h"
#include "train/machine.h"
#include "train/progress.h"

namespace andrea {
namespace {

// One update with the rows of one micro-batch, after one that warms up; scaled to the whole batch. Its own
// weights.
double measured_step_seconds(const Config& config, const Arm& arm) {
  Learner learner(config);
  initialise(learner.weights, uint64_t(config.train.seed));
  ArmState cursor{arm.options.name, arm.fingerprint()};
  Batch batch;
  ArmReader(arm, uint64_t(config.train.seed)).read(cursor, micro_rows(config), config.model.context, batch);
  double seconds = 0;
  for (int64_t step = 1; step <= 2; ++step) {
    const auto start = std::chrono::steady_clock::now();
    learner.learn(batch, step);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  return seconds * double(config.train.batch_size) / double(micro_rows(config));
}

// Where the folder will be made.
Path nearest_existing(Path folder) {
  folder = std::filesystem::absolute(folder);
  while (!std::filesystem::exists(folder) && folder != folder.parent_path()) folder = folder.parent_path();
  return folder;
}

}  // namespace

double estimated_memory(const Config& config) {
  constexpr double kProgram = 40e6;
  const ModelShape shape = shape_of(config.model);
  const Numbers numbers = numbers_of(config.train);
  // Weights, gradients, two moments; and the copy of three of them that is being saved.
  const double floats =
      7.0 * double(parameter_count(shape)) +
      double(Activations::floats(shape, micro_rows(config), config.model.context, numbers)) +
      double(cross_entropy_floats(micro_rows(config) * shape.context, shape.vocab));
  return 4 * floats + PackedWeights::bytes(shape, numbers) + kProgram;
}

std::string check_report(const Config& config) {
  use_machine(config.train);
  const Corpus corpus = open_corpus(config, true);
  check_caps(corpus.arms);
  const std::vector<double> weights =  // with a bandit, those it begins with
      final_weights(config.curriculum, corpus.arms, std::vector<ArmState>(corpus.arms.size()));
  const double total_weight = std::accumulate(weights.begin(), weights.end(), 0.0);
  const double read =
      double(config.train.steps) * double(config.train.batch_size) * double(config.model.context);

  std::string out = fmt::format("{:<24} {:>9} {:>9} {:>12} {:>7} {:>8}\n", "arm", "documents", "held out",
                                "tokens", "share", "epochs");
  int64_t tokens = 0;
  for (size_t i = 0; i < corpus.arms.size(); ++i) {
    const TokenStore& store = corpus.arms[i].store;
    const double share = weights[i] / total_weight;
    out += fmt::format("{:<24} {:>9} {:>9} {:>12} {:>6.1f}% {:>8.2f}\n", corpus.arms[i].options.name,
                       store.documents(), store.held_out_documents(), store.tokens(), 100 * share,
                       share * read / double(std::max<int64_t>(1, store.tokens())));
    tokens += store.tokens();
  }
  const double step_seconds = measured_step_seconds(config, corpus.arms.front());
  const uint64_t checkpoint = weights_bytes(shape_of(config.model));
  // The newest ones, the best, the one with streak 0, the healthy one and the one resumed from.
  const int64_t saves =
      std::min((config.train.steps + config.cadence.every_steps - 1) / config.cadence.every_steps,
               config.checkpoint.keep + 4);
  out +=
      fmt::format("\ntokens        {} in {} arms; the run reads {:.4g}\n", tokens, corpus.arms.size(), read);
  out += fmt::format("parameters    {}\n", parameter_count(shape_of(config.model)));
  out += fmt::format("memory        about {:.2f} GB\n", estimated_memory(config) / 1e9);
  out += fmt::format("disk          {:.2f} GB a checkpoint, at most {} of them; {:.1f} GB are free in {}\n",
                     double(checkpoint) / 1e9, saves,
                     double(free_space(nearest_existing(config.run.dir))) / 1e9, config.run.dir.string());
  out +=
      fmt::format("time          about {} a step, {} in all (measured on {} threads)\n",
                  step_seconds < 10 ? fmt::format("{:.2f} s", step_seconds) : spoken_duration(step_seconds),
                  spoken_duration(step_seconds * double(config.train.steps)), threads());
  return out;
}

}  // namespace andrea
