// Programs as a user runs them: started, killed, their output and exit code read.
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace andrea {

// Started at once; its stdout and stderr go to files. The destructor kills what still runs.
class Process {
 public:
  Process(const std::vector<std::string>& command, const Path& folder)
      : out_(folder / "stdout"), err_(folder / "stderr") {
    std::vector<char*> arguments;
    for (const std::string& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw Error("cannot fork");
    if (pid_ == 0) {
      const auto to_file = [](const Path& path, int fd) {
        ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), fd);
      };
      to_file(out_, STDOUT_FILENO), to_file(err_, STDERR_FILENO);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
  }
  ~Process() {
    if (pid_ > 0) kill(SIGKILL), wait();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void kill(int signal) { ::kill(pid_, signal); }
  // The exit code; 128 + n when signal n ended it.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  bool running() {
    siginfo_t info{};
    return ::waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
  }
  std::string out() const { return read_file(out_); }
  std::string err() const { return read_file(err_); }

 private:
  Path out_, err_;
  pid_t pid_ = -1;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Finished {
  int code;
  std::string out, err;
};
inline Finished run_command(const std::vector<std::string>& command, const Path& folder) {
  Process process(command, folder);
  const int code = process.wait();
  return {code, process.out(), process.err()};
}

// Asks `done()` every millisecond; false when the process ended without it or after about two minutes.
template <class Done>
bool wait_until(Process& process, const Done& done) {
  for (int i = 0; i < 120000; ++i) {
    if (done()) return true;
    if (!process.running()) return done();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace andrea
