// Wrong configs and exactly what is said about them.
#include <doctest/doctest.h>

#include "base/rng.h"
#include "config/config.h"
#include "folder.h"

using namespace andrea;

namespace {

struct Wrong {
  std::string yaml, message;
  std::vector<std::string> sets = {};
};

const std::vector<Wrong> kWrong = {
    // unknown names
    {"model:\n  d_modle: 768\n", "c.yaml:2: unknown option model.d_modle; did you mean model.d_model?"},
    {"model:\n  learning_rate: 1e-3\n",
     "c.yaml:2: unknown option model.learning_rate; did you mean optimizer.learning_rate?"},
    {"optimizer:\n  lr: 1e-3\n",
     "c.yaml:2: unknown option optimizer.lr; optimizer has learning_rate, min_learning_rate, beta1, beta2, "
     "epsilon, "
     "weight_decay, clip_norm"},
    {"modle:\n  d_model: 768\n", "c.yaml:1: unknown group modle; did you mean model?"},
    {"warmup_steps: 10\n", "c.yaml:1: unknown option warmup_steps; did you mean schedule.warmup_steps?"},
    {"model.d_model: 768\n", "c.yaml:1: unknown option model.d_model; in a file write d_model below model:"},
    {"wandb:\n  project: x\n",
     "c.yaml:1: unknown group wandb; the groups are run, train, model, tokenizer, text, optimizer, schedule, "
     "cadence, "
     "eval, sampling, gate, checkpoint, loss, curriculum, arms"},
    // whole numbers
    {"train:\n  steps: 0\n",
     "c.yaml:2: train.steps is 0; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps: -5\n",
     "c.yaml:2: train.steps is -5; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps: 2.5\n",
     "c.yaml:2: train.steps is 2.5; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps: 1e3\n",
     "c.yaml:2: train.steps is 1e3; it must be a whole number of updates from 1 to 1000000000, in plain "
     "digits: 1000"},
    {"train:\n  steps: 1_000\n",
     "c.yaml:2: train.steps is 1_000; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps: 0100\n",
     "c.yaml:2: train.steps is 0100; it must be a whole number of updates from 1 to 1000000000, in plain "
     "digits: 100"},
    {"train:\n  steps: 0x10\n",
     "c.yaml:2: train.steps is 0x10; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps: \"100\"\n",
     "c.yaml:2: train.steps is a text in quotes; it must be a whole number of updates from 1 to 1000000000, "
     "without "
     "quotes"},
    {"train:\n  steps: many\n",
     "c.yaml:2: train.steps is many; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps: [100]\n",
     "c.yaml:2: train.steps is a list; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps: {a: 1}\n",
     "c.yaml:2: train.steps is a mapping; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  steps:\n",
     "c.yaml:2: train.steps has no value; it must be a whole number of updates from 1 to 1000000000"},
    {"train:\n  seed: 9223372036854775808\n",
     "c.yaml:2: train.seed is 9223372036854775808; it must be a whole number from 0 to 9223372036854775807"},
    {"train:\n  seed: 18446744073709551617\n",
     "c.yaml:2: train.seed is 18446744073709551617; it must be a whole number from 0 to 9223372036854775807"},
    {"model:\n  vocab_size: 65537\n",
     "c.yaml:2: model.vocab_size is 65537; it must be a whole number of pieces from 259 to 65536"},
    // real numbers
    {"optimizer:\n  learning_rate: 0\n",
     "c.yaml:2: optimizer.learning_rate is 0; it must be a number above 0 and at most 1"},
    {"optimizer:\n  learning_rate: .nan\n",
     "c.yaml:2: optimizer.learning_rate is .nan; it must be a number above 0 and at most 1"},
    {"optimizer:\n  learning_rate: nan\n",
     "c.yaml:2: optimizer.learning_rate is nan; it must be a number above 0 and at most 1"},
    {"optimizer:\n  clip_norm: inf\n",
     "c.yaml:2: optimizer.clip_norm is inf; it must be a number from 0 to 1000000"},
    {"optimizer:\n  clip_norm: 1e999\n",
     "c.yaml:2: optimizer.clip_norm is 1e999; it must be a number from 0 to 1000000"},
    {"optimizer:\n  beta2: 1\n", "c.yaml:2: optimizer.beta2 is 1; it must be a number from 0 to below 1"},
    {"optimizer:\n  epsilon: 1e-8x\n",
     "c.yaml:2: optimizer.epsilon is 1e-8x; it must be a number above 0 and at most 1"},
    {"gate:\n  floor: 101\n", "c.yaml:2: gate.floor is 101; it must be a number of points from 0 to 100"},
    {"sampling:\n  temperature: '0.8'\n",
     "c.yaml:2: sampling.temperature is a text in quotes; it must be a number from 0 to 10, without quotes"},
    // switches, choices and texts
    {"gate:\n  enabled: yes\n", "c.yaml:2: gate.enabled is yes; it must be true or false"},
    {"train:\n  precision: fp16\n", "c.yaml:2: train.precision is fp16; it must be auto, fp32 or bf16"},
    {"curriculum:\n  policy: ucb2\n",
     "c.yaml:2: curriculum.policy is ucb2; it must be proportional, uniform or ucb1"},
    {"curriculum:\n  reward: loss\n",
     "c.yaml:2: curriculum.reward is loss; it must be progress, own, power_law or v1"},
    {"curriculum:\n  exploration: -1\n",
     "c.yaml:2: curriculum.exploration is -1; it must be a number from 0 to 100"},
    {"curriculum:\n  memory: 0.5\n",
     "c.yaml:2: curriculum.memory is 0.5; it must be a whole number of pulls from 0 to 1000000000"},
    {"curriculum:\n  max_epochs: -1\n",
     "c.yaml:2: curriculum.max_epochs is -1; it must be a whole number of readings from 0 to 1000000"},
    {"gate:\n  loss_signal: stop\n", "c.yaml:2: gate.loss_signal is stop; it must be off, alarm or halt"},
    {"run:\n  name: a/b\n",
     "c.yaml:2: run.name is a/b, which holds a /; it must be a plain file name of at most 100 bytes"},
    {"run:\n  name: ..\n",
     "c.yaml:2: run.name is .., which begins with .; it must be a plain file name of at most 100 bytes"},
    {"run:\n  name: \"\"\n",
     "c.yaml:2: run.name is empty; it must be a plain file name of at most 100 bytes"},
    {"run:\n  name: \"a\\nb\"\n",
     "c.yaml:2: run.name is a?b, which holds a control character; it must be a plain file name of at most "
     "100 bytes"},
    {"run:\n  dir: ~\n", "c.yaml:2: run.dir has no value; it must be a folder"},
    {"text:\n  stores: \"a\\0b\"\n",
     "c.yaml:2: text.stores is a?b, which holds a control character; it must be a folder"},
    {"sampling:\n  prompt: ''\n", "c.yaml:2: sampling.prompt is empty; it must be a text that is not empty"},
    // between options
    {"model:\n  n_head: 12\n  d_model: 770\n",
     "c.yaml:3: model.d_model is 770, which n_head 12 does not divide; the next ones that work: 768, 780"},
    {"model:\n  n_head: 7\n",
     "c.yaml:2: model.d_model is 768, which n_head 7 does not divide; the next ones that work: 763, 770"},
    {"model:\n  d_model: 4608\n  n_layer: 12\n",
     "c.yaml:2: the model has 3.14 billion parameters; a checkpoint can hold at most 2.14 billion"},
    {"model: {d_model: 8}\n",
     "c.yaml:1: model.d_model is 8, which n_head 12 does not divide; the next one that works: 12"},
    {"optimizer:\n  learning_rate: 1e-5\n",
     "c.yaml:2: optimizer.min_learning_rate is 3e-05, above learning_rate 1e-05; it must be at most that"},
    {"train:\n  micro_batch: 16\n",
     "c.yaml:2: train.micro_batch is 16, above batch_size 8; it must be at most that, or 0"},
    // the shape of the file
    {"", "c.yaml: the config is empty; give at least one text, for instance arms: ./my-texts"},
    {"# all of it in comments\n",
     "c.yaml: the config is empty; give at least one text, for instance arms: ./my-texts"},
    {"- model\n",
     "c.yaml:1: a config is a mapping of groups of options, such as model: and below it d_model: 768"},
    {"hello\n",
     "c.yaml:1: a config is a mapping of groups of options, such as model: and below it d_model: 768"},
    {"model: 5\n",
     "c.yaml:1: model is 5; it is a group of options, so give one of them or leave it out; model has "
     "d_model, n_head, "
     "n_layer, context, vocab_size"},
    {"gate:\n#  enabled: true\n",
     "c.yaml:1: gate is empty; it is a group of options, so give one of them or leave it out; gate has "
     "enabled, floor, "
     "patience, start_step, loss_signal, loss_margin, loss_patience"},
    {"train:\n  steps: 5\n  steps: 6\n", "c.yaml:3: train.steps is given twice; the first is in line 2"},
    {"train: {steps: 5}\n---\ntrain: {steps: 6}\n",
     "c.yaml:2: a second document begins; a config is one document, without ---"},
    {"train:\n  steps: &n 5\n",
     "c.yaml:2: anchors (&) are not supported; write the value out where it is needed"},
    {"train:\n  steps: *n\n", "c.yaml:2: this is not valid YAML: the referenced anchor is not defined"},
    {"train:\n  steps: !!int 5\n", "c.yaml:2: tags (!) are not supported; write the value alone"},
    {"train:\n  steps: 5\n bad: 6\n",
     "c.yaml:3: this is not valid YAML: a line that is no 'key: value' among lines that are; check the "
     "indentation"},
    // arms
    {"arms:\n- {name: a, floor: 0.9}\n", "c.yaml:2: arm a has no path; give it a path or a folder"},
    {"arms:\n- path: x\n  flor: 0.9\n", "c.yaml:3: unknown key flor of arm x; did you mean floor?"},
    {"arms:\n- path: x\n  weight: 0.9\n",
     "c.yaml:3: unknown key weight of arm x; an arm has folder, name, domain, path, floor, cap, documents"},
    {"arms:\n- path: x\n  floor: '0.5'\n",
     "c.yaml:3: floor of arm x is a text in quotes; it must be auto or a number from 0 to 1, without "
     "quotes"},
    {"arms:\n- path: x\n  floor: 0.9\n  cap: 0.5\n",
     "c.yaml:3: floor of arm x is 0.9, above the cap 0.5; it must be 0 <= floor <= cap <= 1"},
    {"arms:\n- path: x\n  cap: 1.5\n",
     "c.yaml:3: cap of arm x is 1.5; it must be auto or a number from 0 to 1"},
    {"arms:\n- x/a\n- y/a\n", "c.yaml:3: an arm a is there already (c.yaml:2); names must be unique"},
    {"arms:\n- path: x\n  floor: 2\n  cap: no\n- x\n",  // one mistake hides no other
     "c.yaml:3: floor of arm x is 2; it must be auto or a number from 0 to 1\n"
     "c.yaml:4: cap of arm x is no; it must be auto or a number from 0 to 1\n"
     "c.yaml:5: an arm x is there already (c.yaml:2); names must be unique"},
    {"arms:\n- path: ./x/\n  cap: 7\n",
     "c.yaml:3: cap of arm x is 7; it must be auto or a number from 0 to 1"},
    {"arms:\n- path: /*.txt\n  cap: 7\n  name: [a]\n",
     "c.yaml:3: cap of an arm is 7; it must be auto or a number from 0 to 1\n"
     "c.yaml:4: name of an arm is a list; it must be a plain file name of at most 100 bytes"},
    {"arms: [x/a, y/a]\n", "c.yaml:1: an arm a is there already; names must be unique"},
    {"arms:\n- path: x\n  name: a/b\n",
     "c.yaml:3: name of an arm is a/b, which holds a /; it must be a plain file name of at most 100 bytes"},
    {"arms: ./.hidden\n",
     "c.yaml:1: the arm's name .hidden begins with .; give it one that is a plain file name of at most 100 "
     "bytes"},
    {"arms: /\n", "c.yaml:1: the path / gives the arm no name; give it one"},
    {"arms:\n- path: x\n  documents: page\n",
     "c.yaml:3: documents of arm x is page; it must be auto, blank_line, form_feed or file"},
    {"arms:\n- [a, b]\n", "c.yaml:2: an arm is a list; it must be a path, or a mapping with path or folder"},
    {"arms:\n-\n", "c.yaml:2: an arm has no value; it must be a path to text"},
    {"arms:\n- folder: x\n  name: a\n",
     "c.yaml:3: name of an arm cannot stand beside folder, which makes an arm of each file"},
    {"arms:\n  folder: []\n", "c.yaml:2: folder of an arm is an empty list"},
    // --set
    {"run: {name: x}\n",
     "--set model.d_modle=5: unknown option model.d_modle; did you mean model.d_model?",
     {"model.d_modle=5"}},
    {"run: {name: x}\n",
     "--set train.steps: write it as option=value, for instance train.steps=1000",
     {"train.steps"}},
    {"run: {name: x}\n",
     "--set train.steps=: train.steps has no value; it must be a whole number of updates from 1 to "
     "1000000000",
     {"train.steps="}},
    {"run: {name: x}\n",
     "--set model=5: model is 5; it is a group of options, so give one of them or leave it out; model has "
     "d_model, "
     "n_head, n_layer, context, vocab_size",
     {"model=5"}},
    {"run: {name: x}\n",
     "--set arms.a.floor=1: arms are set as a whole, for instance --set arms='[{name: a, path: ./a, floor: "
     "0.2}]'",
     {"arms.a.floor=1"}},
    {"run: {name: x}\n", "--set arms=[a: this is not valid YAML: a '[' has no ']'", {"arms=[a"}},
    {"run: {name: x}\n", "--set run.name=?: this is not UTF-8 text", {"run.name=\xFF"}},
    {"model:\n  d_model: 768\n  n_head: 12\n",
     "--set model.n_head=5: model.d_model is 768, which n_head 5 does not divide; the next ones that work: "
     "765, 770",
     {"model.n_head=5"}},
    {"run: {name: x}\n",
     "--set train.steps=\"5\": train.steps is a text in quotes; it must be a whole number of updates from 1 "
     "to "
     "1000000000, without quotes",
     {"train.steps=\"5\""}},
};

}  // namespace

TEST_CASE("wrong configs: each with its one sentence") {
  for (const Wrong& wrong : kWrong) {
    CAPTURE(wrong.yaml);
    CHECK(error_of([&] { parse_config(wrong.yaml, "c.yaml", wrong.sets, Demand::nothing_on_disk); }) ==
          wrong.message);
  }
}

TEST_CASE("wrong configs: all mistakes at once, by line, those of --set last and in their order") {
  const std::string yaml =
      "run:\n  name: a/b\narms:\n- path: x\n  cap: 7\ntrain:\n  steps: no\n  stepz: 5\nmodel:\n  d_model: "
      "0\n  n_head: 5\n"
      "  context: 8\n  context: 9\n";
  CHECK(
      error_of([&] {
        parse_config(yaml, "c.yaml", {"gate.enabled=1", "x=1", "optimizer.beta1=2"}, Demand::nothing_on_disk);
      }) ==
      "c.yaml:2: run.name is a/b, which holds a /; it must be a plain file name of at most 100 bytes\n"
      "c.yaml:5: cap of arm x is 7; it must be auto or a number from 0 to 1\n"
      "c.yaml:7: train.steps is no; it must be a whole number of updates from 1 to 1000000000\n"
      "c.yaml:8: unknown option train.stepz; did you mean train.steps?\n"
      // n_head 5 does not divide the default 768, but d_model is already said to be wrong
      "c.yaml:10: model.d_model is 0; it must be a whole number from 1 to 65536\n"
      "c.yaml:13: model.context is given twice; the first is in line 12\n"
      "--set gate.enabled=1: gate.enabled is 1; it must be true or false\n"
      "--set x=1: unknown option x; the groups are run, train, model, tokenizer, text, optimizer, schedule, "
      "cadence, "
      "eval, sampling, gate, checkpoint, loss, curriculum, arms\n"
      "--set optimizer.beta1=2: optimizer.beta1 is 2; it must be a number from 0 to below 1");
}

TEST_CASE("wrong configs: of very many mistakes the first hundred are told") {
  std::string yaml = "model:\n", want;
  for (int i = 0; i < 103; ++i) yaml += "  context: 8\n";
  for (int i = 3; i < 103; ++i)
    want += "c.yaml:" + std::to_string(i) + ": model.context is given twice; the first is in line 2\n";
  CHECK(error_of([&] { parse_config(yaml, "c.yaml", {}, Demand::nothing_on_disk); }) ==
        want + "and 2 more mistakes");
}

TEST_CASE("wrong configs: what is not on the disk") {
  const Folder here;
  const std::string dir = here.str();
  here.write("t.model", "x");
  here.write("texts/a.md", "x");
  const std::string hint =
      "\nhint: scripts/fetch_corpus.py quick (or standard) fetches real text into corpus/; a text of your "
      "own: "
      "--set arms=./my-texts";
  const auto error = [&](const std::string& text) {
    here.write("c.yaml", "tokenizer: {model: t.model}\n" + text);
    return error_of([&] { load_config(dir + "/c.yaml", {}); });
  };
  const std::string at = dir + "/c.yaml:2: ";
  CHECK(error("arms: texts\n") == "");
  CHECK(error("") == dir + "/c.yaml: arms is missing; give at least one text, for instance arms: ./my-texts");
  here.write("list.yaml", "- texts\n");
  CHECK(error_of([&] { load_config(dir + "/list.yaml", {}); }) ==
        dir +
            "/list.yaml:1: a config is a mapping of groups of options, such as model: and below it d_model: "
            "768");
  CHECK(error("arms: []\n") ==
        at + "arms is an empty list; give at least one text, for instance arms: ./my-texts");
  CHECK(error("arms: textz\n") == at + "there is no " + dir + "/textz, the text of arm textz" + hint);
  CHECK(error("arms: texts/*.txt\n") ==
        at + "no file matches " + dir + "/texts/*.txt, the text of arm texts" + hint);
  CHECK(error("arms: texts/*.md\n") == "");
  CHECK(error("arms: {folder: texts}\n") ==
        at + "the folder " + dir + "/texts holds no .txt and no .jsonl file" + hint);
  CHECK(error("arms: {folder: [x, y]}\n") ==
        at + "there is no folder " + dir + "/x and no folder " + dir + "/y" + hint);
  CHECK(error("arms: texts\n#").empty());

  here.write("d.yaml", "arms: texts\ntokenizer:\n  model: u.model\n");
  CHECK(error_of([&] { load_config(dir + "/d.yaml", {}); }) ==
        dir + "/d.yaml:3: tokenizer.model: there is no file " + dir + "/u.model");
  CHECK(error_of([&] { load_config(dir + "/d.yaml", {}, Demand::nothing_on_disk); }) == "");
  CHECK(error_of([&] { load_config(dir + "/d.yaml", {"tokenizer.model=" + dir + "/t.model"}); }) == "");
}

TEST_CASE("wrong configs: any damaged byte of a config gives a config or a usage error") {
  const std::string text = read_file(Path(ANDREA_SOURCE_DIR) / "configs/v2.yaml");
  Rng rng = stream(3, Purpose::test, 0);
  int refused = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    const char* likely = "\0\t\n\"'#&*-:[]{}|>%@,0\xFF";
    damaged[i] = rng.below(3) == 0 ? char(rng.below(256)) : likely[rng.below(22)];
    if (rng.below(4) == 0) damaged.resize(i);
    const std::string error = error_of([&] { parse_config(damaged, "c.yaml", {}, Demand::nothing_on_disk); });
    CHECK_MESSAGE(error.find("not a usage error") == std::string::npos, error);
    refused += !error.empty();
  }
  CHECK(refused > 100);
}

TEST_CASE("wrong configs: files that are none") {
  const Folder here;
  const std::string dir = here.str();
  CHECK(error_of([&] { load_config(dir + "/none.yaml", {}); }) ==
        "there is no config file " + dir + "/none.yaml");
  CHECK(error_of([&] { load_config(dir, {}); }) == dir + " is a folder, not a config file");
  CHECK(error_of([&] { load_config("/dev/null", {}); }) == "/dev/null is not a regular file");
  here.write("binary.yaml", std::string("run:\0\1", 6));
  CHECK(error_of([&] { load_config(dir + "/binary.yaml", {}); }) ==
        dir + "/binary.yaml:1: this is not text (control byte 0x00)");
  here.write("large.yaml", std::string(1048577, ' '));
  CHECK(error_of([&] { load_config(dir + "/large.yaml", {}); }) ==
        dir + "/large.yaml has 1048577 bytes; at most 1048576 are read");
}
