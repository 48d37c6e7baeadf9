// Options: what a run is told. Plain structs with their defaults in place (those of ANDREA-120M v2), read
// from strict YAML and from --set. Not for what a run works out for itself: that is state.
//
// Name, range, unit and help of every option stand once, in config/options.h; reading, writing, comparing,
// --help and configs/OPTIONS.md are made from that declaration. A member's name is its YAML name.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace andrea {

enum class Precision { automatic, fp32, bf16 };  // YAML: auto, fp32, bf16
// YAML: auto, portable, ...; kernels/isa.h
enum class Instructions { automatic, portable, avx2, avx512, avx512_bf16, amx, amx_model };
enum class LossSignal { off, alarm, halt };
enum class CurriculumPolicy { proportional, uniform, ucb1 };
enum class CurriculumReward { progress, own, power_law, v1 };
enum class Documents { automatic, blank_line, form_feed, file };  // YAML: auto, blank_line, form_feed, file

struct RunOptions {
  std::string name = "andrea-120m";
  Path dir = "checkpoints";  // the run folder is dir/name
  Path folder() const { return dir / name; }
  bool operator==(const RunOptions&) const = default;
};

struct TrainOptions {
  int64_t steps = 200000;
  int64_t batch_size = 8;   // rows
  int64_t micro_batch = 0;  // rows at once; 0 = the trainer chooses
  int64_t seed = 1;
  int64_t threads = 0;  // 0 = what the CPU set and the cgroup quota allow
  Precision precision = Precision::automatic;
  Instructions isa = Instructions::automatic;
  bool operator==(const TrainOptions&) const = default;
};

struct ModelOptions {
  int64_t d_model = 768;
  int64_t n_head = 12;
  int64_t n_layer = 12;
  int64_t context = 1024;
  int64_t vocab_size = 8449;
  bool operator==(const ModelOptions&) const = default;
};

struct TokenizerOptions {
  Path model;  // never empty after loading: by default the shipped andrea-8449.model
  bool operator==(const TokenizerOptions&) const = default;
};

struct TextOptions {
  Path stores = "corpus/stores";
  bool operator==(const TextOptions&) const = default;
};

struct OptimizerOptions {
  double learning_rate = 3e-4;
  double min_learning_rate = 3e-5;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.1;
  double clip_norm = 1.0;  // 0 = off
  bool operator==(const OptimizerOptions&) const = default;
};

struct ScheduleOptions {
  int64_t warmup_steps = 2000;  // may be more than train.steps: then the run ends in its warmup
  bool operator==(const ScheduleOptions&) const = default;
};

struct CadenceOptions {
  int64_t every_steps = 100;
  bool operator==(const CadenceOptions&) const = default;
};

struct EvalOptions {
  int64_t tokens = 32768;
  bool operator==(const EvalOptions&) const = default;
};

struct SamplingOptions {
  bool enabled = true;
  int64_t tokens = 420;
  double temperature = 0.8;
  int64_t top_k = 50;               // 0 = all pieces
  std::string prompt = "held_out";  // held_out, none, or a text
  bool operator==(const SamplingOptions&) const = default;
};

struct GateOptions {
  bool enabled = true;
  double floor = 30;
  int64_t patience = 5;
  int64_t start_step = 500;
  LossSignal loss_signal = LossSignal::alarm;
  double loss_margin = 0.25;
  int64_t loss_patience = 500;
  bool operator==(const GateOptions&) const = default;
};

struct CheckpointOptions {
  int64_t keep = 5;
  bool operator==(const CheckpointOptions&) const = default;
};

struct LossOptions {
  double ema_alpha = 0.01;
  bool operator==(const LossOptions&) const = default;
};

struct CurriculumOptions {
  CurriculumPolicy policy = CurriculumPolicy::ucb1;
  CurriculumReward reward = CurriculumReward::own;
  double exploration = 1.0;  // C of UCB1
  int64_t memory = 500;      // pulls of all arms, one a step, that count; 0 = all alike
  int64_t max_epochs = 0;    // 0 = no limit
  bool operator==(const CurriculumOptions&) const = default;
};

// As they are written in a config.
std::string name_of(CurriculumPolicy policy);
std::string name_of(CurriculumReward reward);

// One source of text.
struct ArmOptions {
  std::string name;    // unique among the arms, usable as a file name
  std::string domain;  // never empty after loading: by default the name
  Path path;           // a folder, a .txt, a .jsonl; what does not exist and has * ? or [ is a glob
  std::optional<double> floor = {}, cap = {};  // 0 <= floor <= cap <= 1; empty is auto: docs/curriculum.md
  Documents documents = Documents::automatic;  // how a .txt is split
  bool operator==(const ArmOptions&) const = default;
};

struct Config {
  RunOptions run;
  TrainOptions train;
  ModelOptions model;
  TokenizerOptions tokenizer;
  TextOptions text;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  CadenceOptions cadence;
  EvalOptions eval;
  SamplingOptions sampling;
  GateOptions gate;
  CheckpointOptions checkpoint;
  LossOptions loss;
  CurriculumOptions curriculum;
  std::vector<ArmOptions> arms;
  bool operator==(const Config&) const = default;
};

// --- reading ---

// `nothing_on_disk`: the text and the tokenizer may be missing (reading the config of a run made elsewhere).
enum class Demand { everything, nothing_on_disk };

// A file, then each "a.b=value" of `sets` in order (later ones win). In the result all paths are absolute and
// arms, domains and tokenizer filled in. Throws a usage Error whose message lists all mistakes, one sentence
// a line, each beginning with "FILE:LINE: " or "--set ITEM: ".
//
// Relative paths: tokenizer.model and the arms' belong to the config file's folder, in --set to the working
// directory; run.dir and text.stores always to the working directory.
Config load_config(const Path& file, const std::vector<std::string>& sets,
                   Demand demand = Demand::everything);

// The same from text; `where` stands for the file's name, in messages and as the base of relative paths.
Config parse_config(std::string_view yaml, const std::string& where, const std::vector<std::string>& sets,
                    Demand demand = Demand::everything);

// `name` as given; else, when it has no folder part, the shipped config of that name, with or without
// ".yaml". Throws a usage Error that says where it looked and what is shipped.
Path find_config(const std::string& name);

// Folders of shipped configs that exist, best first: beside the running program's install, the source tree,
// the install prefix of the build. A shipped tokenizer lies in ../tokenizer of each.
std::vector<Path> shipped_config_folders();

// --- writing and comparing ---

// YAML with every option and its value; load_config of it gives an equal Config (doubles to the same bit).
std::string dump_config(const Config& config);

struct OptionValue {
  std::string key;    // "model.d_model", "arms.NAME.path"
  std::string value;  // as text, without quotes
  bool operator==(const OptionValue&) const = default;
};
std::vector<OptionValue> list_options(const Config& config);

// What differs, in the order of the options. An arm that came or went is one change of "arms.NAME" between
// "none" and its path; a new order of the same arms is a change of "arms". Empty exactly when the configs are
// equal.
struct OptionChange {
  std::string key, from, to;
  bool operator==(const OptionChange&) const = default;
};
std::vector<OptionChange> changes(const Config& from, const Config& to);

// --- telling ---

std::string options_help();  // for --help: by group, every option, its default, meaning and what is allowed
std::string options_markdown();  // all of configs/OPTIONS.md

}  // namespace andrea
