#include "base/bar.h"

#include <algorithm>
#include <cstdio>

#include "base/log.h"

namespace andrea {

void Bar::show(const std::string& what, uint64_t done_bytes, uint64_t total_bytes) {
  constexpr size_t kWidth = 30;
  const bool terminal = terminal_on_stderr(), whole = done_bytes >= total_bytes;
  const auto now = std::chrono::steady_clock::now();
  const auto pause = terminal ? std::chrono::milliseconds(100) : std::chrono::seconds(10);
  if (whole && terminal) std::fputs("\r\033[K", stderr);
  if (whole || now - last_ < pause) return;
  last_ = now;
  const std::string line =
      fmt::format("{} {:.1f} of {:.1f} MB", what, double(done_bytes) / 1e6, double(total_bytes) / 1e6);
  if (!terminal) return info("{}", line);
  const double share = double(done_bytes) / double(total_bytes);
  const auto filled = size_t(share * kWidth);
  std::fputs(fmt::format("\r\033[K[{}{}] {:3.0f} % {}", std::string(filled, '#'),
                         std::string(kWidth - filled, '.'), 100 * share, line)
                 .c_str(),
             stderr);
}

}  // namespace andrea
