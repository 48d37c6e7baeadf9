#include "replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>

#include "base/error.h"
#include "base/utf8.h"
#include "config/config.h"
#include "gate/coherence.h"
#include "gate/gate.h"
#include "gate/loss_rise.h"
#include "gate/tracker.h"
#include "replay/gather.h"

namespace andrea {
namespace {

constexpr size_t kTexts = 2000, kTextBytes = 400;
constexpr int64_t kWorthARemark = 50;                           // points
constexpr double kSparse = 10.5;                                // steps between losses
constexpr size_t kBatchBytes = size_t{4} << 20, kBatch = 4096;  // of samples that are scored together

bool is_of_replay(std::string_view option) {
  return option.starts_with("gate.") || option == "loss.ema_alpha";
}

std::optional<int64_t> steps_of(const std::vector<std::pair<std::string, std::string>>& options) {
  for (const auto& [name, value] : options) {
    int64_t steps = 0;
    if (name == "train.steps" &&
        std::from_chars(value.data(), value.data() + value.size(), steps).ec == std::errc())
      return steps;
  }
  return std::nullopt;
}

int64_t characters_of(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (uint8_t(c) & 0xC0) != 0x80; });
}

std::string beginning_of(const std::string& text) {
  size_t end = std::min(text.size(), kTextBytes);
  while (end < text.size() && end > 0 && (uint8_t(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

class Replay::Fold {
 public:
  explicit Fold(const ReplayRequest& request) : request_(request) { set_options({}); }

  void add(Observation&& observation) {
    if (auto* point = std::get_if<LossPoint>(&observation)) {
      add_point(*point);
    } else if (auto* sample = std::get_if<WrittenSample>(&observation)) {
      if (sample->text.empty() && !sample->ids.empty() && !request_.decode) {
        ++pieces_;  // nobody can read them: no sample
        return;
      }
      waiting_bytes_ += sample->text.size();
      waiting_.push_back(std::move(*sample));
      if (waiting_.size() == kBatch || waiting_bytes_ > kBatchBytes) score_waiting();
    } else if (auto* options = std::get_if<LoggedOptions>(&observation)) {
      score_waiting();  // by the options they were written under
      set_options(options->options);
      if (options->text_changed && last_point_) rise_ = with_other_text(tracker_, *last_point_);
    } else if (auto* planned = std::get_if<PlannedSteps>(&observation)) {
      report_.total_steps = planned->steps;
    }
  }

  SourceReport finish();

 private:
  void set_options(const std::vector<std::pair<std::string, std::string>>& logged);
  void add_point(const LossPoint& point);
  void add_sample(const WrittenSample& sample, const Score& score);
  void score_waiting();
  void halt_by_loss();
  void see_step(int64_t step) {
    const bool first = report_.points + report_.samples == 0;
    report_.first_step = first ? step : std::min(report_.first_step, step);
    report_.last_step = first ? step : std::max(report_.last_step, step);
  }

  const ReplayRequest request_;
  SourceReport report_;
  double alpha_ = 0.01;
  LossTracker tracker_;
  LossRise rise_;
  GateState gate_;
  Pace pace_;
  Curve curve_;
  Spread<SampleText> texts_{kTexts};
  std::deque<SampleText> streak_;
  std::vector<WrittenSample> waiting_;
  size_t waiting_bytes_ = 0;
  int64_t not_finite_ = 0, restarts_ = 0, sample_restarts_ = 0, other_scores_ = 0, numbered_ = 0, pieces_ = 0;
  std::optional<int64_t> last_point_, last_sample_, last_good_;
  std::string unusable_options_;
};

// What the log says of the gate, as far as it can be used, then what was asked for: read as any config is.
void Replay::Fold::set_options(const std::vector<std::pair<std::string, std::string>>& logged) {
  const std::vector<OptionValue> known = list_options(Config{});
  const auto is_known = [&](const std::string& name) {
    return std::any_of(known.begin(), known.end(),
                       [&](const OptionValue& option) { return option.key == name; });
  };
  std::vector<std::string> sets;
  for (const auto& [name, value] : logged)
    if (is_of_replay(name) && is_known(name)) sets.push_back(name + "=" + value);
  // A config needs a text; which one does not matter here.
  const auto parsed = [&] {
    return parse_config("arms: [{name: log, path: log.txt}]\n", "the log", sets, Demand::nothing_on_disk);
  };
  try {
    parsed();
    if (!sets.empty()) report_.gate_source = "log";
  } catch (const Error& error) {
    unusable_options_ = error.what();
    if (unusable_options_.starts_with("--set ")) unusable_options_.erase(0, 6);
    sets.clear();
  }
  if (!request_.sets.empty()) report_.gate_source = "set";
  for (const std::string& set : request_.sets) {
    if (!is_of_replay(set.substr(0, set.find('='))))
      throw usage_error("--set " + set + ": a replay has gate.* and loss.ema_alpha alone");
    sets.push_back(set);
  }
  const Config config = parsed();
  if (!logged.empty()) report_.total_steps = steps_of(logged);
  report_.gate = config.gate, alpha_ = config.loss.ema_alpha;
}

void Replay::Fold::add_point(const LossPoint& point) {
  if (point.step < 0) ++numbered_;
  const int64_t step = point.step >= 0 ? point.step : last_point_.value_or(0) + 1;
  if (last_point_ && step <= *last_point_) ++restarts_;
  last_point_ = step;
  see_step(step);
  ++report_.points;
  if (point.time)
    pace_.add(step, *point.time);
  else if (point.seconds)
    pace_.add_duration(*point.seconds);
  if (!std::isfinite(point.loss)) {
    ++not_finite_;
    return;
  }
  tracker_ = fold(tracker_, alpha_, step, point.loss);
  rise_ = fold(rise_, report_.gate, tracker_, step);
  if (rise_.spoke_at > 0 && !report_.signal_step) report_.signal_step = rise_.spoke_at;
  curve_.add(step, point.loss, tracker_.ema);
}

void Replay::Fold::score_waiting() {
  std::vector<Score> scores(waiting_.size());
#pragma omp parallel for schedule(dynamic, 8)
  for (size_t i = 0; i < waiting_.size(); ++i) {
    WrittenSample& sample = waiting_[i];
    if (sample.text.empty() && !sample.ids.empty() && request_.decode)
      sample.text = request_.decode(sample.ids);
    sample.text = valid_utf8(sample.text);
    scores[i] = coherence_score(sample.text);
  }
  for (size_t i = 0; i < waiting_.size(); ++i) add_sample(waiting_[i], scores[i]);
  waiting_.clear();
  waiting_bytes_ = 0;
}

void Replay::Fold::add_sample(const WrittenSample& sample, const Score& score) {
  if (last_sample_ && sample.step <= *last_sample_) ++sample_restarts_;
  last_sample_ = sample.step;
  see_step(sample.step);
  ++report_.samples;
  const bool judged = sample.tokens         ? *sample.tokens >= kJudgedTokens
                      : !sample.ids.empty() ? int64_t(sample.ids.size()) >= kJudgedTokens
                                            : characters_of(sample.text) >= kJudgedCharacters;
  report_.judged += judged;
  if (sample.logged_score && *sample.logged_score != score.total) ++other_scores_;
  report_.scores.push_back({sample.step, score.total, judged});
  const bool counts = judged && sample.step >= report_.gate.start_step;
  const bool under = counts && score.total < report_.gate.floor;
  report_.judged_from_start += counts;
  const bool wanted = texts_.wants_next();
  if (under || wanted) {
    SampleText text{sample.step, score.total, judged, beginning_of(sample.text)};
    if (under && !report_.first_garbage) report_.first_garbage = text;
    if (under && !report_.halt_step && report_.gate.enabled) streak_.push_back(text);
    if (streak_.size() > kTexts) streak_.pop_front();
    if (wanted) texts_.add(std::move(text));
  }
  if (!wanted) texts_.skip();
  if (report_.halt_step) return;  // the run would have ended there
  if (judged && !under) streak_.clear();
  if (judged && score.total >= report_.gate.floor) last_good_ = sample.step;
  SampleDone seen;
  seen.score = score, seen.judged = judged;
  gate_ = fold(std::move(gate_), report_.gate, {sample.step, "", seen});
  if (!judged || !halts(gate_, report_.gate)) return;
  report_.halt_step = sample.step;
  report_.streak_start = gate_.steps.front();
  report_.halted_on.assign(streak_.begin(), streak_.end());
  report_.last_good_step = last_good_;
}

// With gate.loss_signal: halt from the beginning a live run ends where the signal first speaks, when the gate
// has not ended it before.
void Replay::Fold::halt_by_loss() {
  const auto &signal = report_.signal_step, &halt = report_.halt_step;
  if (report_.gate.loss_signal != LossSignal::halt || !signal || (halt && *halt <= *signal)) return;
  report_.halt_step = signal, report_.halted_by_loss = true;
  report_.streak_start.reset(), report_.last_good_step.reset();
  report_.halted_on.clear();
  for (const ScoredSample& s : report_.scores)
    if (s.judged && s.total >= report_.gate.floor && s.step <= *signal) report_.last_good_step = s.step;
}

SourceReport Replay::Fold::finish() {
  score_waiting();
  if (request_.total_steps) report_.total_steps = request_.total_steps;
  report_.steps_per_minute = request_.steps_per_minute ? request_.steps_per_minute : pace_.steps_per_minute();
  if (tracker_.points > 0) report_.ema = LossReading{tracker_.min_ema, tracker_.min_step, tracker_.ema};
  halt_by_loss();
  if (report_.first_garbage) report_.wasted_steps = report_.last_step - report_.first_garbage->step;
  if (report_.halt_step) {
    report_.saved_steps = report_.last_step - *report_.halt_step;
    if (report_.steps_per_minute)
      report_.saved_days = double(*report_.saved_steps) / *report_.steps_per_minute / 1440;
  }
  report_.losses = curve_.take();
  report_.texts = texts_.take();
  const auto remark = [&](int64_t count, const char* what) {
    if (count > 0) report_.remarks.push_back(fmt::format("{}: {}", what, count));
  };
  remark(not_finite_, "losses that are not finite, left out of the EMA");
  remark(numbered_, "losses that name no step, each counted as one");
  remark(restarts_ > 0 ? restarts_ : sample_restarts_,
         "steps that did not rise (a restart, or lines that stand twice; all were read in the order of the "
         "log)");
  remark(pieces_, "samples that are pieces (ids), left out: --tokenizer FILE.model reads them");
  remark(other_scores_, "scores that differ from those the run logged, for its score was another version's");
  if (!unusable_options_.empty())
    report_.remarks.push_back("the gate that the log says is not used, for it is wrong: " +
                              unusable_options_);
  const double apart =
      double(report_.last_step - report_.first_step) / double(std::max<int64_t>(report_.points, 1));
  if (report_.points >= kWorthARemark && apart > kSparse)
    report_.remarks.push_back(fmt::format(
        "a loss is logged every {:.0f} steps or so: EMA and loss signal go by far fewer points than in "
        "the runs that margin and patience were measured on",
        apart));
  return std::move(report_);
}

Replay::Replay(const ReplayRequest& request) : fold_(std::make_unique<Fold>(request)) {}
Replay::~Replay() = default;
Replay::Replay(Replay&&) noexcept = default;
void Replay::add(Observation&& observation) { fold_->add(std::move(observation)); }
SourceReport Replay::finish() { return fold_->finish(); }

}  // namespace andrea
