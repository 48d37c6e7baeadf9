// Signals while training: SIGTERM, SIGINT and SIGHUP ask for a save and the end; SIGUSR1 asks for a save. A
// second SIGINT (an impatient Ctrl-C) ends the program at once, exit code 1; other repeats change nothing: a
// closing terminal may send SIGHUP twice. One object at a time; its end restores what was before. A SIGHUP
// that was ignored when the program started (nohup) stays ignored.
#pragma once

namespace andrea {

class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  int stop() const;          // the stop signal that came, 0 for none
  bool take_save_request();  // whether SIGUSR1 came since the last call
};

}  // namespace andrea
