// Going on where a run stopped: which checkpoint, what may have changed since, and where each arm goes on.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/event.h"
#include "train/checkpoint.h"
#include "train/corpus.h"
#include "train/learner.h"

namespace andrea {

struct ResumePoint {
  std::optional<CheckpointRecord> record;  // none: nothing is saved yet, start at step 0
  Config before;                           // the record's
  std::vector<std::string> changed;        // options that differ from those: "key: old -> new"
  std::vector<Alarm> alarms;               // what was passed over or dropped on the way
  bool text_changed = false;               // see text_changed(); set by state_to_go_on_with()
};

// Loads the newest whole checkpoint (or exactly `step`) into the learner. Usage Error when one of model.*,
// tokenizer.* or train.seed differs from the record's; a tokenizer that only moved is no difference. When
// checkpoints exist but none is whole, an Error names each; with `step`, an Error when that one is missing or
// damaged.
ResumePoint load_checkpoint(const RunFolder& folder, std::optional<int64_t> step, const Config& now,
                            const Tokenizer& tokenizer, Learner& learner);

// The same for people, a line each: options as they are, new arms by their names on one line. Of arms that
// left the alarm of continue_arms() tells.
std::vector<std::string> say_changes(const std::vector<std::string>& changed);

// One state for each arm of the config, in its order: the saved one where name and text are the same, else a
// new one. An arm that left, and with `accept_changed_text` one whose text changed, is dropped aloud (an
// alarm); without it a changed text is a usage Error.
std::vector<ArmState> continue_arms(const std::vector<ArmState>& saved, const std::vector<Arm>& arms,
                                    bool accept_changed_text, uint64_t seed, std::vector<Alarm>& alarms);

// The bandit's part of a state that was loaded, behind continue_arms(). Numbers that no run could have come
// to (a file edited by hand) are dropped aloud; with another curriculum.reward what was paid is forgotten,
// with other held-out text (`measured_anew`) what it was measured by; arms over a curriculum.max_epochs that
// was not there before are named.
void continue_bandit(const std::vector<std::string>& changed, const CurriculumOptions& options,
                     bool measured_anew, TrainState& state, std::vector<Alarm>& alarms);

// The arm was read `readings` times, the limit `most` or more: it loses weight from here on.
Alarm over_read(const std::string& arm, int64_t readings, int64_t most);

// Whether other text comes from here on: an arm is new, gone or has other words, or what shares the steps out
// among them is another: the policy, an option it uses, floors and caps in effect. Where a text lies, its
// domain and the order of the arms make no difference.
bool text_changed(const Config& before, const Config& now, const std::vector<ArmState>& saved,
                  const std::vector<ArmState>& states);

// Whether one of the options that differ begins so.
bool changes_any(const std::vector<std::string>& changed, std::initializer_list<std::string_view> options);

// A run that was halted is halted again, unless the options that it was halted by have changed since; then a
// warning says that it goes on.
enum class Verdict { by_gate, by_loss };
std::optional<Verdict> standing_verdict(const ResumePoint& point);

// All state but weights and moments, of a checkpoint or, where `point` holds none, of a new run. With other
// text the best loss and the loss signal's minimum begin anew; with other options of eval the best loss does,
// and with those or another number of arms (who share eval.tokens) the arms' held-out losses. Errors as
// continue_arms().
TrainState state_to_go_on_with(ResumePoint& point, const Config& now, const std::vector<Arm>& arms,
                               bool accept_changed_text);

}  // namespace andrea
