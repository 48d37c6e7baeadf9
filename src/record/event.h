// What a run writes down, event by event: raw observations (a loss, a gradient norm), never opinions.
// Names and meanings are a promise to other programs; docs/formats.md lists them with an example.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace andrea {

struct ArmStart {
  std::string name, domain;
  int64_t documents = 0, tokens = 0;  // for training
  std::string fingerprint;
  bool operator==(const ArmStart&) const = default;
};
template <class V>
void visit(V& v, ArmStart& e) {
  v("name", e.name), v("domain", e.domain), v("documents", e.documents), v("tokens", e.tokens);
  v("fingerprint", e.fingerprint);
}

struct RunStart {
  static constexpr const char* kName = "run_start";
  std::string name, version;
  std::map<std::string, std::string> config;  // every option as "group.key": value
  int64_t parameters = 0;
  std::string isa, precision;
  int64_t threads = 0;
  std::string tokenizer;  // fingerprint
  std::vector<ArmStart> arms;
  std::optional<int64_t> resumed_from;
  std::vector<std::string> changed;  // on resume: "key: old -> new"
  std::string words;                 // checksum of the English word list behind the score
  std::string init;                  // the .bin its weights began with (--init); empty: drawn from the seed
  bool text_changed = false;         // on resume: arms or their shares are others than before
  bool operator==(const RunStart&) const = default;
};
template <class V>
void visit(V& v, RunStart& e) {
  v("name", e.name), v("version", e.version), v("config", e.config), v("parameters", e.parameters);
  v("isa", e.isa), v("precision", e.precision), v("threads", e.threads), v("tokenizer", e.tokenizer);
  v("arms", e.arms), v("resumed_from", e.resumed_from), v("changed", e.changed);
  v.later("words", e.words), v.later("init", e.init), v.later("text_changed", e.text_changed);
}

struct StepDone {
  static constexpr const char* kName = "step";
  double loss = 0, ema = 0;      // nats per token
  double lr = 0, grad_norm = 0;  // the norm before clipping
  bool clipped = false;
  std::string arm;
  int64_t epoch = 0;   // of the arm, when the step began; 0 is the first pass
  int64_t tokens = 0;  // rows x context
  double seconds = 0;  // the step alone
  std::vector<double> row_losses;
  bool operator==(const StepDone&) const = default;
};
template <class V>
void visit(V& v, StepDone& e) {
  v("loss", e.loss), v("ema", e.ema), v("lr", e.lr), v("grad_norm", e.grad_norm), v("clipped", e.clipped);
  v("arm", e.arm), v("epoch", e.epoch), v("tokens", e.tokens), v("seconds", e.seconds);
  v("row_losses", e.row_losses);
}

struct ArmEval {
  double loss = 0, bits_per_byte = 0;
  bool operator==(const ArmEval&) const = default;
};
template <class V>
void visit(V& v, ArmEval& e) {
  v("loss", e.loss), v("bits_per_byte", e.bits_per_byte);
}

using ArmEvals = std::map<std::string, ArmEval>;  // by the arm's name

// Nothing when the arm was not evaluated.
inline std::optional<double> bits_of(const ArmEvals& arms, const std::string& name) {
  const auto found = arms.find(name);
  return found == arms.end() ? std::nullopt : std::optional(found->second.bits_per_byte);
}

struct EvalDone {
  static constexpr const char* kName = "eval";
  double loss = 0, bits_per_byte = 0;
  ArmEvals arms;
  bool operator==(const EvalDone&) const = default;
};
template <class V>
void visit(V& v, EvalDone& e) {
  v("loss", e.loss), v("bits_per_byte", e.bits_per_byte), v("arms", e.arms);
}

struct Score {
  double total = 0, bigram = 0, trigram = 0, english = 0, characters = 0;  // points, see gate/coherence.h
  bool operator==(const Score&) const = default;
};
template <class V>
void visit(V& v, Score& s) {
  v("total", s.total), v("bigram", s.bigram), v("trigram", s.trigram), v("english", s.english);
  v("characters", s.characters);
}

struct SampleDone {
  static constexpr const char* kName = "sample";
  std::string arm, domain, prompt;
  std::string text;    // what the model wrote, without the prompt; this is scored
  int64_t tokens = 0;  // of the text
  double loss = 0;     // nats per token: the model's own surprise at them, without temperature
  double temperature = 0;
  int64_t top_k = 0;
  int64_t seed = 0;
  Score score;
  bool judged = false;  // long enough
  int64_t streak = 0;   // of the gate, behind this sample
  bool operator==(const SampleDone&) const = default;
};
template <class V>
void visit(V& v, SampleDone& e) {
  v("arm", e.arm), v("domain", e.domain), v("prompt", e.prompt), v("text", e.text), v("tokens", e.tokens);
  v("loss", e.loss), v("temperature", e.temperature), v("top_k", e.top_k), v("seed", e.seed);
  v("score", e.score), v("judged", e.judged), v("streak", e.streak);
}

struct Saved {
  static constexpr const char* kName = "checkpoint";
  std::string file;  // the .bin, a name in the run folder
  int64_t bytes = 0;
  std::string checksum;
  bool best = false;  // evaluated at this step, better than ever since text or eval.* changed
  bool operator==(const Saved&) const = default;
};
template <class V>
void visit(V& v, Saved& e) {
  v("file", e.file), v("bytes", e.bytes), v("checksum", e.checksum), v("best", e.best);
}

struct FocusDone {
  static constexpr const char* kName = "focus";
  std::vector<std::string> arms;     // the focus set of the bandit from the next step on, best first
  int64_t hold = 0, until_step = 0;  // how many steps, and the last of them
  std::vector<int64_t> dice;         // sixths of the arms; hold / 7
  bool operator==(const FocusDone&) const = default;
};
template <class V>
void visit(V& v, FocusDone& e) {
  v("arms", e.arms), v("hold", e.hold), v("until_step", e.until_step), v("dice", e.dice);
}

struct Alarm {
  static constexpr const char* kName = "alarm";
  std::string kind, message;
  bool operator==(const Alarm&) const = default;
};
template <class V>
void visit(V& v, Alarm& e) {
  v("kind", e.kind), v("message", e.message);
}

struct Halt {
  static constexpr const char* kName = "halt";
  std::string reason;  // gate, loss_signal, non_finite
  int64_t streak = 0;
  std::vector<double> scores;
  bool operator==(const Halt&) const = default;
};
template <class V>
void visit(V& v, Halt& e) {
  v("reason", e.reason), v("streak", e.streak), v("scores", e.scores);
}

struct RunEnd {
  static constexpr const char* kName = "run_end";
  std::string reason;  // done, gate, loss_signal, signal, non_finite, error
  int64_t exit_code = 0;
  double seconds = 0;
  bool operator==(const RunEnd&) const = default;
};
template <class V>
void visit(V& v, RunEnd& e) {
  v("reason", e.reason), v("exit_code", e.exit_code), v("seconds", e.seconds);
}

using Happening =
    std::variant<RunStart, StepDone, EvalDone, SampleDone, Saved, FocusDone, Alarm, Halt, RunEnd>;

struct Event {
  int64_t step = 0;  // finished updates
  std::string time;  // ISO 8601, UTC
  Happening what;
  bool operator==(const Event&) const = default;
};

std::string time_now();  // "2026-01-31T23:59:59.123Z"

// One line without its newline; and back. `where` names the line in errors. None: an event of a kind that
// later versions have.
std::string to_line(const Event& event);
std::optional<Event> event_from_line(std::string_view line, const std::string& where);

}  // namespace andrea
