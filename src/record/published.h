// Files that other programs watch, read-only for them: <name>.loss.json, <name>.samples.json,
// <name>.bandit.json in the run folder, replaced whole at each save. Losses and samples are made from
// the events of the log, the arms from the trainer's state; no run reads them back: the log is the truth.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/event.h"
#include "record/run_folder.h"

namespace andrea {

struct PublishedArm {
  std::string name, domain;
  int64_t pulls = 0;
  std::optional<double> mean_reward, ucb;  // of the bandit; without one null, like rank and focus
  std::optional<int64_t> rank;
  std::optional<bool> focus;
  double floor = 0, cap = 0;
  double tentative = 0, final_weight = 0;
  int64_t epoch = 0, documents = 0;
  std::optional<double> held_out_bits_per_byte, held_out_change;  // since the look before
  std::string fingerprint;
};
template <class V>
void visit(V& v, PublishedArm& a) {
  v("name", a.name), v("domain", a.domain), v("pulls", a.pulls), v("mean_reward", a.mean_reward),
      v("ucb", a.ucb);
  v("rank", a.rank), v("focus", a.focus), v("floor", a.floor), v("cap", a.cap), v("tentative", a.tentative);
  v("final", a.final_weight), v("epoch", a.epoch), v("documents", a.documents);
  v("held_out_bits_per_byte", a.held_out_bits_per_byte), v("held_out_change", a.held_out_change);
  v("fingerprint", a.fingerprint);
}

struct PublishedFocus {
  std::vector<std::string> arms;  // best first
  int64_t hold = 0, until_step = 0;
  std::vector<int64_t> dice;
};
template <class V>
void visit(V& v, PublishedFocus& f) {
  v("arms", f.arms), v("hold", f.hold), v("until_step", f.until_step), v("dice", f.dice);
}

struct PublishedBandit {
  int64_t step = 0;
  std::string policy;
  std::optional<std::string> reward;
  std::optional<PublishedFocus> focus;
  std::vector<PublishedArm> arms;
};
template <class V>
void visit(V& v, PublishedBandit& b) {
  v("step", b.step), v("policy", b.policy), v("reward", b.reward), v("focus", b.focus), v("arms", b.arms);
}

// The arms as the run of this name published them last, for people. Error when there is no such file or it is
// another kind of text.
PublishedBandit read_published_bandit(const Path& run_folder, const std::string& run_name);

class Published {
 public:
  // Begins with what the log holds already.
  explicit Published(const RunFolder& folder, const std::string& run_name);
  void add(const Event& event);
  // Empty when there was none; `eval_before` also when it was of other held-out text.
  const EvalDone& last_eval() const { return last_eval_; }
  const EvalDone& eval_before() const { return eval_before_; }
  void write(const PublishedBandit& bandit) const;  // all three, each whole or not at all

 private:
  Path file(const char* kind) const;
  RunFolder folder_;
  std::string name_;
  std::string losses_, samples_;  // the lists as they are written, without brackets
  EvalDone last_eval_, eval_before_;
  bool other_text_ = false;  // since last_eval_
};

}  // namespace andrea
