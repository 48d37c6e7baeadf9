// What is written for people and the gate to read: samples.
#include "train/sampler.h"

#include <cmath>

#include "base/utf8.h"
#include "gate/coherence.h"
#include "model/generate.h"
#include "model/gpt.h"
#include "tests/support/tiny_run.h"
#include "train/checkpoint.h"

using namespace andrea;

namespace {

const ModelShape kSmall{8449, 32, 16, 2, 1};

const Tokenizer& tokenizer() {
  static const Tokenizer t(ANDREA_SOURCE_DIR "/tokenizer/andrea-8449.model");
  return t;
}

Tensors random_weights(float scale = 1) {
  Tensors w(kSmall);
  initialise(w, 3);
  for (Index i = 0; i < w.flat().size; ++i) w.flat().data[i] *= scale;
  return w;
}

Rng rng() { return stream(1, Purpose::sampling, 7); }

}  // namespace

TEST_CASE(
    "the loss of a sample is the mean surprise at its tokens without temperature, as the forward pass has "
    "it") {
  const Tensors w = random_weights(8);
  const std::vector<uint16_t> prompt{300, 301};
  const SamplingOptions sampling{.tokens = 20, .temperature = 0.5, .top_k = 40};
  const Generated g = generate(w, prompt, sampling, rng());
  REQUIRE(g.tokens.size() == 20);
  std::vector<uint16_t> all{1, 300, 301};
  all.insert(all.end(), g.tokens.begin(), g.tokens.end());
  const Index T = Index(all.size()) - 1;
  const PackedWeights packed(w, Numbers::fp32);
  Activations acts(kSmall, 1, T);
  forward(acts, packed, {all.data(), T});
  loss(acts, packed, {all.data() + 1, T});
  double sum = 0;
  for (Index t = 2; t < T; ++t) sum += double(acts.losses.data[t]);
  CHECK(g.loss == doctest::Approx(sum / 20).epsilon(1e-5));
}

TEST_CASE(
    "temperature 0 takes the likeliest piece, top_k 1 too; another seed gives another text, the same the "
    "same") {
  const Tensors w = random_weights(8);
  const SamplingOptions greedy{.tokens = 50, .temperature = 0, .top_k = 50},
      one{.tokens = 50, .temperature = 2, .top_k = 1}, free{.tokens = 50, .temperature = 1, .top_k = 0};
  CHECK(generate(w, {}, greedy, rng()).tokens ==
        generate(w, {}, one, stream(9, Purpose::sampling, 1)).tokens);
  CHECK(generate(w, {}, free, rng()).tokens == generate(w, {}, free, rng()).tokens);
  CHECK(generate(w, {}, free, rng()).tokens != generate(w, {}, free, stream(2, Purpose::sampling, 7)).tokens);
}

TEST_CASE(
    "pieces are drawn as often as softmax of logit / temperature says, among the top_k, and piece 0 never") {
  // One position decides all: head rows are multiples of one direction, so the logits are chosen freely.
  Tensors w(kSmall);
  initialise(w, 3);
  std::fill_n(w.flat().data, w.flat().size, 0.0f);
  w.norm.data[0] = 1;
  // The normed x of position 0 is (s, ...) with s > 0 where the embedding of BOS has its one large entry.
  w.tokens.row(1)[0] = 1;
  const float s = std::sqrt(15.0f);          // of one entry among 16, after the norm
  const float logits[] = {9, 2, 1, 0.5, 0};  // pieces 0 to 4; all others -5
  for (Index v = 0; v < 8449; ++v) w.head.row(v)[0] = (v < 5 ? logits[v] : -5) / s;
  const SamplingOptions sampling{.tokens = 1, .temperature = 0.5, .top_k = 3};
  std::vector<int> counts(8449);
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i)
    ++counts[generate(w, {}, sampling, stream(5, Purpose::sampling, uint64_t(i))).tokens[0]];
  const double e2 = std::exp(4.0), e1 = std::exp(2.0), e05 = std::exp(1.0), all = e2 + e1 + e05;
  const auto near = [&](int count, double p) {  // within five deviations of a binomial
    return std::abs(count - kDraws * p) < 5 * std::sqrt(kDraws * p * (1 - p));
  };
  CHECK(near(counts[1], e2 / all));
  CHECK(near(counts[2], e1 / all));
  CHECK(near(counts[3], e05 / all));
  CHECK(counts[1] + counts[2] + counts[3] == kDraws);
}

TEST_CASE("logits that are not finite end the sample, with a loss that says so") {
  Tensors w = random_weights();
  w.head.row(5)[3] = std::nanf("");
  const Generated g = generate(w, {}, {.tokens = 50}, rng());
  CHECK(g.tokens.empty());
  CHECK(std::isnan(g.loss));
}

TEST_CASE("a prompt is a beginning of its document that can be made again from its text") {
  const auto prompt_text = [](const std::string& document) {
    const auto tokens = tokenizer().encode(document);
    const auto prompt = prompt_of_document(tokens, tokenizer());
    const std::string text = tokenizer().decode(prompt);
    CHECK(prompt.size() <= 16);
    CHECK(document.starts_with(text));
    CHECK(tokenizer().encode(text) == prompt);
    return text;
  };
  const std::string river =
      "The river ran over the old stones and she said nothing of it, and then it was late and dark.";
  CHECK(prompt_text(river).size() > 20);
  CHECK(prompt_text("short") == "short");
  CHECK(prompt_text("") == "");
  CHECK(prompt_text("\xFF\xFE river") == "");  // its first byte is no UTF-8
  for (size_t shift = 0; shift < 4; ++shift)   // a character of four byte pieces is not cut
    CHECK(valid_utf8(
              prompt_text(std::string(shift, 'x') + "\U00012000\U00012001\U00012002\U00012003\U00012004"))
              .find("\uFFFD") == std::string::npos);
}

TEST_CASE("a sample reads BOS as a blank line and bad UTF-8 as U+FFFD") {
  std::vector<uint16_t> tokens = tokenizer().encode("one");
  tokens.push_back(Tokenizer::kBos);
  for (const uint16_t t : tokenizer().encode("two")) tokens.push_back(t);
  tokens.push_back(Tokenizer::kFirstByte + 0xE2);
  CHECK(text_of_sample(tokens, tokenizer()) == "one\n\ntwo\uFFFD");
}

TEST_CASE("what was written is scored; under 100 tokens it is not judged") {
  const Tensors w = random_weights();
  SamplingOptions sampling{.tokens = 99};
  const SampleDone brief = write_sample(w, tokenizer(), "The river", sampling, 4, 100);
  CHECK_FALSE(brief.judged);
  CHECK(brief.tokens == 99);
  CHECK(brief.prompt == "The river");
  CHECK(brief.seed == 4);
  CHECK(brief.score == coherence_score(brief.text));
  sampling.tokens = 100;
  CHECK(write_sample(w, tokenizer(), "The river", sampling, 4, 100).judged);
}

TEST_CASE("weights are the same bits with sampling on, off, and otherwise") {
  const auto state = [](const SamplingOptions& sampling) {
    TinyRun run;
    run.config.sampling = sampling;
    run.config.cadence.every_steps = 10;
    REQUIRE(run.train() == 0);
    return read_file(run.run_folder().weights(20));
  };
  const std::string with = state({});
  CHECK(with == state({.enabled = false}));
  CHECK(with == state({.tokens = 7, .temperature = 0, .top_k = 3, .prompt = "none"}));
}

TEST_CASE(
    "each cadence has its sample, of the arm of its step, past the context, and its checkpoint writes it "
    "again") {
  TinyRun run;
  run.config.sampling.tokens = 420;
  REQUIRE(run.train() == 0);
  const auto samples = events_of<SampleDone>(run);
  REQUIRE(samples.size() == 4);
  std::map<int64_t, std::string> arms;
  for (const Event& event : read_log(run.run_folder().log()))
    if (const auto* step = std::get_if<StepDone>(&event.what)) arms[event.step] = step->arm;
  for (const auto& [step, sample] : samples) {
    CHECK(sample.arm == arms[step]);
    CHECK(sample.tokens == 420);  // the context is 32
    CHECK_FALSE(sample.prompt.empty());
    const CheckpointRecord record = read_record(run.run_folder(), step);
    Tensors w(shape_of(run.config.model)), m(w.shape), v(w.shape);
    read_weights(run.run_folder(), record, w, m, v);
    SampleDone again = write_sample(w, tokenizer(), sample.prompt, run.config.sampling, sample.seed, step);
    again.arm = sample.arm, again.domain = sample.domain, again.streak = sample.streak;
    CHECK(again == sample);
  }
}
