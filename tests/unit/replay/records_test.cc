#include "replay/records.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

struct Cut {
  std::vector<std::string> records;
  bool torn;
  uint64_t too_long;
};
Cut cut(const std::string& bytes, RecordKind kind, const std::string& key = "") {
  TemporaryFolder folder;
  write_atomically(folder.path() / "log", bytes);
  Records records(ByteSource(folder.path() / "log"), kind, key);
  Cut all{};
  std::string_view record;
  while (records.next(record)) all.records.emplace_back(record);
  all.torn = records.torn(), all.too_long = records.too_long();
  return all;
}
using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("lines: the break and a carriage return before it are left out; a last line without one is torn") {
  CHECK(cut("a\nbb\r\n\nc\n", RecordKind::line).records == Strings{"a", "bb", "", "c"});
  CHECK(!cut("a\n", RecordKind::line).torn);
  CHECK(cut("a\nb", RecordKind::line).records == Strings{"a", "b"});
  CHECK(cut("a\nb", RecordKind::line).torn);
  CHECK(cut("", RecordKind::line).records.empty());
}

TEST_CASE(
    "lines longer than a chunk come whole; longer than the longest record they are counted and left out") {
  const std::string chunk(3'000'000, 'x');
  CHECK(cut("a\n" + chunk + "\nb\n", RecordKind::line).records == Strings{"a", chunk, "b"});
  const std::string endless(kLongestRecord + 5'000'000, 'x');
  const Cut all = cut("a\n" + endless + "\nb\n", RecordKind::line);
  CHECK(all.records == Strings{"a", "b"});
  CHECK(all.too_long == 1);
}

TEST_CASE(
    "rows: a quoted field goes on over line breaks; a quote that is never closed costs its own line alone") {
  CHECK(cut("a,b\r\n1,\"x\ny\"\n\n2,z\n", RecordKind::row).records ==
        Strings{"a,b", "1,\"x\ny\"", "", "2,z"});
  CHECK(cut("1,\"say \"\"hi\n\"\"\"\n2,z", RecordKind::row).records ==
        Strings{"1,\"say \"\"hi\n\"\"\"", "2,z"});
  CHECK(cut("1,\"\"\n2,5\" disk\n3\n", RecordKind::row).records == Strings{"1,\"\"", "2,5\" disk", "3"});
  CHECK(cut("1,\"x\n2,y\n3,z\n", RecordKind::row).records == Strings{"1,\"x", "2,y", "3,z"});
  std::string far = "1,\"x\n";
  while (far.size() < 2 * kLongestRow) far += "2,y\n";
  far += "3,\"z\"\n";
  const Cut all = cut(far, RecordKind::row);
  CHECK(all.records.front() == "1,\"x");
  CHECK(all.records.back() == "3,\"z\"");
  CHECK(all.records.size() > kLongestRow / 4);
}

TEST_CASE(
    "elements: of the first array, or of the one behind a key; brackets and quotes in strings are text") {
  CHECK(cut(" [[1,2], [3, 4]]", RecordKind::element).records == Strings{"[1,2]", "[3, 4]"});
  CHECK(cut("[]", RecordKind::element).records.empty());
  CHECK(!cut("[]", RecordKind::element).torn);
  CHECK(cut(R"([{"t":"a]}\"[,"},
  {"t":"\\"}, 5 ])",
            RecordKind::element)
            .records == Strings{R"({"t":"a]}\"[,"})", R"({"t":"\\"})", "5 "});
  CHECK(cut(R"({"a": [1], "log_history": [{"step": 1}], "b": [2]})", RecordKind::element, "log_history")
            .records == Strings{R"({"step": 1})"});
}

TEST_CASE("an array that ends in the middle gives its whole elements, and says so") {
  for (const char* text : {"[[1,2],[3", "[[1,2],", "[[1,2]"}) {
    const Cut all = cut(text, RecordKind::element);
    CHECK(all.records == Strings{"[1,2]"});
    CHECK(all.torn);
  }
  CHECK(cut("no array", RecordKind::element).torn);
  CHECK(cut("[}, 1, }{]", RecordKind::element).records == Strings{"}", "1", "}", "{]"});
  CHECK(cut(R"({"other": [1]})", RecordKind::element, "log_history").records.empty());
}
