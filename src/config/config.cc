#include "config/config.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

#include "config/arms.h"
#include "config/mistakes.h"
#include "config/options.h"
#include "config/suggest.h"
#include "config/value.h"
#include "config/yaml.h"

namespace andrea {
namespace {

namespace fs = std::filesystem;
using Kind = YamlNode::Kind;

// One tree of options and where it came from: the file, or one --set.
struct Source {
  std::string name;
  int set = -1;  // its number among the sets; -1 = the file
  Bases bases;
  YamlNode root;
  Place place(int line) const {
    if (set >= 0) return {name, kFirstSet + set};
    return line > 0 ? Place{fmt::format("{}:{}", name, line), line} : Place{name, 0};
  }
};

// Takes sources into a Config, later ones over earlier ones.
class Reader {
 public:
  Reader(Config& config, Mistakes& mistakes) : config_(config), mistakes_(mistakes) {}

  void read(const Source& source) {
    if (source.root.kind == Kind::mistaken || source.root.kind == Kind::nothing) return;
    if (source.root.kind != Kind::map)
      return mistakes_.add(
          source.place(source.root.line),
          "a config is a mapping of groups of options, such as model: and below it d_model: 768");
    source_ = &source;
    known_.clear();
    visit(*this, config_);
    for (const YamlNode& item : source.root.items)
      if (!known_.contains(item.key)) unknown_at_top(item);
  }

  // The visitor's three ways in.
  template <class Group>
  void group(const char* name, const char*, Group& options) {
    known_.insert(name);
    const YamlNode* node = find(source_->root, name);
    if (!node || node->kind == Kind::mistaken) return;
    if (node->kind != Kind::map) {
      const std::string is = node->kind == Kind::scalar ? "is " + in_words(node->text)
                             : node->kind == Kind::list ? "is a list"
                                                        : "is empty";
      return mistakes_.add(
          source_->place(node->line),
          fmt::format("{} {}; it is a group of options, so give one of them or leave it out; {}", name, is,
                      suggest_option(name, "")));
    }
    group_ = node;
    known_options_.clear();
    visit(*this, options);
    for (const YamlNode& item : node->items)
      if (!known_options_.contains(item.key))
        mistakes_.add(source_->place(item.line),
                      fmt::format("unknown option {}.{}; {}", name, in_words(item.key),
                                  suggest_option(name, item.key)));
  }
  template <class T, class Rule>
  void operator()(const char* name, T& member, const Rule& rule, const char*) {
    known_options_.insert(name);
    const YamlNode* node = find(*group_, name);
    if (!node) return;
    const std::string key = group_->key + "." + name;
    const Place at = source_->place(node->line);
    const std::string mistake = node->kind == Kind::mistaken ? "" : take(*node, rule, source_->bases, member);
    if (!mistake.empty()) mistakes_.add(at, key + " " + mistake);
    if (!mistake.empty() || node->kind == Kind::mistaken) doubtful_.insert(key);
    places_[key] = at;
  }
  void arms(const char* name, const char*, std::vector<ArmOptions>&) {
    known_.insert(name);
    // Read when all sources are known: a text that --set replaces need not exist.
    if (const YamlNode* node = find(source_->root, name)) arms_ = {source_, node};
  }

  void read_arms(const std::string& file, Demand demand) {
    if (arms_.second) {
      const Source& source = *arms_.first;
      const auto place_of_line = [&](int line) { return source.place(line); };
      config_.arms = andrea::read_arms(*arms_.second, source.bases, place_of_line, demand, mistakes_);
    } else if (demand == Demand::everything) {
      mistakes_.add({file, 0}, "arms is missing; give at least one text, for instance arms: ./my-texts");
    }
  }

  // For a mistake between options: the place of the last --set among them, else of the first that was given.
  // Nothing when one of them has a mistake of its own, which may be the cause.
  std::optional<Place> place_of(const std::vector<std::string>& keys) const {
    std::optional<Place> place;
    for (const std::string& key : keys) {
      if (doubtful_.contains(key)) return std::nullopt;
      const auto found = places_.find(key);
      if (found == places_.end()) continue;
      if (!place || (found->second.order >= kFirstSet && found->second.order > place->order))
        place = found->second;
    }
    return place;
  }

 private:
  static const YamlNode* find(const YamlNode& map, const std::string& key) {
    for (const YamlNode& item : map.items)
      if (item.key == key) return &item;
    return nullptr;
  }

  void unknown_at_top(const YamlNode& item) {
    const std::string key = in_words(item.key);
    const size_t dot = item.key.find('.');
    const std::string group = item.key.substr(0, dot);
    if (dot != std::string::npos && known_.contains(group))
      return mistakes_.add(source_->place(item.line),
                           fmt::format("unknown option {0}; in a file write {1} below {2}:", key,
                                       in_words(item.key.substr(dot + 1)), group));
    const bool is_group = item.kind == Kind::map;
    mistakes_.add(source_->place(item.line), fmt::format("unknown {} {}; {}", is_group ? "group" : "option",
                                                         key, suggest_option("", item.key)));
  }

  Config& config_;
  Mistakes& mistakes_;
  const Source* source_ = nullptr;
  const YamlNode* group_ = nullptr;
  std::set<std::string> known_, known_options_, doubtful_;
  std::map<std::string, Place> places_;
  std::pair<const Source*, const YamlNode*> arms_ = {nullptr, nullptr};
};

// What no option can say alone.
void check_together(const Config& c, const Reader& reader, Mistakes& mistakes) {
  const auto demand = [&](bool good, const std::vector<std::string>& keys, auto&& sentence) {
    if (good) return;
    if (const auto place = reader.place_of(keys)) mistakes.add(*place, sentence());
  };
  const ModelOptions& m = c.model;
  demand(m.d_model % m.n_head == 0, {"model.d_model", "model.n_head"}, [&] {
    const int64_t below = m.d_model / m.n_head * m.n_head;
    const std::string next = below > 0
                                 ? fmt::format("the next ones that work: {}, {}", below, below + m.n_head)
                                 : fmt::format("the next one that works: {}", m.n_head);
    return fmt::format("model.d_model is {}, which n_head {} does not divide; {}", m.d_model, m.n_head, next);
  });
  // The .bin counts parameters in an int32.
  constexpr double kMost = 2147483647;
  const double V = double(m.vocab_size), T = double(m.context), d = double(m.d_model), L = double(m.n_layer);
  const double parameters = 2 * V * d + T * d + 12 * L * d * d + (2 * L + 1) * d;
  demand(parameters <= kMost, {"model.d_model", "model.n_layer", "model.context", "model.vocab_size"}, [&] {
    return fmt::format("the model has {:.2f} billion parameters; a checkpoint can hold at most 2.14 billion",
                       parameters / 1e9);
  });
  const OptimizerOptions& o = c.optimizer;
  demand(o.min_learning_rate <= o.learning_rate, {"optimizer.min_learning_rate", "optimizer.learning_rate"},
         [&] {
           return fmt::format(
               "optimizer.min_learning_rate is {}, above learning_rate {}; it must be at most that",
               o.min_learning_rate, o.learning_rate);
         });
  demand(c.train.micro_batch <= c.train.batch_size, {"train.micro_batch", "train.batch_size"}, [&] {
    return fmt::format("train.micro_batch is {}, above batch_size {}; it must be at most that, or 0",
                       c.train.micro_batch, c.train.batch_size);
  });
}

void settle_tokenizer(Config& config, const Reader& reader, const std::string& where, Demand demand,
                      Mistakes& mistakes) {
  Path& model = config.tokenizer.model;
  std::error_code ignored;
  const bool given = !model.empty();
  std::string looked;
  for (const Path& folder : shipped_config_folders()) {
    if (!model.empty()) break;
    const Path shipped = absolute_path("../tokenizer/andrea-8449.model", folder);
    looked += (looked.empty() ? "" : ", ") + shipped.native();
    if (fs::is_regular_file(shipped, ignored) || demand == Demand::nothing_on_disk) model = shipped;
  }
  if (demand == Demand::nothing_on_disk) return;
  if (given && !fs::is_regular_file(model, ignored)) {
    if (const auto place = reader.place_of({"tokenizer.model"}))
      mistakes.add(*place, fmt::format("tokenizer.model: there is no file {}", model.native()));
  } else if (model.empty()) {
    mistakes.add(
        {where, 0},
        fmt::format("tokenizer.model is not given and the shipped one is not there (looked for {})", looked));
  }
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\n"), end = text.find_last_not_of(" \t\n");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

// "a.b=value" as the tree of a file that says just that. The value is taken as it stands, but for one that
// opens like a list, a mapping or a quoted text: that is read as YAML.
std::optional<Source> parse_set(const std::string& item, int number, const Bases& bases, Mistakes& mistakes) {
  Source source{.name = "--set " + in_words(item), .set = number, .bases = bases, .root = {}};
  const auto refuse = [&](const std::string& sentence) {
    mistakes.add(source.place(0), sentence);
    return std::nullopt;
  };
  if (!is_utf8(item)) return refuse("this is not UTF-8 text");
  const size_t equals = item.find('=');
  if (equals == std::string::npos) return refuse("write it as option=value, for instance train.steps=1000");
  const std::string key = trimmed(item.substr(0, equals)), text = trimmed(item.substr(equals + 1));
  if (key.starts_with("arms."))
    return refuse("arms are set as a whole, for instance --set arms='[{name: a, path: ./a, floor: 0.2}]'");

  YamlNode value{.kind = text.empty() ? Kind::nothing : Kind::scalar, .text = text};
  if (!text.empty() && std::string("[{\"'").find(text[0]) != std::string::npos) {
    YamlText yaml = parse_yaml(text);
    for (const YamlMistake& mistake : yaml.mistakes) mistakes.add(source.place(0), mistake.sentence);
    if (!yaml.mistakes.empty()) return std::nullopt;
    value = std::move(yaml.root);
  }
  const size_t dot = key.find('.');
  value.key = dot == std::string::npos ? key : key.substr(dot + 1);
  source.root.kind = Kind::map;
  if (dot == std::string::npos) {
    source.root.items.push_back(std::move(value));
  } else {
    YamlNode group{.kind = Kind::map, .key = key.substr(0, dot)};
    group.items.push_back(std::move(value));
    source.root.items.push_back(std::move(group));
  }
  return source;
}

Path working_directory() {
  std::error_code error;
  const Path here = fs::current_path(error);
  if (error) throw Error("the working directory is gone: " + error.message());
  return here;
}

}  // namespace

Config parse_config(std::string_view yaml, const std::string& where, const std::vector<std::string>& sets,
                    Demand demand) {
  const Path here = working_directory();
  // The folder as the system sees it: a relative path in a config that was reached through a link still fits.
  std::error_code ignored;
  Path folder = fs::weakly_canonical(here / Path(where).parent_path(), ignored);
  if (ignored) folder = absolute_path(Path(where).parent_path(), here);

  Mistakes mistakes;
  std::vector<Source> sources;
  YamlText text = parse_yaml(yaml);
  sources.push_back({.name = where, .bases = {folder, here}, .root = std::move(text.root)});
  for (const YamlMistake& mistake : text.mistakes)
    mistakes.add(sources[0].place(mistake.line), mistake.sentence);
  const bool says_nothing = sources[0].root.kind == Kind::nothing;
  if (says_nothing && text.mistakes.empty())
    mistakes.add({where, 0}, "the config is empty; give at least one text, for instance arms: ./my-texts");
  for (size_t i = 0; i < sets.size(); ++i)
    if (auto set = parse_set(sets[i], int(i), {here, here}, mistakes)) sources.push_back(std::move(*set));

  Config config;
  Reader reader(config, mistakes);
  for (const Source& source : sources) reader.read(source);
  if (sources[0].root.kind != Kind::map) mistakes.throw_if_any();  // what seems to be missing may be there
  reader.read_arms(where, demand);
  check_together(config, reader, mistakes);
  settle_tokenizer(config, reader, where, demand, mistakes);
  config.run.dir = absolute_path(config.run.dir, here);
  config.text.stores = absolute_path(config.text.stores, here);
  mistakes.throw_if_any();
  return config;
}

Config load_config(const Path& file, const std::vector<std::string>& sets, Demand demand) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) throw usage_error(fmt::format("there is no config file {}", file.native()));
  if (fs::is_directory(status))
    throw usage_error(fmt::format("{} is a folder, not a config file", file.native()));
  if (!fs::is_regular_file(status)) throw usage_error(fmt::format("{} is not a regular file", file.native()));
  std::string text;
  try {
    text = read_file(file, kMaxYamlBytes);
  } catch (const Error& unreadable) {
    throw usage_error(unreadable.what(), unreadable.hint);
  }
  return parse_config(text, file.native(), sets, demand);
}

}  // namespace andrea
