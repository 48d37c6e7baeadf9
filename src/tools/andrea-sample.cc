// andrea-sample: lets a checkpoint write text, as training does at each cadence.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>

#include "base/fields.h"
#include "gate/english.h"
#include "gate/tracker.h"
#include "tools/main_wrapper.h"
#include "train/machine.h"
#include "train/open_checkpoint.h"
#include "train/sampler.h"

namespace andrea {
namespace {

struct Arguments {
  std::string where;
  std::optional<std::string> prompt;
  std::optional<int64_t> tokens, top_k, seed;
  std::optional<double> temperature;
  bool json = false, score = false, notice = false;
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("checkpoint", a.where, "a run folder (its newest checkpoint), or a step_NNNNNN.bin")
      ->type_name("RUN-or-CKPT");
  app.add_option("--prompt", a.prompt,
                 "text to go on from; left out: that of the run's own sample at this step, or none");
  app.add_option("--tokens", a.tokens, "how many to write")->check(whole_number(1, 1'000'000));
  app.add_option("--temperature", a.temperature, "0 = always the likeliest piece")->check(real_number(0, 10));
  app.add_option("--top-k", a.top_k, "draw among the likeliest; 0 = among all")
      ->check(whole_number(0, 65536));
  app.add_option("--seed", a.seed, "another seed, another text")
      ->check(whole_number(0, std::numeric_limits<int64_t>::max()));
  app.add_flag("--json", a.json,
               "print one JSON object: text, tokens, loss, seed, temperature, top_k, score");
  app.add_flag("--score", a.score, "print the loss and the coherence score too");
  app.add_flag("--notice", a.notice, "print the copyright notice of the built-in word list and end");
  app.set_version_flag("--version", std::string("andrea-sample ") + ANDREA_VERSION);
  app.footer(
      std::string("What is left out is as in the run, so that without options the run's own sample at this "
                  "step comes again,\nletter for letter.\n") +
      kExitCodes + ".");
}

Json json_of(const SampleDone& s) {
  Json json = Json::object();
  json["text"] = s.text, json["tokens"] = s.tokens, json["loss"] = fields::encode(s.loss),
  json["seed"] = s.seed;
  json["temperature"] = s.temperature, json["top_k"] = s.top_k, json["score"] = to_json(s.score);
  return json;
}

std::string score_line(const SampleDone& s) {
  return fmt::format(
      "score {:.1f} = bigrams {:.1f} of 35 + trigrams {:.1f} of 35 + English {:.1f} of 20 + characters "
      "{:.1f} of 10{}; "
      "loss {:.3f}: {}",
      s.score.total, s.score.bigram, s.score.trigram, s.score.english, s.score.characters,
      s.judged ? "" : " (too short to judge)", s.loss, tier_of(s.loss).reading);
}

int run(const Arguments& a) {
  if (a.notice) {
    std::fwrite(english_words_notice().data(), 1, english_words_notice().size(), stdout);
    return kExitDone;
  }
  if (a.where.empty())
    throw usage_error("no run folder and no checkpoint is given",
                      "for instance: andrea-sample checkpoints/quickstart");
  const OpenCheckpoint open = open_checkpoint(a.where);
  TrainOptions machine = open.config.train;
  machine.threads = 0;  // the result is the same for any number
  use_machine(machine);
  const int64_t step = open.record.state.step;
  SamplingOptions sampling = open.config.sampling;
  if (a.tokens) sampling.tokens = *a.tokens;
  if (a.temperature) sampling.temperature = *a.temperature;
  if (a.top_k) sampling.top_k = *a.top_k;
  std::string prompt = a.prompt.value_or("");
  if (!a.prompt) {
    if (const auto own = logged_sample(open.folder, step))
      prompt = own->prompt;
    else
      info("the log holds no sample of step {}; this one begins with no prompt", step);
  }
  const SampleDone sample = write_sample(open.weights, open.tokenizer, prompt, sampling,
                                         a.seed.value_or(open.config.train.seed), step);
  const std::string out =
      a.json ? to_line(json_of(sample)) + "\n"
             : sample.prompt + sample.text + "\n" + (a.score ? "\n" + score_line(sample) + "\n" : "");
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (std::fflush(stdout) != 0) throw Error("cannot write to stdout");
  return kExitDone;
}

}  // namespace
}  // namespace andrea

int main(int argc, char** argv) {
  CLI::App app{"Lets a checkpoint write text, as training does at each cadence.", "andrea-sample"};
  andrea::Arguments arguments;
  andrea::declare(app, arguments);
  return andrea::run_program(app, argc, argv, [&] { return andrea::run(arguments); });
}
