// The one declaration of every option: name, member, what is allowed (with the unit), meaning. The default is
// the member's initialiser. Inside this part only; others read Config.
//
// visit(v, config) calls  v.group(name, meaning, group)  for each group, and visit(v, group) calls
// v(name, member, rule, meaning)  for each option. The structured bindings make a new member that is not
// declared here an error of the compiler.
#pragma once
#include <array>
#include <concepts>
#include <limits>
#include <type_traits>

#include "config/config.h"

namespace andrea {

// --- what is allowed ---

struct Whole {
  int64_t min, max;
  const char* unit = "";
};
struct Real {
  double min, max;
  bool above_min = false, below_max = false;  // true: the bound itself is not allowed
  const char* unit = "";
};
struct RealOrAuto : Real {};  // a member that may be empty: auto
struct Flag {};
struct Text {
  bool file_name = false;
};
// A file or folder. Relative ones belong to the config file's folder or to the working directory.
struct Location {
  bool beside_file;
  const char* what;           // "a folder"
  const char* fallback = "";  // what stands in for an empty default, in words
};
struct OneOf {};  // of the names in Choices

template <class E>
struct Choice {
  E value;
  const char* name;
};
template <class E>
struct Choices;
template <>
struct Choices<Precision> {
  static constexpr std::array<Choice<Precision>, 3> all = {
      {{Precision::automatic, "auto"}, {Precision::fp32, "fp32"}, {Precision::bf16, "bf16"}}};
};
template <>
struct Choices<Instructions> {
  static constexpr std::array<Choice<Instructions>, 7> all = {{{Instructions::automatic, "auto"},
                                                               {Instructions::portable, "portable"},
                                                               {Instructions::avx2, "avx2"},
                                                               {Instructions::avx512, "avx512"},
                                                               {Instructions::avx512_bf16, "avx512_bf16"},
                                                               {Instructions::amx, "amx"},
                                                               {Instructions::amx_model, "amx_model"}}};
};
template <>
struct Choices<LossSignal> {
  static constexpr std::array<Choice<LossSignal>, 3> all = {
      {{LossSignal::off, "off"}, {LossSignal::alarm, "alarm"}, {LossSignal::halt, "halt"}}};
};
template <>
struct Choices<CurriculumPolicy> {
  static constexpr std::array<Choice<CurriculumPolicy>, 3> all = {
      {{CurriculumPolicy::proportional, "proportional"},
       {CurriculumPolicy::uniform, "uniform"},
       {CurriculumPolicy::ucb1, "ucb1"}}};
};
template <>
struct Choices<CurriculumReward> {
  static constexpr std::array<Choice<CurriculumReward>, 4> all = {{{CurriculumReward::progress, "progress"},
                                                                   {CurriculumReward::own, "own"},
                                                                   {CurriculumReward::power_law, "power_law"},
                                                                   {CurriculumReward::v1, "v1"}}};
};
template <>
struct Choices<Documents> {
  static constexpr std::array<Choice<Documents>, 4> all = {{{Documents::automatic, "auto"},
                                                            {Documents::blank_line, "blank_line"},
                                                            {Documents::form_feed, "form_feed"},
                                                            {Documents::file, "file"}}};
};

// --- the options ---

template <class T, class S>
concept Of = std::same_as<std::remove_const_t<T>, S>;

inline constexpr int64_t kMaxSteps = 1'000'000'000;

template <class V>
void visit(V& v, Of<RunOptions> auto& o) {
  auto& [name, dir] = o;
  v("name", name, Text{.file_name = true}, "name of the run and of its folder");
  v("dir", dir, Location{false, "a folder"}, "where run folders are made; the run's own is dir/name");
}

template <class V>
void visit(V& v, Of<TrainOptions> auto& o) {
  auto& [steps, batch_size, micro_batch, seed, threads, precision, isa] = o;
  v("steps", steps, Whole{1, kMaxSteps, "updates"},
    "length of the run; the learning rate's cosine ends here");
  v("batch_size", batch_size, Whole{1, 65536, "rows"},
    "rows an update learns from; a row is one context long");
  v("micro_batch", micro_batch, Whole{0, 65536, "rows"},
    "rows in memory at once, at most batch_size; 0 = the trainer chooses");
  v("seed", seed, Whole{0, std::numeric_limits<int64_t>::max()},
    "every random number of the run follows from it");
  v("threads", threads, Whole{0, 1024}, "0 = as many as the CPU set and the cgroup quota allow");
  v("precision", precision, OneOf{},
    "numbers of the forward and backward pass; auto = bf16 where the processor multiplies it, else fp32");
  v("isa", isa, OneOf{},
    "instructions of the kernels; auto = the best that this processor has, amx_model = the way of amx in "
    "plain C++, for tests");
}

template <class V>
void visit(V& v, Of<ModelOptions> auto& o) {
  auto& [d_model, n_head, n_layer, context, vocab_size] = o;
  v("d_model", d_model, Whole{1, 65536}, "width of the residual stream; n_head divides it");
  v("n_head", n_head, Whole{1, 1024}, "attention heads a layer");
  v("n_layer", n_layer, Whole{1, 1024}, "layers");
  v("context", context, Whole{1, 1048576, "tokens"},
    "length of a row, and the furthest the model looks back");
  v("vocab_size", vocab_size, Whole{259, 65536, "pieces"}, "must be the tokenizer's number of pieces");
}

template <class V>
void visit(V& v, Of<TokenizerOptions> auto& o) {
  auto& [model] = o;
  v("model", model, Location{true, "a sentencepiece model file", "the shipped tokenizer/andrea-8449.model"},
    "cuts text into pieces");
}

template <class V>
void visit(V& v, Of<TextOptions> auto& o) {
  auto& [stores] = o;
  v("stores", stores, Location{false, "a folder"},
    "where tokenised text is kept, to be made once and used again");
}

template <class V>
void visit(V& v, Of<OptimizerOptions> auto& o) {
  auto& [learning_rate, min_learning_rate, beta1, beta2, epsilon, weight_decay, clip_norm] = o;
  v("learning_rate", learning_rate, Real{.min = 0, .max = 1, .above_min = true}, "where the cosine starts");
  v("min_learning_rate", min_learning_rate, Real{.min = 0, .max = 1},
    "where the cosine ends; equal to learning_rate = a constant rate");
  v("beta1", beta1, Real{.min = 0, .max = 1, .below_max = true}, "AdamW: memory of the gradient's mean");
  v("beta2", beta2, Real{.min = 0, .max = 1, .below_max = true}, "AdamW: memory of the gradient's square");
  v("epsilon", epsilon, Real{.min = 0, .max = 1, .above_min = true}, "AdamW: added to the divisor");
  v("weight_decay", weight_decay, Real{.min = 0, .max = 1},
    "AdamW: decoupled, on matrices only; 0 = plain Adam");
  v("clip_norm", clip_norm, Real{.min = 0, .max = 1e6},
    "longest gradient (L2 over all parameters) that is not shortened; 0 = off");
}

template <class V>
void visit(V& v, Of<ScheduleOptions> auto& o) {
  auto& [warmup_steps] = o;
  v("warmup_steps", warmup_steps, Whole{0, kMaxSteps, "updates"},
    "the rate, cosine and all, is scaled up linearly over these; 0 = no warmup");
}

template <class V>
void visit(V& v, Of<CadenceOptions> auto& o) {
  auto& [every_steps] = o;
  v("every_steps", every_steps, Whole{1, kMaxSteps, "updates"},
    "between two evaluations, each with its sample, gate verdict and checkpoint");
}

template <class V>
void visit(V& v, Of<EvalOptions> auto& o) {
  auto& [tokens] = o;
  v("tokens", tokens, Whole{1, kMaxSteps, "tokens"},
    "most held-out text an evaluation reads, in equal shares by arm");
}

template <class V>
void visit(V& v, Of<SamplingOptions> auto& o) {
  auto& [enabled, tokens, temperature, top_k, prompt] = o;
  v("enabled", enabled, Flag{}, "write a sample at each cadence");
  v("tokens", tokens, Whole{1, 1'000'000, "tokens"}, "length of a sample");
  v("temperature", temperature, Real{.min = 0, .max = 10}, "0 = always the likeliest piece");
  v("top_k", top_k, Whole{0, 65536, "pieces"}, "draw among the likeliest; 0 = among all");
  v("prompt", prompt, Text{}, "held_out = the start of a held-out document, none, or a text");
}

template <class V>
void visit(V& v, Of<GateOptions> auto& o) {
  auto& [enabled, floor, patience, start_step, loss_signal, loss_margin, loss_patience] = o;
  v("enabled", enabled, Flag{}, "halt when samples stay incoherent");
  v("floor", floor, Real{.min = 0, .max = 100, .unit = "points"},
    "a coherence score under it counts against the run");
  v("patience", patience, Whole{1, 1'000'000, "samples"}, "so many in a row under the floor halt");
  v("start_step", start_step, Whole{0, kMaxSteps, "updates"}, "earlier samples do not count");
  v("loss_signal", loss_signal, OneOf{},
    "what a smoothed loss that turns and rises for long does, besides what the samples say");
  v("loss_margin", loss_margin, Real{.min = 0, .max = 100, .above_min = true, .unit = "nats"},
    "so far above its own minimum the smoothed loss counts as risen");
  v("loss_patience", loss_patience, Whole{1, kMaxSteps, "updates"},
    "so long it must stay there before the loss signal speaks");
}

template <class V>
void visit(V& v, Of<CheckpointOptions> auto& o) {
  auto& [keep] = o;
  v("keep", keep, Whole{1, 1'000'000, "checkpoints"},
    "newest ones to keep, besides the best and other precious ones");
}

template <class V>
void visit(V& v, Of<LossOptions> auto& o) {
  auto& [ema_alpha] = o;
  v("ema_alpha", ema_alpha, Real{.min = 0, .max = 1, .above_min = true},
    "weight of the newest loss in the smoothed one");
}

template <class V>
void visit(V& v, Of<CurriculumOptions> auto& o) {
  auto& [policy, reward, exploration, memory, max_epochs] = o;
  v("policy", policy, OneOf{}, "how arms share the steps: by their size, alike, or by a bandit");
  v("reward", reward, OneOf{},
    "ucb1: what an arm is paid for (docs/curriculum.md); v1 pays for easy text, as the first ANDREA did");
  v("exploration", exploration, Real{.min = 0, .max = 100}, "ucb1: C, the weight of curiosity");
  v("memory", memory, Whole{0, kMaxSteps, "pulls"},
    "ucb1: how many of the last pulls of all arms, one a step, count; 0 = all alike");
  v("max_epochs", max_epochs, Whole{0, 1'000'000, "readings"},
    "an arm loses half its weight with each reading beyond so many; 0 = no limit");
}

template <class V>
void visit(V& v, Of<ArmOptions> auto& o) {
  auto& [name, domain, path, floor, cap, documents] = o;
  v("name", name, Text{.file_name = true}, "unique; by default the path's last part without * ? [");
  v("domain", domain, Text{}, "subject of the text; by default the name");
  v("path", path, Location{true, "a folder, a glob, a .txt or a .jsonl (field text)"}, "the text");
  v("floor", floor, RealOrAuto{{.min = 0, .max = 1}},
    "least weight of the arm, at most its cap; auto = 0, with ucb1 0.7 / the arms that are read");
  v("cap", cap, RealOrAuto{{.min = 0, .max = 1}},
    "greatest weight of the arm; auto = 1, with ucb1 1.4 / the arms that are read");
  v("documents", documents, OneOf{},
    "how a .txt is split; auto = at form feeds if there are any, else a single file at blank lines and in a "
    "folder or "
    "glob one file a document");
}

template <class V>
void visit(V& v, Of<Config> auto& o) {
  auto& [run, train, model, tokenizer, text, optimizer, schedule, cadence, eval, sampling, gate, checkpoint,
         loss, curriculum, arms] = o;
  v.group("run", "the run and its place", run);
  v.group("train", "how long, how wide, on what", train);
  v.group("model", "the shape of the model", model);
  v.group("tokenizer", "text to pieces", tokenizer);
  v.group("text", "tokenised text", text);
  v.group("optimizer", "AdamW", optimizer);
  v.group("schedule", "the learning rate over time", schedule);
  v.group("cadence", "when to look", cadence);
  v.group("eval", "loss on held-out text", eval);
  v.group("sampling", "text the model writes", sampling);
  v.group("gate", "the coherence gate", gate);
  v.group("checkpoint", "what is kept", checkpoint);
  v.group("loss", "the smoothed loss", loss);
  v.group("curriculum", "which arm a step reads", curriculum);
  v.arms("arms", "the sources of text", arms);
}

}  // namespace andrea
