// andrea-prepare: makes the token stores of a config's arms, or says what is in those that are there.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/bar.h"
#include "base/threads.h"
#include "config/config.h"
#include "text/prepare.h"
#include "tools/main_wrapper.h"

namespace andrea {
namespace {

double ratio(int64_t a, int64_t b) { return b == 0 ? 0.0 : double(a) / double(b); }

void print_table(const std::vector<std::string>& names, const std::vector<TokenStore>& stores) {
  size_t width = 3;
  for (const std::string& name : names) width = std::max(width, name.size());
  const auto row = [&](const std::string& name, const TextCounts& c, const std::string& store) {
    fmt::print("{:<{}}  {:>9}  {:>10}  {:>8}  {:>8.1f}  {:>11}  {:>11.2f}  {}\n", name, width, c.documents,
               c.duplicates, c.held_out_documents, double(c.bytes) / 1e6, c.tokens, ratio(c.bytes, c.tokens),
               store);
  };
  fmt::print("{:<{}}  {:>9}  {:>10}  {:>8}  {:>8}  {:>11}  {:>11}  {}\n", "arm", width, "documents",
             "duplicates", "held out", "MB", "tokens", "bytes/token", "store");
  TextCounts all;
  for (size_t i = 0; i < stores.size(); ++i) {
    const TextCounts& c = stores[i].counts();
    row(names[i], c, stores[i].path().string());
    all.documents += c.documents;
    all.duplicates += c.duplicates;
    all.held_out_documents += c.held_out_documents;
    all.bytes += c.bytes;
    all.tokens += c.tokens;
  }
  if (stores.size() > 1) row("all", all, "");
  if (std::fflush(stdout) != 0) throw Error("cannot write the table to stdout");
}

int run(const std::string& config_name, const std::vector<std::string>& sets) {
  const Config config = load_config(find_config(config_name), sets);
  set_threads(config.train.threads > 0 ? int(config.train.threads) : usable_cpus());
  const Tokenizer tokenizer = load_tokenizer(config);
  std::vector<std::string> names;
  std::vector<TokenStore> stores;
  Bar bar;
  for (const ArmOptions& arm : config.arms) {
    names.push_back(arm.name);
    stores.push_back(
        prepare_arm(arm, tokenizer, config.text.stores, config.model.context, show_on(bar, arm.name)));
  }
  print_table(names, stores);
  return kExitDone;
}

}  // namespace
}  // namespace andrea

int main(int argc, char** argv) {
  CLI::App app{"Encodes the text of a config's arms into token stores.", "andrea-prepare"};
  std::string config;
  std::vector<std::string> sets;
  app.add_option("--config", config, "YAML file, or the name of a shipped config")->required();
  app.add_option("--set", sets, "GROUP.KEY=VALUE: an option's value, over the file's; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.set_version_flag("--version", std::string("andrea-prepare ") + ANDREA_VERSION);
  app.footer(
      std::string("The tokenizer is tokenizer.model, the stores lie in text.stores. Stores that are there "
                  "are checked and kept.\n") +
      andrea::kExitCodes + ".");
  return andrea::run_program(app, argc, argv, [&] { return andrea::run(config, sets); });
}
