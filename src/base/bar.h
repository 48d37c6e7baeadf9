// How far a long piece of work is, for a person, on stderr: on a terminal a bar that is redrawn and at last
// wiped away, else a line now and then.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace andrea {

class Bar {
 public:
  // "NAME: encoding 3.1 of 20.4 MB". Redrawn at most ten times a second; `done` may exceed `total`.
  void show(const std::string& what, uint64_t done_bytes, uint64_t total_bytes);

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace andrea
