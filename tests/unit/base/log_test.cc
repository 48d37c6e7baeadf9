#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <functional>

#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

// What `body` sends to a descriptor of this process, as a file would get it.
std::string written_to(int descriptor, const std::function<void()>& body) {
  const TemporaryFolder folder;
  const Path file = folder.path() / "out";
  const int kept = ::dup(descriptor);
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(::dup2(out, descriptor) == descriptor);
  body();
  ::dup2(kept, descriptor);
  ::close(kept), ::close(out);
  return read_file(file);
}

}  // namespace

TEST_CASE("talk goes to stderr at once, a line each, without colour in a file; braces are text") {
  const auto talk = [] {
    info("step {} of {}", 3, 10);
    warn("arm '{}' is short", "a");
    say(Level::error, "100 % of {} lost");
  };
  CHECK(written_to(STDERR_FILENO, talk) ==
        "step 3 of 10\nwarning: arm 'a' is short\nerror: 100 % of {} lost\n");
  std::string data = "?";
  written_to(STDERR_FILENO, [&] { data = written_to(STDOUT_FILENO, talk); });
  CHECK(data == "");
}

TEST_CASE("a file is no terminal") {
  bool terminal = true, colour = true;
  written_to(STDERR_FILENO, [&] { terminal = terminal_on_stderr(), colour = colour_on_stderr(); });
  CHECK_FALSE(terminal);
  CHECK_FALSE(colour);
}
