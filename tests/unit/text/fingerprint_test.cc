#include "text/fingerprint.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

// The fingerprint of a folder that holds these texts as 0.txt, 1.txt, ...
Hash128 of_texts(const std::vector<std::string>& texts, Documents documents = Documents::automatic,
                 const std::string& prefix = "", int hours_old = 0) {
  TemporaryFolder folder;
  for (size_t i = 0; i < texts.size(); ++i) {
    const Path path = folder.path() / (prefix + std::to_string(i) + ".txt");
    write_text(path, texts[i]);
    std::filesystem::last_write_time(
        path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours_old));
  }
  Source source = find_files({.name = "it", .domain = "it", .path = folder.path(), .documents = documents});
  return text_fingerprint(source);
}

}  // namespace

TEST_CASE("a fingerprint follows content, not names, places or times") {
  const Hash128 base = of_texts({"ab", "c"});
  CHECK(of_texts({"ab", "c"}) == base);
  CHECK(of_texts({"ab", "c"}, Documents::automatic, "other-", 100) == base);
  CHECK(of_texts({"ab", "d"}) != base);
  CHECK(of_texts({"c", "ab"}) != base);
  CHECK(of_texts({"a", "bc"}) != base);
  CHECK(of_texts({"abc"}) != base);
  CHECK(of_texts({"ab", "c", ""}) != base);
}

TEST_CASE("a fingerprint follows how the text is split") {
  CHECK(of_texts({"ab"}, Documents::blank_line) != of_texts({"ab"}, Documents::file));
  CHECK(of_texts({"ab"}, Documents::form_feed) != of_texts({"ab"}, Documents::file));
  // What is chosen by content is the same as when it is chosen by the user.
  CHECK(of_texts({"ab"}) == of_texts({"ab"}, Documents::file));
  CHECK(of_texts({"a\fb"}) == of_texts({"a\fb"}, Documents::form_feed));
  CHECK(of_texts({"a\fb"}) != of_texts({"a\fb"}, Documents::file));
}

TEST_CASE("files are read whole and counted") {
  TemporaryFolder folder;
  const std::string long_text = std::string(3u << 20, 'x') + "\f";
  write_text(folder.path() / "a.txt", long_text);
  write_text(folder.path() / "b.jsonl", "{\"text\": \"\f\"}");
  Source source = find_files({.name = "it", .domain = "it", .path = folder.path()});
  std::vector<uint64_t> seen;
  text_fingerprint(source, [&](uint64_t bytes) { seen.push_back(bytes); });
  CHECK(source.files[0].split == Split::form_feed);
  CHECK(source.files[0].bytes == long_text.size());
  CHECK(source.files[0].checksum == hash128(long_text));
  CHECK(source.files[1].split == Split::json_lines);
  CHECK(source.bytes == long_text.size() + source.files[1].bytes);
  CHECK(seen.size() >= 4);
  CHECK(seen.back() == source.bytes);
}
