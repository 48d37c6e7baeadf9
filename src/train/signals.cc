#include "train/signals.h"

#include <signal.h>
#include <unistd.h>

#include <array>

namespace andrea {
namespace {

// A handler can reach nothing but globals.
volatile sig_atomic_t g_stop = 0, g_save = 0;

constexpr std::array kSignals{SIGTERM, SIGINT, SIGHUP, SIGUSR1};
std::array<struct sigaction, kSignals.size()> g_before;

extern "C" void on_signal(int signal) {
  if (signal == SIGUSR1) {
    g_save = 1;
  } else if (g_stop == 0) {
    g_stop = signal;
  } else if (signal == SIGINT) {
    constexpr char kWords[] = "\nstopped at once; what was not saved is lost\n";
    (void)!::write(STDERR_FILENO, kWords, sizeof kWords - 1);
    ::_exit(1);
  }
}

}  // namespace

SignalWatch::SignalWatch() {
  g_stop = 0;
  g_save = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &g_before[i]);
    const bool keep_ignoring = kSignals[i] == SIGHUP && g_before[i].sa_handler == SIG_IGN;
    if (!keep_ignoring) ::sigaction(kSignals[i], &action, nullptr);
  }
}

SignalWatch::~SignalWatch() {
  for (size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &g_before[i], nullptr);
}

int SignalWatch::stop() const { return g_stop; }

bool SignalWatch::take_save_request() {
  const bool asked = g_save;
  if (asked) g_save = 0;
  return asked;
}

}  // namespace andrea
