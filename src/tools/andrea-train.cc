// andrea-train: trains a model from a config, and goes on with a run that stopped.
#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "record/published.h"
#include "tools/main_wrapper.h"
#include "train/estimate.h"
#include "train/publish.h"
#include "train/trainer.h"

namespace andrea {
namespace {

struct Arguments {
  std::string config, run, init, explain_bandit;
  std::vector<std::string> sets, resume;
  std::string progress = "auto";
  bool check = false, dump_config = false, accept_changed_text = false, options_markdown = false;
  bool resuming = false, run_given = false;
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("--config", a.config,
                 "YAML file, or the name of a shipped config (quickstart, andrea-12m, v1, v2)");
  app.add_option("--run", a.run, "the run folder itself; instead of run.dir/run.name");
  app.add_option("--set", a.sets, "GROUP.KEY=VALUE: an option's value, over the file's; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--resume", a.resume, "go on from a checkpoint: latest (when left out) or a step")
      ->expected(0, 1)
      ->type_name("[latest|STEP]");
  app.add_option("--init", a.init, "begin a new run with the weights of this .bin");
  app.add_option("--progress", a.progress, "auto, bar, plain or none")
      ->check(CLI::IsMember({"auto", "bar", "plain", "none"}));
  app.add_flag("--accept-changed-text", a.accept_changed_text,
               "on resume: arms whose text changed start as new");
  app.add_flag("--check", a.check,
               "do everything but train: read the text, count, estimate memory, disk and time");
  app.add_option("--explain-bandit", a.explain_bandit,
                 "print what the run in this folder last knew of its arms, as a table, and end")
      ->type_name("RUN");
  app.add_flag("--dump-config", a.dump_config, "print the resolved config as YAML and end");
  app.add_flag("--options-markdown", a.options_markdown)->group("");  // makes configs/OPTIONS.md
  app.set_version_flag("--version", std::string("andrea-train ") + ANDREA_VERSION);
  app.footer([] {
    return fmt::format(
        "{}, or the run folder is\ntaken, 3 halted by the gate or the loss signal, 4 numbers that are not "
        "finite, 128 + n saved and stopped by\nsignal n.\n\nOptions of the config, for YAML and --set:\n\n{}",
        kExitCodes, options_help());
  });
}

// --run DIR stands for run.dir and run.name; with --resume and no --config, DIR's own config is taken.
Config config_of(const Arguments& a) {
  Path file;
  if (!a.config.empty()) {
    file = find_config(a.config);
  } else if (a.resuming && !a.run.empty()) {
    file = Path(a.run) / "config.yaml";
    std::error_code none;
    if (!std::filesystem::is_directory(a.run, none))
      throw usage_error(fmt::format("{} is no run folder: there is no such folder", a.run));
    if (!std::filesystem::exists(file, none))
      throw usage_error(fmt::format("{} has no config.yaml", a.run),
                        "give the run's config with --config; each step_NNNNNN.json there holds it too");
  } else if (!a.run.empty() && !a.check && !a.dump_config && RunFolder{a.run}.occupied()) {
    throw usage_error(fmt::format("{} already holds a run", a.run), "go on with it with --resume");
  } else {
    throw usage_error("no --config is given", "for instance: andrea-train --config configs/quickstart.yaml");
  }
  std::vector<std::string> sets = a.sets;
  if (a.run_given && a.run.empty()) throw usage_error("--run names no folder");
  if (!a.run.empty()) {
    Path folder = std::filesystem::absolute(a.run).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    sets.push_back("run.dir=" + folder.parent_path().string());
    sets.push_back("run.name=" + folder.filename().string());
  }
  return load_config(file, sets);
}

std::optional<int64_t> resume_step(const Arguments& a) {
  if (a.resume.empty() || a.resume[0].empty() || a.resume[0] == "latest") return std::nullopt;
  const std::string& text = a.resume[0];
  int64_t step = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc() || stop != text.data() + text.size() || step < 0)
    throw usage_error(fmt::format("--resume {}: neither 'latest' nor the number of a step", text));
  return step;
}

int run(const Arguments& a) {
  if (a.options_markdown) {
    std::fputs(options_markdown().c_str(), stdout);
    return kExitDone;
  }
  if (!a.explain_bandit.empty()) {
    const Path file = Path(a.explain_bandit) / "config.yaml";
    std::error_code none;
    if (!std::filesystem::exists(file, none))
      throw usage_error(fmt::format("{} is no run folder: it has no config.yaml", a.explain_bandit));
    const Config config = parse_config(read_file(file), file.string(), {}, Demand::nothing_on_disk);
    std::fputs(explain(read_published_bandit(a.explain_bandit, config.run.name)).c_str(), stdout);
    return kExitDone;
  }
  if (a.resuming && !a.init.empty())
    throw usage_error("--init begins a new run and --resume goes on with an old one; give one of them");
  if (a.accept_changed_text && !a.resuming)
    throw usage_error("--accept-changed-text belongs to --resume: a new run has no older text");
  TrainRequest request;
  request.config = config_of(a);
  if (a.dump_config) {
    std::fputs(dump_config(request.config).c_str(), stdout);
    return kExitDone;
  }
  if (a.check) {
    std::fputs(check_report(request.config).c_str(), stdout);
    return kExitDone;
  }
  const std::map<std::string, ProgressMode> modes{{"auto", ProgressMode::automatic},
                                                  {"bar", ProgressMode::bar},
                                                  {"plain", ProgressMode::plain},
                                                  {"none", ProgressMode::none}};
  request.resume = a.resuming;
  request.resume_step = resume_step(a);
  request.init = a.init;
  request.accept_changed_text = a.accept_changed_text;
  request.progress = modes.at(a.progress);
  return train(request);
}

}  // namespace
}  // namespace andrea

int main(int argc, char** argv) {
  CLI::App app{"Trains a small language model on this machine's processor and keeps it honest.",
               "andrea-train"};
  andrea::Arguments arguments;
  andrea::declare(app, arguments);
  std::signal(SIGPIPE, SIG_IGN);  // when nobody reads any more what it says, the run goes on
  std::signal(SIGUSR1, SIG_IGN);  // until there is something to save (train/signals.h)
  return andrea::run_program(app, argc, argv, [&] {
    arguments.resuming = app.count("--resume") > 0, arguments.run_given = app.count("--run") > 0;
    return andrea::run(arguments);
  });
}
