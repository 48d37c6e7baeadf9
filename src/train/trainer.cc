#include "train/trainer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <numbers>

#include "base/error.h"
#include "base/log.h"
#include "curriculum/curriculum.h"
#include "gate/gate.h"
#include "gate/tracker.h"
#include "record/run_log.h"
#include "train/corpus.h"
#include "train/evaluate.h"
#include "train/halt_report.h"
#include "train/keeper.h"
#include "train/learner.h"
#include "train/machine.h"
#include "train/publish.h"
#include "train/resume.h"
#include "train/sampler.h"
#include "train/set_aside.h"
#include "train/signals.h"
#include "train/start.h"

namespace andrea {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class Trainer {
 public:
  explicit Trainer(const TrainRequest& request);
  int run();

 private:
  int train_until_done();
  void start_or_resume();
  std::optional<int> over(std::optional<Verdict> halted) const;
  void begin();
  int say_halted(Verdict verdict) const;
  size_t choose();
  std::optional<int> learn();
  int refuse(const LearnResult& result, int64_t step, const std::string& arm);
  void look();
  bool listen();
  void keep();
  void settle(bool wait);
  int halt(Verdict verdict);
  int end(const char* reason, int exit_code);
  void note(Happening what) {
    const Event event{state_.step, time_now(), std::move(what)};
    log_->append(event);
    published_->add(event);
  }
  void raise(const Alarm& alarm) {
    progress_->finish();
    warn("{}", alarm.message);
    note(alarm);
  }
  bool due() const {
    return state_.step % config_.cadence.every_steps == 0 || state_.step == config_.train.steps ||
           loss_halts();
  }
  bool loss_halts() const { return halts(state_.rise, config_.gate); }

  const TrainRequest& request_;
  const Config& config_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  RunFolder folder_;
  ClaimedFolder claimed_;
  Corpus corpus_;
  std::vector<ArmReader> readers_;
  Learner learner_;
  std::unique_ptr<Evaluator> evaluator_;
  TrainState state_;
  std::unique_ptr<RunLog> log_;
  std::unique_ptr<Published> published_;
  std::unique_ptr<Keeper> keeper_;
  size_t last_arm_ = 0;  // of the last step
  ResumePoint point_;
  std::optional<int64_t> resumed_from_;
  int64_t saved_step_ = -1;
  std::optional<SignalWatch> signals_;  // from when there is something to save
  std::unique_ptr<Progress> progress_;
  Batch batch_;
};

// --- the loop ---

// Learn, look, listen, keep, decide: each verb is one call.
int Trainer::train_until_done() {
  int signal = 0;
  while (state_.step < config_.train.steps && signal == 0) {
    if (const auto failed = learn()) return *failed;
    settle(false);
    const bool asked = signals_->take_save_request();
    const bool now = due();
    if (now) look();
    const bool gate_halts = now && listen();
    if (now || asked) keep();
    if (gate_halts) return halt(Verdict::by_gate);
    if (loss_halts()) return halt(Verdict::by_loss);
    signal = request_.stop_after ? request_.stop_after(state_.step) : 0;
    if (signal == 0) signal = signals_->stop();
  }
  if (saved_step_ != state_.step) keep();
  if (signal == 0) return end("done", kExitDone);
  const int code = end("signal", 128 + signal);
  info("stopped by signal {} at step {}; the run goes on with --resume", signal, state_.step);
  return code;
}

// One update. An exit code when the numbers were not finite: then nothing was changed.
std::optional<int> Trainer::learn() {
  const auto began = std::chrono::steady_clock::now();
  const int64_t step = state_.step + 1;
  const size_t arm = choose();
  ArmState read = state_.arms[arm];
  StepDone done;
  done.arm = read.name;
  done.epoch = read.epoch;
  last_arm_ = arm;
  readers_[arm].read(read, config_.train.batch_size, config_.model.context, batch_);

  const LearnResult result = learner_.learn(batch_, step);
  if (!result.finite) return refuse(result, step, done.arm);
  state_.step = step;
  state_.arms[arm] = read;
  const double bits = result.loss * double(batch_.targets.size()) / std::numbers::ln2;
  fold(config_.curriculum,
       {arm, done.epoch, result.loss,
        bits / double(std::max<int64_t>(1, corpus_.tokenizer->bytes(batch_.targets))),
        state_.tracker.points > 0 ? std::optional(state_.tracker.ema) : std::nullopt},
       state_.arms, state_.bandit.progress);
  state_.tokens += int64_t(batch_.inputs.size());
  state_.tracker = fold(state_.tracker, config_.loss.ema_alpha, step, result.loss);
  state_.rise = fold(state_.rise, config_.gate, state_.tracker, step);

  done.loss = result.loss, done.ema = state_.tracker.ema, done.lr = result.learning_rate;
  done.grad_norm = result.grad_norm, done.clipped = result.clipped;
  done.tokens = int64_t(batch_.inputs.size());
  done.row_losses = result.row_losses;
  done.seconds = seconds_since(began);
  note(done);
  progress_->step(step, done);
  if (const int64_t most = config_.curriculum.max_epochs; most > 0 && done.epoch < most && read.epoch >= most)
    raise(over_read(read.name, read.epoch, most));
  if (state_.rise.spoke_at == step && config_.gate.loss_signal != LossSignal::off)
    raise({"loss_rise", loss_rise_sentence(state_, config_.gate)});
  return std::nullopt;
}

// The numbers of `step` are not finite: it is not made. The exit code.
int Trainer::refuse(const LearnResult& result, int64_t step, const std::string& arm) {
  progress_->finish();
  settle(true);  // what is saved is said below
  const std::string what = non_finite_sentence(step, arm, result);
  say(Level::error, non_finite_report(folder_, what));
  note(Alarm{"non_finite", what});
  note(Halt{"non_finite", 0, {}});
  return end("non_finite", kExitNonFinite);
}

// The arm of the next step; the bandit throws its dice first when it is time.
size_t Trainer::choose() {
  const int64_t step = state_.step + 1;
  const uint64_t seed = uint64_t(config_.train.seed);
  if (const auto focus = refocus(config_.curriculum, corpus_.arms, seed, step, state_.arms, state_.bandit))
    note(*focus);
  return choose_arm(config_.curriculum, corpus_.arms, state_.arms, seed, step);
}

void Trainer::look() {
  const EvalDone done = evaluator_->evaluate(learner_);
  note(done);
  fold(config_.curriculum, done.arms, state_.arms, state_.bandit.progress);
  if (!std::isfinite(done.loss)) {
    std::vector<std::string> arms;
    for (const auto& [name, arm] : done.arms)
      if (!std::isfinite(arm.loss)) arms.push_back(name);
    raise({"non_finite", fmt::format("step {}: the held-out loss of {} is not finite", state_.step,
                                     fmt::join(arms, ", "))});
  } else if (!state_.best_loss || done.loss < *state_.best_loss) {
    state_.best_loss = done.loss, state_.best_step = state_.step;
  }
  progress_->eval(state_.step, done);
}

// A sample is text to be read: by the gate, and by people. True when the gate halts the run because of it.
bool Trainer::listen() {
  if (!config_.sampling.enabled) return false;
  const Arm& arm = corpus_.arms[last_arm_];
  const std::string prompt = sample_prompt(config_, arm, *corpus_.tokenizer, state_.step);
  SampleDone done = write_sample(learner_.weights, *corpus_.tokenizer, prompt, config_.sampling,
                                 config_.train.seed, state_.step);
  done.arm = arm.options.name, done.domain = arm.options.domain;
  state_.gate = fold(state_.gate, config_.gate, {state_.step, "", done});
  done.streak = state_.gate.streak;
  note(done);
  progress_->sample(state_.step, done);
  if (!std::isfinite(done.loss))
    raise({"non_finite", fmt::format("step {}: the loss of the sample is not finite", state_.step)});
  else if (done.loss < kMemorisedLoss)
    raise({"memorised",
           fmt::format("step {}: the loss of the sample is {:.3f}, under {:.2f}: check whether the model "
                       "is generating or copying",
                       state_.step, done.loss, kMemorisedLoss)});
  return done.judged && halts(state_.gate, config_.gate);
}

void Trainer::keep() {
  const auto began = std::chrono::steady_clock::now();
  settle(true);  // one save at a time
  const Saved saved = keeper_->save(
      learner_, state_, [&](const Saved& s) { note(s); }, *log_);
  saved_step_ = state_.step;
  progress_->saved(state_.step, saved, seconds_since(began));
  published_->write(published_arms(config_, corpus_.arms, state_, *published_));
}

// When a checkpoint has been written meanwhile, an old one may go.
void Trainer::settle(bool wait) {
  if (const auto state = keeper_->finished(wait))
    for (const Alarm& alarm : keeper_->rotate(*state)) raise(alarm);
}

int Trainer::halt(Verdict verdict) {
  settle(true);
  const char* reason = verdict == Verdict::by_gate ? "gate" : "loss_signal";
  note(Halt{reason, state_.gate.streak, state_.gate.scores});
  progress_->finish();
  return end(reason, say_halted(verdict));
}

int Trainer::say_halted(Verdict verdict) const {
  say(Level::error, verdict == Verdict::by_gate ? halt_report(folder_, state_.gate, config_.gate)
                                                : loss_halt_report(folder_, state_, config_.gate));
  return kExitHalted;
}

int Trainer::end(const char* reason, int exit_code) {
  progress_->finish();
  settle(true);
  note(RunEnd{reason, exit_code, seconds_since(start_)});
  log_->sync();
  return exit_code;
}

// --- before the loop ---

Trainer::Trainer(const TrainRequest& request)
    : request_(request),
      config_(request.config),
      folder_{config_.run.folder()},
      claimed_(folder_),
      learner_(config_) {
  if (folder_.occupied() && !request.resume)
    throw usage_error(fmt::format("{} already holds a run", folder_.dir.string()),
                      "go on with it with --resume, or choose another run folder (run.name, --run)");
  corpus_ = open_corpus(config_, request.progress != ProgressMode::none);
  check_caps(corpus_.arms);
  for (const Arm& arm : corpus_.arms) readers_.emplace_back(arm, uint64_t(config_.train.seed));
  evaluator_ = std::make_unique<Evaluator>(config_, corpus_.arms, *corpus_.tokenizer);
}

// Loads or draws the weights. Everything that can refuse comes here, before anything in the folder changes.
void Trainer::start_or_resume() {
  if (request_.resume)
    point_ = load_checkpoint(folder_, request_.resume_step, config_, *corpus_.tokenizer, learner_);
  if (point_.record) {
    resumed_from_ = saved_step_ = point_.record->state.step;
  } else if (!request_.init.empty()) {
    read_old_weights(request_.init, learner_.weights);
  } else {
    const auto first = folder_.occupied() ? first_event(folder_.log()) : std::nullopt;
    if (const auto* start = first ? std::get_if<RunStart>(&first->what) : nullptr;
        start && !start->init.empty())
      throw usage_error(
          fmt::format("this run began with --init {}, and nothing of it is saved yet", start->init),
          "begin it anew in another folder, with --init");
    initialise(learner_.weights, uint64_t(config_.train.seed));
  }
  state_ = state_to_go_on_with(point_, config_, corpus_.arms, request_.accept_changed_text);
}

// The exit code of a run that is over already and whose log says so: then nothing in its folder changes.
std::optional<int> Trainer::over(std::optional<Verdict> halted) const {
  if (!resumed_from_ || !folder_.occupied()) return std::nullopt;
  const auto last = last_event(folder_.log());
  const auto* end = last ? std::get_if<RunEnd>(&last->what) : nullptr;
  if (!end || last->step != state_.step) return std::nullopt;
  if (halted && end->exit_code == kExitHalted) return say_halted(*halted);
  if (end->exit_code != kExitDone || state_.step < config_.train.steps) return std::nullopt;
  info("all {} steps are done already; set train.steps higher to go on", config_.train.steps);
  return kExitDone;
}

void Trainer::begin() {
  for (const Alarm& alarm : point_.alarms) warn("{}", alarm.message);
  if (request_.resume && !point_.record)
    warn("{} {}: the run starts at step 0",
         claimed_.is_new() ? "there was no run folder" : "nothing is saved yet in", folder_.dir.string());
  claimed_.keep();
  set_aside_what_follows(folder_, point_.record);
  write_atomically(folder_.config(), dump_config(config_));
  published_ = std::make_unique<Published>(folder_, config_.run.name);  // before the log is open: reads it
  log_ = std::make_unique<RunLog>(folder_.log());
  keeper_ = std::make_unique<Keeper>(folder_, config_, *corpus_.tokenizer, resumed_from_);
  sync_folder(folder_.dir);

  const RunStart start = run_start(
      config_, corpus_, {resumed_from_, point_.changed, request_.init.string(), point_.text_changed});
  note(start);
  for (const Alarm& alarm : point_.alarms) note(alarm);
  progress_ = std::make_unique<Progress>(request_.progress, config_, state_.step);
  say_what_begins(config_, start, request_.progress == ProgressMode::none);
  if (resumed_from_)
    for (const Alarm& alarm : keeper_->rotate(state_))
      raise(alarm);                    // a smaller checkpoint.keep makes room now
  if (!request_.init.empty()) keep();  // nobody else could make these weights again
}

int Trainer::run() {
  start_or_resume();
  const auto halted = request_.resume_step ? std::nullopt : standing_verdict(point_);
  if (const auto code = over(halted)) return *code;
  begin();
  if (halted) return halt(*halted);
  // It was asked to go on: the loss signal has spoken, and may speak again after its patience.
  const bool asked =
      halts(state_.rise, point_.before.gate) || (request_.resume_step && halts(state_.rise, config_.gate));
  if (asked) state_.rise = without_stretch(state_.rise);
  signals_.emplace();
  if (resumed_from_ && state_.step >= config_.train.steps) {
    info("all {} steps are done already; set train.steps higher to go on", config_.train.steps);
    return end("done", kExitDone);
  }
  try {
    return train_until_done();
  } catch (const Error& e) {
    progress_->finish();
    const bool numbers = e.exit_code == kExitNonFinite;
    try {  // the log may lie on the disk that is full
      note(Alarm{numbers ? "non_finite" : "disk", e.what()});
      if (numbers) note(Halt{"non_finite", 0, {}});
      end(numbers ? "non_finite" : "error", e.exit_code);
    } catch (const Error&) {
    }
    throw;
  }
}

}  // namespace

int train(const TrainRequest& request) {
  use_machine(request.config.train);
  return Trainer(request).run();
}

}  // namespace andrea
