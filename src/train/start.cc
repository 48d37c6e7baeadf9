#include "train/start.h"

#include <algorithm>

#include "base/log.h"
#include "base/threads.h"
#include "gate/english.h"
#include "gate/gate.h"
#include "kernels/isa.h"
#include "train/machine.h"
#include "train/resume.h"

namespace andrea {
namespace {

// At how many steps, from `first` on, the run is looked at.
int64_t cadences_from(const Config& config, int64_t first) {
  const int64_t steps = config.train.steps, every = config.cadence.every_steps;
  if (first > steps) return 0;
  return steps / every - (std::max<int64_t>(first, 1) - 1) / every + (steps % every != 0);
}

}  // namespace

RunStart run_start(const Config& config, const Corpus& corpus, const Origin& origin) {
  RunStart start;
  start.name = config.run.name;
  start.version = ANDREA_VERSION;
  for (const OptionValue& option : list_options(config)) start.config[option.key] = option.value;
  start.parameters = parameter_count(shape_of(config.model));
  start.isa = name_of(isa());
  start.precision = numbers_of(config.train) == Numbers::bf16 ? "bf16" : "fp32";
  start.threads = threads();
  start.tokenizer = corpus.tokenizer->fingerprint().hex();
  for (const Arm& arm : corpus.arms)
    start.arms.push_back(
        {arm.options.name, arm.options.domain, arm.store.documents(), arm.store.tokens(), arm.fingerprint()});
  start.resumed_from = origin.resumed_from;
  start.changed = origin.changed;
  start.words = english_words_checksum();
  start.init = origin.init;
  start.text_changed = origin.text_changed;
  return start;
}

void say_what_begins(const Config& config, const RunStart& start, bool quiet) {
  const GateOptions& gate = config.gate;
  const int64_t looks = cadences_from(config, gate.start_step);
  if (gate.enabled && !config.sampling.enabled)
    warn("sampling is off, so the gate does not watch this run");
  else if (gate.enabled && config.sampling.tokens < kJudgedTokens)
    warn(
        "the gate does not watch this run: samples of sampling.tokens {} are too short to judge, it takes {}",
        config.sampling.tokens, kJudgedTokens);
  else if (gate.enabled && looks < gate.patience)
    warn(
        "the gate cannot halt this run: from gate.start_step {} on there are {} samples, and its patience is "
        "{}",
        gate.start_step, looks, gate.patience);
  if (start.text_changed)
    info("the text is another from here on: best held-out loss and loss signal begin anew");
  if (quiet) return;
  info("{}: {:.1f}M parameters, {} arm{}, {} thread{}, {} on {}", config.run.folder().string(),
       double(start.parameters) / 1e6, start.arms.size(), start.arms.size() == 1 ? "" : "s", start.threads,
       start.threads == 1 ? "" : "s", start.precision, start.isa);
  if (start.resumed_from) info("going on from step {}", *start.resumed_from);
  for (const std::string& line : say_changes(start.changed)) info("changed since then: {}", line);
}

}  // namespace andrea
