#include "train/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/log.h"
#include "base/utf8.h"
#include "gate/tracker.h"
#include "model/gpt.h"

namespace andrea {
namespace {

int terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

std::string spoken_duration(double seconds) {
  const int64_t s = int64_t(seconds + 0.5);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  if (s < 48 * 3600) return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
  return fmt::format("{} days {} h", s / 86400, s / 3600 % 24);
}

std::string one_line(std::string_view text, size_t width) {
  std::string line;
  size_t characters = 0;
  const std::string valid = valid_utf8(text);
  for (std::string_view rest = valid; !rest.empty();) {
    const Character c = first_character(rest);
    const bool blank = c.code == ' ' || (c.code >= 9 && c.code <= 13);
    if (characters == width) return line + "...";
    const std::string_view shown = blank                                            ? " "
                                   : c.code < 32 || (c.code >= 127 && c.code < 160) ? "\uFFFD"
                                                                                    : rest.substr(0, c.bytes);
    rest.remove_prefix(c.bytes);
    if (blank && (line.empty() || line.back() == ' ')) continue;
    line += shown;
    ++characters;
  }
  return line;
}

std::string shown_sample(std::string_view text, size_t width) {
  const std::string line = one_line(text, width);
  return line.empty() ? "(white space only)" : line;
}

Progress::Progress(ProgressMode mode, const Config& config, int64_t first_step)
    : bar_(mode == ProgressMode::bar || (mode == ProgressMode::automatic && terminal_on_stderr())),
      quiet_(mode == ProgressMode::none),
      steps_(config.train.steps),
      every_(config.cadence.every_steps),
      flops_per_token_(flops_per_token(shape_of(config.model))),
      first_step_(first_step),
      start_(std::chrono::steady_clock::now()) {}

void Progress::step(int64_t step, const StepDone& done) {
  const double rate = double(done.tokens) / std::max(done.seconds, 1e-9);
  tokens_per_second_ = tokens_per_second_ == 0 ? rate : 0.9 * tokens_per_second_ + 0.1 * rate;
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  seconds_per_step_ = wall / double(step - first_step_);
  last_ = done;
  if (quiet_) return;
  if (bar_) {
    std::fprintf(stderr, "\r\033[K%s", line(step, done, size_t(terminal_width() - 1)).c_str());
    std::fflush(stderr);
    live_ = true;
  } else if (step % every_ == 0 || step == steps_ || step == first_step_ + 1) {
    info("{}", line(step, done, std::string::npos));
  }
}

std::string Progress::line(int64_t step, const StepDone& d, size_t width) const {
  const std::string parts[] = {fmt::format("step {}/{}  loss {:.3f}", step, steps_, d.loss),
                               fmt::format("ema {:.3f}", d.ema),
                               spoken_duration(seconds_per_step_ * double(steps_ - step)) + " left",
                               fmt::format("{:.0f} tokens/s", tokens_per_second_),
                               d.arm,
                               fmt::format("ppl {:.0f}", perplexity(d.ema)),
                               fmt::format("{:.0f} GFLOP/s", tokens_per_second_ * flops_per_token_ / 1e9)};
  std::string line;
  for (const std::string& part : parts)
    if (line.size() + 2 + part.size() <= width) line += (line.empty() ? "" : "  ") + part;
  return line;
}

void Progress::eval(int64_t step, const EvalDone& done) {
  const auto worst = std::max_element(done.arms.begin(), done.arms.end(), [](const auto& a, const auto& b) {
    return a.second.bits_per_byte < b.second.bits_per_byte;
  });
  say_line(
      fmt::format("step {}: held-out loss {:.3f} ({:.3f} bits per byte; {} {:.3f}), training ema {:.3f}: {}",
                  step, done.loss, done.bits_per_byte, worst->first, worst->second.bits_per_byte, last_.ema,
                  tier_of(last_.ema).reading));
}

void Progress::sample(int64_t step, const SampleDone& d) {
  say_line(fmt::format("step {}: score {:.1f}{}, sample loss {:.2f} ({}), {}: {} | {}", step, d.score.total,
                       !d.judged      ? " (too short to judge)"
                       : d.streak > 0 ? fmt::format(" (streak {})", d.streak)
                                      : "",
                       d.loss, tier_of(d.loss).reading, d.arm, one_line(d.prompt, 40),
                       shown_sample(d.text, 160)));
}

void Progress::saved(int64_t step, const Saved& done, double seconds) {
  say_line(fmt::format("step {}: saving {} ({:.1f} MB; training waited {:.2f} s){}", step, done.file,
                       double(done.bytes) / 1e6, seconds, done.best ? ", the best so far" : ""));
}

void Progress::say_line(const std::string& text) {
  if (quiet_) return;
  finish();
  info("{}", text);
}

void Progress::finish() {
  if (live_) std::fputs("\n", stderr);
  live_ = false;
}

}  // namespace andrea
