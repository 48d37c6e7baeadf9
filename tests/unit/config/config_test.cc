#include "config/config.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "config/options.h"
#include "config/value.h"
#include "folder.h"

using namespace andrea;

namespace {

const Path kConfigs = Path(ANDREA_SOURCE_DIR) / "configs";

Config parse(const std::string& yaml, const std::vector<std::string>& sets = {}) {
  return parse_config(yaml, "c.yaml", sets, Demand::nothing_on_disk);
}

// Gives every option a value of its range, ends included, by chance. With `only` >= 0 just the option of that
// number, and then always another value than it had.
struct Shake {
  Rng rng;
  int only = -1;
  int number = 0;
  std::string shaken = {};  // the key of the last option that was changed
  std::string prefix = {};

  void group(const char* name, const char*, auto& options) {
    prefix = std::string(name) + ".";
    visit(*this, options);
  }
  void arms(const char*, const char*, std::vector<ArmOptions>& all) {
    for (ArmOptions& arm : all) {
      prefix = "arms." + arm.name + ".";
      visit(*this, arm);
    }
  }
  template <class T, class Rule>
  void operator()(const char* name, T& member, const Rule& rule, const char*) {
    const bool arm_name = prefix.starts_with("arms.") && std::string(name) == "name";
    if (arm_name || (only >= 0 && number++ != only)) return;
    shaken = prefix + name;
    const T before = member;
    do member = value(rule, member);
    while (only >= 0 && member == before);
  }

  int64_t value(const Whole& rule, int64_t) {
    if (const uint64_t end = rng.below(8); end < 2) return end ? rule.max : rule.min;
    return rule.min + int64_t(rng.below(uint64_t(rule.max - rule.min) + 1));
  }
  double value(const Real& rule, double) {
    const uint64_t end = rng.below(8);
    if (end == 0 && !rule.above_min) return rule.min;
    if (end == 1 && !rule.below_max) return rule.max;
    return rule.min +
           (rule.max - rule.min) * (1 - rng.uniform()) * (rule.above_min || rule.below_max ? 0.999 : 1);
  }
  std::optional<double> value(const RealOrAuto& rule, const std::optional<double>&) {
    return rng.below(4) == 0 ? std::nullopt : std::optional(value(static_cast<const Real&>(rule), 0.0));
  }
  bool value(const Flag&, bool) { return rng.below(2) == 1; }
  std::string value(const Text& rule, const std::string&) {
    static const std::vector<std::string> names = {
        "a",   "true", "null", "~",  "5",  "a b",   "it's", "\"q\"", "#x", "a: b", "\xC3\xA4\xE2\x82\xAC",
        "{x}", "*x",   "&x",   "!x", "%x", "a\\nb", "?"};
    static const std::vector<std::string> texts = {
        " lead",  "trail ",       "two\nlines\n",         "\ttab",        std::string("\0\1\x7F", 3),
        "a\r\nb", "\xEF\xBB\xBF", "\xC2\x85\xE2\x80\xA8", "- ---\n...\n", "\n"};
    const uint64_t all = names.size() + (rule.file_name ? 0 : texts.size());
    const size_t i = rng.below(all);
    return i < names.size() ? names[i] : texts[i - names.size()];
  }
  Path value(const Location&, const Path&) {
    return Path("/srv") / value(Text{.file_name = true}, "") / std::to_string(rng.below(1000));
  }
  template <class E>
  E value(const OneOf&, E) {
    return Choices<E>::all[rng.below(Choices<E>::all.size())].value;
  }
};

Config random_config(uint64_t seed) {
  Config c;
  for (const char* name : {"b", "a", "'c: d'"}) {
    c.arms.emplace_back();
    c.arms.back().name = name;
  }
  Shake shake{.rng = stream(seed, Purpose::test, 0)};
  visit(shake, c);
  // What options ask of each other.
  // n_head divides d_model, and all fits into one checkpoint.
  c.model.n_head = 1 + c.model.n_head % 64;
  c.model.d_model = c.model.n_head * (1 + c.model.d_model / 8192);
  c.model.n_layer = 1 + c.model.n_layer % 64;
  if (c.optimizer.min_learning_rate > c.optimizer.learning_rate)
    std::swap(c.optimizer.min_learning_rate, c.optimizer.learning_rate);
  if (c.train.micro_batch > c.train.batch_size) c.train.micro_batch = 0;
  for (ArmOptions& arm : c.arms)
    if (arm.floor && arm.cap && *arm.floor > *arm.cap) std::swap(arm.floor, arm.cap);
  return c;
}

}  // namespace

TEST_CASE("config: what is not given keeps its default, and the defaults are v2's") {
  Config want;
  want.arms = {{.name = "x", .domain = "x", .path = "/x"}};
  want.run.dir = std::filesystem::current_path() / "checkpoints";
  want.text.stores = std::filesystem::current_path() / "corpus/stores";
  Config got = parse("arms: /x\n");
  want.tokenizer.model = got.tokenizer.model;
  CHECK(got.tokenizer.model == Path(ANDREA_SOURCE_DIR) / "tokenizer/andrea-8449.model");
  CHECK(got == want);

  const Config v2 = load_config(kConfigs / "v2.yaml", {}, Demand::nothing_on_disk);
  got.arms = v2.arms;
  CHECK(changes(got, v2) == std::vector<OptionChange>{});
  CHECK(v2.model.d_model * v2.model.n_layer == 768 * 12);
  CHECK(v2.optimizer.learning_rate == 3e-4);
  CHECK(v2.optimizer.weight_decay == 0.1);
  CHECK(v2.schedule.warmup_steps == 2000);
}

TEST_CASE("config: v1 is what it was") {
  const Config v1 = load_config(kConfigs / "v1.yaml", {}, Demand::nothing_on_disk);
  CHECK(v1.optimizer.learning_rate == 3e-4);
  CHECK(v1.optimizer.min_learning_rate == 3e-4);
  CHECK(v1.optimizer.weight_decay == 0);
  CHECK(v1.optimizer.clip_norm == 0);
  CHECK(v1.schedule.warmup_steps == 0);
  CHECK_FALSE(v1.gate.enabled);
  CHECK(v1.train.steps == 200000);
}

TEST_CASE("config: every shipped config loads, is dumped, and loads back the same") {
  int shipped = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs)) {
    if (entry.path().extension() != ".yaml") continue;
    CAPTURE(entry.path().string());
    const Config config = load_config(entry.path(), {}, Demand::nothing_on_disk);
    CHECK(parse_config(dump_config(config), "elsewhere/config.yaml", {}, Demand::nothing_on_disk) == config);
    ++shipped;
  }
  CHECK(shipped >= 4);
}

TEST_CASE("config: dump and load give an equal config, whatever the values") {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const Config config = random_config(seed);
    const std::string yaml = dump_config(config);
    CAPTURE(yaml);
    Config back;
    REQUIRE_NOTHROW(back = parse_config(yaml, "c.yaml", {}, Demand::nothing_on_disk));
    REQUIRE(back == config);
    REQUIRE(changes(config, back).empty());
    REQUIRE(dump_config(back) == yaml);
  }
}

TEST_CASE("config: a change of any one option is seen, alone, by its name") {
  const Config before = random_config(1);
  const int options = int(list_options(before).size());
  CHECK(options > 50);
  int changed = 0;
  for (int i = 0;; ++i) {
    Config after = before;
    Shake shake{.rng = stream(7, Purpose::test, uint64_t(i)), .only = i};
    visit(shake, after);
    if (shake.shaken.empty()) break;
    CAPTURE(shake.shaken);
    CHECK_FALSE(after == before);
    const std::vector<OptionChange> seen = changes(before, after);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].key == shake.shaken);
    CHECK(seen[0].from != seen[0].to);
    CHECK(changes(after, before) == std::vector<OptionChange>{{seen[0].key, seen[0].to, seen[0].from}});
    ++changed;
  }
  CHECK(changed ==
        options - int(before.arms.size()));  // all but the arms' names, which are what arms are known by
}

TEST_CASE("config: arms that come, go and change places") {
  const Config before = parse("arms: [/x/a, /x/b, /x/c]\n");
  CHECK(changes(before, parse("arms: [/x/a, /x/c]\n")) ==
        std::vector<OptionChange>{{"arms.b", "/x/b", "none"}});
  CHECK(changes(before, parse("arms: [/x/a, /x/b, /x/c, /x/d]\n")) ==
        std::vector<OptionChange>{{"arms.d", "none", "/x/d"}});
  CHECK(changes(before, parse("arms: [/x/b, /x/a, /x/c]\n")) ==
        std::vector<OptionChange>{{"arms", "a, b, c", "b, a, c"}});
}

TEST_CASE("config: --set wins over the file, and the last one over the others") {
  const std::string yaml = "train:\n  steps: 5\n  seed: 6\nsampling: {prompt: x}\n";
  const Config c = parse(yaml, {"train.steps=7", " train.steps = 8 ", "model={d_model: 24, n_layer: 2}",
                                "sampling.prompt=The cat: it # sat", "optimizer.clip_norm=+1e-1"});
  CHECK(c.train.steps == 8);
  CHECK(c.train.seed == 6);
  CHECK(c.model.d_model == 24);
  CHECK(c.model.n_layer == 2);
  CHECK(c.sampling.prompt == "The cat: it # sat");
  CHECK(c.optimizer.clip_norm == 0.1);
  CHECK(parse(yaml, {"sampling.prompt=\" [x\\n\""}).sampling.prompt == " [x\n");
  CHECK(parse("arms: [a, b]\n", {"arms=/t/z"}).arms.size() == 1);
}

TEST_CASE("config: a text that --set replaces need not be there") {
  const Folder here;
  here.write("t.model", "x");
  here.write("mine/a.txt", "x");
  const Path file = here.write("c.yaml", "tokenizer: {model: t.model}\narms: {folder: nowhere}\n");
  const Config c = load_config(file, {"arms=" + here.str() + "/mine"});
  REQUIRE(c.arms.size() == 1);
  CHECK(c.arms[0].name == "mine");
  CHECK(c.arms[0].path == here.path / "mine");
}

TEST_CASE("config: relative paths belong to the file or to the working directory") {
  const Path here = std::filesystem::current_path();
  const std::string yaml =
      "tokenizer: {model: ../t.model}\nrun: {dir: runs/}\ntext: {stores: ./s}\narms: [../x/a/, {name: b, "
      "path: 'c/*.txt'}]\n";
  const Config c = parse_config(yaml, "some/configs/c.yaml", {}, Demand::nothing_on_disk);
  CHECK(c.tokenizer.model == here / "some/t.model");
  CHECK(c.run.dir == here / "runs");
  CHECK(c.run.folder() == here / "runs/andrea-120m");
  CHECK(c.text.stores == here / "s");
  CHECK(c.arms[0].path == here / "some/x/a");
  CHECK(c.arms[1].path == here / "some/configs/c/*.txt");

  const Config set =
      parse_config(yaml, "some/configs/c.yaml", {"tokenizer.model=u.model", "arms=./my-texts", "run.dir=.."},
                   Demand::nothing_on_disk);
  CHECK(set.tokenizer.model == here / "u.model");
  CHECK(set.run.dir == here.parent_path());
  REQUIRE(set.arms.size() == 1);
  CHECK(set.arms[0] == ArmOptions{.name = "my-texts", .domain = "my-texts", .path = here / "my-texts"});
}

TEST_CASE("config: through a link to a folder, relative paths are meant as the system means them") {
  const Folder here;
  make_folders(here.path / "real/configs");
  std::filesystem::create_directory_symlink(here.path / "real/configs", here.path / "link");
  here.write("real/configs/c.yaml", "arms: ../texts\n");
  CHECK(load_config(here.path / "link/c.yaml", {}, Demand::nothing_on_disk).arms[0].path ==
        here.path / "real/texts");
}

TEST_CASE("config: an arm's name comes from its path, its domain from its name") {
  const auto name = [](const std::string& path) { return parse("arms: " + path + "\n").arms.at(0).name; };
  CHECK(name("./my-texts") == "my-texts");
  CHECK(name("/x/my texts/") == "my texts");
  CHECK(name("/x/book.txt") == "book.txt");
  CHECK(name("/x/books/*.txt") == "books");
  CHECK(name("/x/books/[ab]*/c?.txt") == "books");
  CHECK(name(".") == std::filesystem::current_path().filename());
  const Config c = parse("arms: {path: /x/y, domain: law, floor: 0.25, cap: 0.5, documents: form_feed}\n");
  CHECK(c.arms.at(0) == ArmOptions{.name = "y",
                                   .domain = "law",
                                   .path = "/x/y",
                                   .floor = 0.25,
                                   .cap = 0.5,
                                   .documents = Documents::form_feed});
}

TEST_CASE("config: floor and cap are numbers or auto") {
  const ArmOptions a = parse("arms: {path: /x, floor: auto, cap: 0.5}\n").arms.at(0);
  CHECK_FALSE(a.floor);
  CHECK(a.cap == 0.5);
  const ArmOptions b = parse("arms: {path: /x, floor: -0}\n").arms.at(0);
  CHECK(b.floor == 0);
  CHECK_FALSE(b.cap);
}

TEST_CASE("config: a folder gives an arm for each text in it, in the order of the names") {
  const Folder here;
  here.write("t.model", "x");
  here.write("quick/poetry.txt", "x");
  here.write("quick/biology.jsonl", "x");
  here.write("quick/SOURCES.tsv", "x");
  here.write("quick/sub.txt/deep.txt", "x");
  const std::string start = "tokenizer: {model: t.model}\n";
  const auto arms = [&](const std::string& yaml) {
    return load_config(here.write("c.yaml", start + yaml), {}).arms;
  };
  const auto made = arms("arms: {folder: quick, cap: 0.5, documents: form_feed}\n");
  REQUIRE(made.size() == 2);
  CHECK(made[0] == ArmOptions{.name = "biology",
                              .domain = "biology",
                              .path = here.path / "quick/biology.jsonl",
                              .cap = 0.5,
                              .documents = Documents::form_feed});
  CHECK(made[1].name == "poetry");
  CHECK(arms("arms: {folder: [nowhere, quick]}\n").size() == 2);
  const auto both = arms("arms: [{folder: quick}, {path: t.model, name: more}]\n");
  REQUIRE(both.size() == 3);
  CHECK(both[2].name == "more");
  CHECK(parse("arms: {folder: nowhere}\n").arms.empty());
}

TEST_CASE("config: a name of a file that looks like a glob is the file") {
  const Folder here;
  here.write("t.model", "x");
  here.write("a [1].txt", "x");
  const Config c = load_config(
      here.write("c.yaml", "tokenizer: {model: t.model}\narms: {name: a, path: 'a [1].txt'}\n"), {});
  CHECK(c.arms[0].path == here.path / "a [1].txt");
}

TEST_CASE("config: values in every form that is allowed") {
  const Config c = parse(
      "train: {steps: +5, seed: 9223372036854775807, precision: \"fp32\"}\nrun:\n  name: 2024\n"
      "optimizer: {learning_rate: 1E-3, min_learning_rate: .0001, epsilon: 1e-300, weight_decay: -0, beta1: "
      "0}\n"
      "gate: {enabled: false, loss_signal: off}\nsampling:\n  prompt: |\n    two\n    lines\n");
  CHECK(c.train.steps == 5);
  CHECK(c.train.seed == std::numeric_limits<int64_t>::max());
  CHECK(c.train.precision == Precision::fp32);
  CHECK(c.run.name == "2024");
  CHECK(c.optimizer.learning_rate == 0.001);
  CHECK(c.optimizer.min_learning_rate == 0.0001);
  CHECK(c.optimizer.epsilon == 1e-300);
  CHECK_FALSE(std::signbit(c.optimizer.weight_decay));
  CHECK_FALSE(c.gate.enabled);
  CHECK(c.gate.loss_signal == LossSignal::off);
  CHECK(c.sampling.prompt == "two\nlines\n");
}
