#include "replay/resample.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/fields.h"

extern char** environ;

namespace andrea {
namespace {

struct Output {
  int code = 0;  // 128 + n when signal n ended it
  std::string text;
};

// Runs a program to its end; its stdout is the answer, its stderr goes where ours does.
Output run_to_end(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(fmt::format("cannot open a pipe: {}", std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Output output;
  if (failed == 0) {
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = ::read(ends[0], part.data(), part.size())) != 0;) {
      if (got > 0) output.text.append(part.data(), size_t(got));
      if (got < 0 && errno != EINTR) break;
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    output.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  ::close(ends[0]);
  if (failed != 0) throw Error(fmt::format("cannot start {}: {}", command[0], std::strerror(failed)));
  return output;
}

}  // namespace

std::vector<std::string> sample_arguments(const std::vector<std::string>& sets) {
  constexpr std::array<std::pair<const char*, const char*>, 5> kArguments = {
      {{"sampling.tokens", "--tokens"},
       {"sampling.temperature", "--temperature"},
       {"sampling.top_k", "--top-k"},
       {"sampling.prompt", "--prompt"},
       {"train.seed", "--seed"}}};
  std::vector<std::string> arguments;
  for (const std::string& set : sets) {
    const size_t equals = std::min(set.find('='), set.size());
    const std::string name = set.substr(0, equals), value = set.substr(std::min(equals + 1, set.size()));
    const auto known = std::find_if(kArguments.begin(), kArguments.end(),
                                    [&](const auto& pair) { return pair.first == name; });
    if (known == kArguments.end() || equals == set.size())
      throw usage_error(
          "--set " + set +
          ": samples are made again with sampling.tokens, temperature, top_k, prompt, and train.seed");
    if (name == "sampling.prompt" && value == "held_out") continue;  // andrea-sample's own choice
    arguments.emplace_back(known->second);
    arguments.push_back(name == "sampling.prompt" && value == "none" ? "" : value);
  }
  return arguments;
}

WrittenSample sample_again(const Path& checkpoint, int64_t step, const std::vector<std::string>& arguments) {
  if (!std::filesystem::exists(checkpoint)) throw Error(fmt::format("there is no {}", checkpoint.native()));
  const Path program = program_folder() / "andrea-sample";
  std::vector<std::string> command = {program.native(), "--json"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.push_back(checkpoint.native());
  const Output output = run_to_end(command);
  if (output.code == kExitUsage) throw usage_error("andrea-sample does not take these settings");
  if (output.code != kExitDone)
    throw Error(fmt::format("no sample can be made from {}: andrea-sample ended with exit code {}",
                            checkpoint.native(), output.code));
  const Json json = parse_json(output.text, "what andrea-sample printed");
  return {step, json["text"].get<std::string>(), {}, json["tokens"].get<int64_t>(), {}};
}

}  // namespace andrea
