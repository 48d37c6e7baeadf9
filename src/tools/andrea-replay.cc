// andrea-replay: when would the gate have halted a run, and what would that have saved?
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/log.h"
#include "base/threads.h"
#include "replay/page.h"
#include "replay/resample.h"
#include "replay/show.h"
#include "replay/sources.h"
#include "replay/sweep.h"
#include "text/tokenizer.h"
#include "tools/main_wrapper.h"

namespace andrea {
namespace {

struct Arguments {
  std::vector<std::string> paths, sets, healthy;
  std::string columns, tokenizer, html;
  std::optional<int64_t> total_steps;
  std::optional<double> steps_per_minute;
  bool sweep = false, json = false, sample_from_checkpoints = false;
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("log", a.paths,
                 "run folders, events.jsonl, *.loss.json, *.samples.json, or logs of other trainers")
      ->type_name("FILE-or-RUN...");
  app.add_option("--set", a.sets,
                 "gate.floor=25, gate.patience=3, ...: over what the log itself says; repeatable")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--columns", a.columns, "step=NAME,loss=NAME,text=NAME: of a CSV or JSONL log");
  app.add_option("--tokenizer", a.tokenizer,
                 "sentencepiece model for samples that are pieces (ids), not text");
  app.add_option("--total-steps", a.total_steps, "how many steps were planned")
      ->check(whole_number(1, kMostSteps));
  app.add_option("--steps-per-minute", a.steps_per_minute, "pace of the run, when its log holds no times")
      ->check(real_number(1e-6, 1e6));
  app.add_flag("--sweep", a.sweep, "what other floors, patiences and start steps would have done");
  app.add_option("--healthy", a.healthy, "with --sweep: a run that no gate should halt; repeatable")
      ->type_name("FILE-or-RUN")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag(
      "--sample-from-checkpoints", a.sample_from_checkpoints,
      "let each checkpoint of a run folder write a sample again, with --set sampling.temperature=0.5 and "
      "the like");
  app.add_flag("--json", a.json, "print one JSON object");
  app.add_option("--html", a.html, "write the report as one page for a browser, too")->type_name("FILE");
  app.set_version_flag("--version", std::string("andrea-replay ") + ANDREA_VERSION);
  app.footer(std::string("The log says itself what it is; gzip and zstd are unpacked on the way.\n") +
             kExitCodes + ". It is 0 whenever a report was made, of a halt or not.");
}

int terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::clamp(int(size.ws_col), 60, 120);
}

// Ids that the tokenizer does not have become U+FFFD: the log was written with another one.
std::string text_of(const Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  std::string text;
  for (const int32_t id : ids)
    text += id < tokenizer.vocab_size() ? tokenizer.piece_bytes(uint16_t(id)) : std::string_view("\uFFFD");
  return text;
}

int run(const Arguments& a) {
  if (a.paths.empty())
    throw usage_error("no log is given", "for instance: andrea-replay checkpoints/quickstart");
  if (!a.healthy.empty() && !a.sweep) throw usage_error("--healthy belongs to --sweep");
  set_threads(usable_cpus());
  ReplayRequest request{{}, a.total_steps, a.steps_per_minute, {}, {}};
  std::vector<std::string> sampling;
  for (const std::string& set : a.sets) {
    const bool of_sampling =
        a.sample_from_checkpoints && (set.starts_with("sampling.") || set.starts_with("train."));
    (of_sampling ? sampling : request.sets).push_back(set);
  }
  if (a.sample_from_checkpoints) request.sample_again = sample_arguments(sampling);
  std::optional<Tokenizer> tokenizer;
  if (!a.tokenizer.empty()) {
    tokenizer.emplace(a.tokenizer);
    request.decode = [&](const std::vector<int32_t>& ids) { return text_of(*tokenizer, ids); };
  }
  const Columns columns = a.columns.empty() ? Columns{} : parse_columns(a.columns);
  const auto replayed = [&](const std::vector<std::string>& paths) {
    Replayed all = replay_each(paths, columns, request, terminal_on_stderr());
    for (const std::string& why : all.unread) warn("{}", why);
    return std::move(all.reports);
  };
  const std::vector<SourceReport> reports = replayed(a.paths);
  std::vector<SourceReport> healthy;
  std::vector<SweepCell> cells;
  if (!a.healthy.empty()) healthy = replayed(a.healthy);
  if (a.sweep) cells = sweep(reports, healthy);
  if (!a.html.empty()) write_atomically(a.html, html_page(reports));
  std::string out;
  if (a.json) {
    out = json_report(reports, cells);
  } else {
    for (const SourceReport& report : reports)
      out += (out.empty() ? "" : "\n") + text_report(report, terminal_width());
    if (a.sweep) out += "\n" + text_sweep(cells, reports.size(), healthy.size());
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (std::fflush(stdout) != 0) throw Error("cannot write to stdout");
  return kExitDone;
}

}  // namespace
}  // namespace andrea

int main(int argc, char** argv) {
  CLI::App app{
      "Says when the gate would have halted a run that is over, alive, or someone else's, and what that "
      "would have saved.",
      "andrea-replay"};
  andrea::Arguments arguments;
  andrea::declare(app, arguments);
  return andrea::run_program(app, argc, argv, [&] { return andrea::run(arguments); });
}
