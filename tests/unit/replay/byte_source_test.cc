#include "replay/byte_source.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "tests/support/packed.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

// Long enough for several chunks, and no two parts alike.
std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 3'000'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  return text;
}

struct Unpacked {
  std::string text;
  bool cut_off;
  std::string damage = {};
};
Unpacked unpack(const std::string& bytes, size_t at_a_time = 10'000) {
  TemporaryFolder folder;
  const Path file = folder.path() / "log";
  write_atomically(file, bytes);
  ByteSource source(file);
  std::string text, part(at_a_time, '\0');
  while (const size_t got = source.read(part.data(), part.size())) text.append(part, 0, got);
  if (source.damage().empty()) CHECK(source.consumed() == bytes.size());
  CHECK(source.file_size() == bytes.size());
  return {text, source.cut_off(), source.damage()};
}

}  // namespace

TEST_CASE("plain, gzip and zstd give the same bytes, also in several packed parts") {
  const std::string text = long_text();
  for (const std::string& bytes : {text, gzipped(text), zstd_packed(text)}) {
    const Unpacked whole = unpack(bytes);
    CHECK(whole.text == text);
    CHECK(!whole.cut_off);
  }
  CHECK(unpack(gzipped("one\n") + gzipped("two\n"), 1).text == "one\ntwo\n");
  CHECK(unpack(zstd_packed("one\n") + zstd_packed("two\n"), 1).text == "one\ntwo\n");
  CHECK(unpack("").text == "");
}

TEST_CASE("what was cut off gives what is there, and says so") {
  const std::string text = long_text();
  for (std::string bytes : {gzipped(text), zstd_packed(text)}) {
    bytes.resize(bytes.size() / 2);
    const Unpacked half = unpack(bytes);
    CHECK(half.cut_off);
    CHECK(half.text.size() > text.size() / 4);
    CHECK(text.starts_with(half.text));
  }
}

TEST_CASE("what stands before damage in packed bytes is read, and where the damage is is said") {
  for (std::string bytes : {gzipped(long_text()), zstd_packed(long_text())}) {
    for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; ++i) bytes[i] = char(~bytes[i]);
    const auto read = unpack(bytes);
    CHECK(read.damage.starts_with("damaged near byte "));
    CHECK(long_text().starts_with(read.text.substr(0, read.text.size() / 4)));
    CHECK(unpack(bytes.substr(0, 8) + std::string(100, '\xFF')).damage != "");
  }
  CHECK(unpack(gzipped(long_text())).damage == "");
}

TEST_CASE("a folder and a missing file are Errors that name the file") {
  TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(ByteSource{folder.path()}, doctest::Contains("is not a regular file"), Error);
  CHECK_THROWS_WITH_AS(ByteSource{folder.path() / "none"}, doctest::Contains("No such file or directory"),
                       Error);
}
