#include "train/keeper.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/kernels.h"

namespace andrea {
namespace {

void copy(Tensors& to, const Tensors& from) {
  parallel_pieces(from.flat().size, 1 << 18, [&](Index begin, Index end) {
    std::memcpy(to.flat().data + begin, from.flat().data + begin, size_t(end - begin) * sizeof(float));
  });
}

// All signals are blocked in this thread, and in those that it starts, until the end of the scope.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_;
};

bool contains(const auto& list, const auto& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::vector<int64_t> steps_to_remove(const std::vector<int64_t>& steps, int64_t keep,
                                     const std::vector<int64_t>& precious) {
  std::vector<int64_t> gone;
  for (size_t i = 0; i + size_t(keep) < steps.size(); ++i)
    if (!contains(precious, steps[i])) gone.push_back(steps[i]);
  return gone;
}

Keeper::Keeper(const RunFolder& folder, const Config& config, const Tokenizer& tokenizer,
               std::optional<int64_t> resumed_from)
    : folder_(folder), config_(config), tokenizer_(tokenizer), resumed_from_(resumed_from) {}

Keeper::~Keeper() {
  if (writing_.valid()) writing_.wait();
}

Saved Keeper::save(const Learner& learner, const TrainState& state,
                   const std::function<void(const Saved&)>& note, RunLog& log) {
  check(!writing_.valid(), "the save before was waited for");
  for (const Tensors* t : {&learner.weights, &learner.m, &learner.v})
    if (!all_finite(t->flat()))
      throw Error(
          fmt::format("step {}: weights or moments are not finite, so they are not saved", state.step),
          "the last checkpoint is as it was, but a plain --resume meets the same numbers again: find the "
          "cause (learning rate? clipping? text?) and remove it by --set GROUP.KEY=VALUE",
          kExitNonFinite);
  const ModelShape& shape = learner.weights.shape;
  if (!snapshot_) snapshot_.reset(new Snapshot{Tensors(shape), Tensors(shape), Tensors(shape), {}});
  Snapshot& s = *snapshot_;
  copy(s.weights, learner.weights), copy(s.m, learner.m), copy(s.v, learner.v);
  const Saved saved{folder_.weights(state.step).filename().string(), int64_t(weights_bytes(shape)),
                    weights_checksum(state.step, s.weights, s.m, s.v).hex(),
                    state.best_step == state.step && state.best_loss.has_value()};
  note(saved);
  s.record = {};
  s.record.version = ANDREA_VERSION;
  s.record.file = saved.file, s.record.bytes = saved.bytes, s.record.checksum = saved.checksum;
  s.record.parameters = parameter_count(shape);
  s.record.log_offset = int64_t(log.offset()), s.record.log_checksum = log.checksum().hex();
  s.record.tokenizer = tokenizer_.fingerprint().hex();
  s.record.config = dump_config(config_);
  s.record.state = state;
  const WithoutSignals here;  // the thread inherits it: signals are for the one that trains
  writing_ = std::async(std::launch::async, [this, &log] { write(log); });
  return saved;
}

void Keeper::write(RunLog& log) {
  const Snapshot& s = *snapshot_;
  const Written bin = write_weights(folder_, s.record.state.step, s.weights, s.m, s.v);
  check(bin.checksum.hex() == s.record.checksum, "what was written is what was copied");
  log.sync();
  write_record(folder_, s.record);
}

std::optional<TrainState> Keeper::finished(bool wait) {
  const bool done =
      writing_.valid() && (wait || writing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
  if (!done) return std::nullopt;
  writing_.get();
  return snapshot_->record.state;
}

std::vector<Alarm> Keeper::rotate(const TrainState& state) {
  std::vector<int64_t> precious{state.step, state.best_step, state.gate.calm_step, state.gate.healthy_step};
  if (resumed_from_) precious.push_back(*resumed_from_);
  std::vector<Path> files = std::move(stuck_);
  stuck_.clear();
  const size_t tried_before = files.size();
  for (const int64_t step : steps_to_remove(folder_.steps(), config_.checkpoint.keep, precious))
    // The record last: killed in between, its step is seen and removed next time, and no large file stays
    // behind.
    for (const Path& file : {folder_.weights(step), folder_.record(step)})
      if (!contains(files, file)) files.push_back(file);
  std::vector<Alarm> alarms;
  for (size_t i = 0; i < files.size(); ++i) {
    std::error_code error;
    std::filesystem::remove(files[i], error);
    if (!error) continue;
    stuck_.push_back(files[i]);
    if (i >= tried_before)
      alarms.push_back({"disk", fmt::format("the old checkpoint {} cannot be removed: {}; it is tried again",
                                            files[i].string(), error.message())});
  }
  return alarms;
}

}  // namespace andrea
