#include "train/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "curriculum/curriculum.h"
#include "gate/gate.h"

namespace andrea {
namespace {

bool refused_on_resume(const std::string& key) {
  return key.starts_with("model.") || key.starts_with("tokenizer.") || key == "train.seed";
}

// Every option that differs, as "key: old -> new". Usage Error when one of model.*, tokenizer.* or train.seed
// does; a tokenizer that only moved is no difference.
std::vector<std::string> accept_options(const CheckpointRecord& record, const Config& before,
                                        const Config& now, const Tokenizer& tokenizer) {
  std::vector<std::string> listed, refused;
  const bool same_tokenizer = record.tokenizer == tokenizer.fingerprint().hex();
  if (!same_tokenizer) refused.push_back("tokenizer.model: its content changed");
  for (const OptionChange& c : changes(before, now)) {
    const std::string line = fmt::format("{}: {} -> {}", c.key, c.from, c.to);
    if (c.key.starts_with("tokenizer.")) {
      if (same_tokenizer) listed.push_back(line);
    } else {
      (refused_on_resume(c.key) ? refused : listed).push_back(line);
    }
  }
  if (!refused.empty())
    throw usage_error(fmt::format("a resumed run cannot change {}", fmt::join(refused, "; ")),
                      "put these options back, or start a new run in another folder");
  return listed;
}

std::optional<std::string> message_of_error(const std::function<void()>& body) {
  try {
    body();
    return std::nullopt;
  } catch (const Error& e) {
    return e.what();
  }
}

// Loads one step, or says why it cannot be used. Options that are refused are no damage of the checkpoint,
// and another model could not even take its weights: that Error is not caught here.
std::optional<std::string> try_load(const RunFolder& folder, int64_t step, const Config& now,
                                    const Tokenizer& tokenizer, Learner& learner, ResumePoint& point) {
  auto reason = message_of_error([&] { point.record = read_record(folder, step); });
  if (!reason) {
    point.before = parse_config(point.record->config, fmt::format("config of step {}", step), {},
                                Demand::nothing_on_disk);
    point.changed = accept_options(*point.record, point.before, now, tokenizer);
    reason =
        message_of_error([&] { read_weights(folder, *point.record, learner.weights, learner.m, learner.v); });
  }
  if (reason) point.record.reset();
  return reason;
}

}  // namespace

ResumePoint load_checkpoint(const RunFolder& folder, std::optional<int64_t> step, const Config& now,
                            const Tokenizer& tokenizer, Learner& learner) {
  ResumePoint point;
  if (step) {
    const auto reason = try_load(folder, *step, now, tokenizer, learner, point);
    if (reason)
      throw Error(fmt::format("cannot resume from step {}: {}", *step, *reason),
                  folder.steps().empty()
                      ? "there is no checkpoint here"
                      : fmt::format("checkpoints here: {}", fmt::join(folder.steps(), ", ")));
    return point;
  }
  std::vector<int64_t> steps = folder.steps();
  std::reverse(steps.begin(), steps.end());
  for (const int64_t s : steps) {
    const auto reason = try_load(folder, s, now, tokenizer, learner, point);
    if (!reason) return point;
    point.alarms.push_back({"checkpoint_damaged", fmt::format("step {} was passed over: {}", s, *reason)});
  }
  if (!steps.empty()) {
    std::string all;
    for (const Alarm& alarm : point.alarms) all += "\n  " + alarm.message;
    throw Error(fmt::format("no checkpoint in {} is whole:{}", folder.dir.string(), all),
                "restore one from a copy, or start a new run in another folder");
  }
  return point;
}

Alarm over_read(const std::string& arm, int64_t readings, int64_t most) {
  return {"over_read",
          fmt::format("arm '{}' has been read {} (curriculum.max_epochs is {}); from here on each reading "
                      "halves its weight against arms that were read less",
                      arm, readings == 1 ? "once" : fmt::format("{} times", readings), most)};
}

void continue_bandit(const std::vector<std::string>& changed, const CurriculumOptions& options,
                     bool measured_anew, TrainState& state, std::vector<Alarm>& alarms) {
  for (ArmState& arm : state.arms)
    if (const auto what = fault(arm)) {
      arm.worth = {}, arm.focus = 0;
      alarms.push_back(
          {"arm_dropped", fmt::format("the bandit knows nothing of arm '{}' any more: {}", arm.name, *what)});
    }
  int64_t place = 0;  // 1, 2, 3, ... again when arms left the focus set
  for (const size_t arm : focus_set(state.arms)) state.arms[arm].focus = ++place;
  if (const auto what = fault(state.bandit, state.step)) {
    state.bandit = {};
    forget_rewards(state.arms, state.bandit.progress);
    alarms.push_back({"bandit_dropped", fmt::format("the bandit begins anew: {}", *what)});
  }
  if (measured_anew)
    for (ArmState& arm : state.arms) arm.worth.held_out.reset(), arm.worth.since_look = 0;
  if (changes_any(changed, {"curriculum.reward"})) forget_rewards(state.arms, state.bandit.progress);
  if (options.max_epochs > 0 && changes_any(changed, {"curriculum.max_epochs"}))
    for (const ArmState& arm : state.arms)
      if (arm.epoch >= options.max_epochs)
        alarms.push_back(over_read(arm.name, arm.epoch, options.max_epochs));
}

namespace {

std::map<std::string, Bounds> bounds_by_name(const Config& config) {
  std::vector<Arm> arms;  // without their text, which bounds_of() does not ask for
  for (const ArmOptions& options : config.arms) arms.push_back({options, {}});
  const std::vector<Bounds> bounds = bounds_of(config.curriculum, arms);
  std::map<std::string, Bounds> by_name;
  for (size_t i = 0; i < arms.size(); ++i) by_name[arms[i].options.name] = bounds[i];
  return by_name;
}

bool same_shares(const Config& a, const Config& b) {
  const CurriculumOptions &x = a.curriculum, &y = b.curriculum;
  const bool same_bandit = x.policy != CurriculumPolicy::ucb1 ||
                           (x.reward == y.reward && x.exploration == y.exploration && x.memory == y.memory);
  return x.policy == y.policy && x.max_epochs == y.max_epochs && same_bandit &&
         bounds_by_name(a) == bounds_by_name(b);
}

}  // namespace

bool text_changed(const Config& before, const Config& now, const std::vector<ArmState>& saved,
                  const std::vector<ArmState>& states) {
  const auto was_there = [&](const ArmState& arm) {
    return std::any_of(saved.begin(), saved.end(), [&](const ArmState& old) {
      return old.name == arm.name && old.fingerprint == arm.fingerprint;
    });
  };
  return saved.size() != states.size() || !std::all_of(states.begin(), states.end(), was_there) ||
         !same_shares(before, now);
}

bool changes_any(const std::vector<std::string>& changed, std::initializer_list<std::string_view> options) {
  return std::any_of(changed.begin(), changed.end(), [&](const std::string& change) {
    return std::any_of(options.begin(), options.end(),
                       [&](std::string_view option) { return change.starts_with(option); });
  });
}

std::optional<Verdict> standing_verdict(const ResumePoint& point) {
  if (!point.record) return std::nullopt;
  const TrainState& state = point.record->state;
  const GateOptions& before = point.before.gate;
  const bool by_gate = halts(state.gate, before), by_loss = halts(state.rise, before);
  if (by_gate && !changes_any(point.changed, {"gate.enabled", "gate.floor", "gate.patience",
                                              "gate.start_step", "sampling."}))
    return Verdict::by_gate;
  if (by_loss && !changes_any(point.changed, {"gate.loss_"}) && !point.text_changed) return Verdict::by_loss;
  if (by_gate || by_loss)
    warn("{} halted this run at step {}; it goes on, for what it was halted by has changed",
         by_gate ? "the gate" : "the loss signal", state.step);
  return std::nullopt;
}

std::vector<std::string> say_changes(const std::vector<std::string>& changed) {
  std::vector<std::string> lines, came;
  for (const std::string& change : changed) {
    const size_t colon = change.find(": ");
    const std::string arm = change.starts_with("arms.") ? change.substr(5, colon - 5) : "";
    if (!arm.empty() && change.compare(colon, 9, ": none ->") == 0)
      came.push_back(arm);
    else if (arm.empty() || !change.ends_with(" -> none"))
      lines.push_back(change);
  }
  if (!came.empty()) lines.push_back(fmt::format("new arms: {}", fmt::join(came, ", ")));
  return lines;
}

std::vector<ArmState> continue_arms(const std::vector<ArmState>& saved, const std::vector<Arm>& arms,
                                    bool accept_changed_text, uint64_t seed, std::vector<Alarm>& alarms) {
  std::vector<ArmState> states;
  for (const Arm& arm : arms) {
    const auto& name = arm.options.name;
    const auto old =
        std::find_if(saved.begin(), saved.end(), [&](const ArmState& c) { return c.name == name; });
    ArmState state{name, arm.fingerprint()};
    if (old != saved.end() && old->fingerprint == state.fingerprint) {
      state = *old;
      ArmReader(arm, seed).check_place(state);
    } else if (old != saved.end()) {
      if (!accept_changed_text)
        throw usage_error(
            fmt::format("the text of arm '{}' changed since the checkpoint (fingerprint {} -> {})", name,
                        old->fingerprint, state.fingerprint),
            "put the old text back, or take the new one with --accept-changed-text: the arm then starts "
            "as new");
      alarms.push_back({"arm_dropped", fmt::format("arm '{}' starts as new: its text changed", name)});
    }
    states.push_back(state);
  }
  std::vector<std::string> gone;
  for (const ArmState& old : saved) {
    const bool kept =
        std::any_of(arms.begin(), arms.end(), [&](const Arm& a) { return a.options.name == old.name; });
    if (!kept) gone.push_back(old.name);
  }
  if (!gone.empty())
    alarms.push_back({"arm_dropped", fmt::format("no longer in the config: {}", fmt::join(gone, ", "))});
  return states;
}

TrainState state_to_go_on_with(ResumePoint& point, const Config& now, const std::vector<Arm>& arms,
                               bool accept_changed_text) {
  TrainState state = point.record ? point.record->state : TrainState{};
  const std::vector<ArmState> saved = state.arms;
  state.arms = continue_arms(saved, arms, accept_changed_text, uint64_t(now.train.seed), point.alarms);
  point.text_changed = point.record && text_changed(point.before, now, saved, state.arms);
  // An arm's held-out text depends on how many share it.
  const bool eval_changed = changes_any(point.changed, {"eval."});
  const bool measured_anew = eval_changed || saved.size() != state.arms.size();
  if (point.text_changed || eval_changed) state.best_loss.reset(), state.best_step = 0;
  continue_bandit(point.changed, now.curriculum, measured_anew, state, point.alarms);
  if (point.text_changed) state.rise = with_other_text(state.tracker, state.step);
  return state;
}

}  // namespace andrea
