#include "text/line_reader.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

std::vector<std::string> lines_of(const Path& path, uint64_t longest) {
  LineReader reader(path, longest);
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) {
    lines.emplace_back(line);
    CHECK(reader.line_number() == int64_t(lines.size()));
  }
  CHECK(reader.bytes() == std::filesystem::file_size(path));
  CHECK(reader.checksum() == hash128(read_file(path)));
  return lines;
}

}  // namespace

TEST_CASE("lines come whole, whatever their length and wherever a chunk ends") {
  TemporaryFolder folder;
  const Path path = folder.path() / "lines.txt";
  Rng rng = stream(1, Purpose::test, 10);
  std::vector<std::string> expected;
  std::string all;
  // About 5 MB, many chunks; some lines are longer than a chunk.
  for (int i = 0; i < 300; ++i) {
    const uint64_t length = i % 100 == 50        ? (1u << 20) + rng.below(3)
                            : rng.below(10) == 0 ? rng.below(60000)
                                                 : rng.below(9);
    expected.push_back(std::string(length, char('a' + i % 26)) + "\n");
    all += expected.back();
  }
  expected.push_back("no end");
  write_text(path, all + expected.back());
  CHECK(lines_of(path, 1u << 23) == expected);
}

TEST_CASE("empty files, empty lines, NUL bytes") {
  TemporaryFolder folder;
  const Path path = folder.path() / "lines.txt";
  write_text(path, "");
  CHECK(lines_of(path, 10).empty());
  write_text(path, "\n\n");
  CHECK(lines_of(path, 10) == std::vector<std::string>{"\n", "\n"});
  write_text(path, std::string("a\0b\n\0", 5));
  CHECK(lines_of(path, 10) == std::vector<std::string>{std::string("a\0b\n", 4), std::string(1, '\0')});
}

TEST_CASE("a line that is too long is named") {
  TemporaryFolder folder;
  const Path path = folder.path() / "lines.txt";
  const auto sentence = [&](const std::string& text) {
    write_text(path, text);
    return sentence_of([&] { lines_of(path, 100); });
  };
  CHECK(sentence("short\n" + std::string(99, 'x') + "\n") == "no error");
  CHECK(sentence("short\n" + std::string(100, 'x')) == "no error");
  CHECK(sentence("short\n" + std::string(100, 'x') + "\n") ==
        path.string() + ":2: the line is longer than 100 bytes");
  // Longer than all that is ever held in memory.
  CHECK(sentence(std::string(5u << 20, 'x')) == path.string() + ":1: the line is longer than 100 bytes");
}

TEST_CASE("what is no regular file is refused and never waited for") {
  TemporaryFolder folder;
  const Path pipe = folder.path() / "pipe.txt";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(sentence_of([&] { FileReader reader(pipe); }) == pipe.string() + " is not a regular file");
  CHECK(sentence_of([&] { FileReader reader(folder.path()); }) ==
        folder.path().string() + " is not a regular file");
  CHECK(sentence_of([&] { FileReader reader(folder.path() / "none"); }) ==
        "cannot read " + (folder.path() / "none").string() + ": No such file or directory");
}
