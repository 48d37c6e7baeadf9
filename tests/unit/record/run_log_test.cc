#include "record/run_log.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/json.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

Event event_at(int64_t step, std::string message = "m") {
  return {step, "t", Alarm{"kind", std::move(message)}};
}

struct Log {
  TemporaryFolder folder;
  Path file = folder.path() / "events.jsonl";
  std::string text() const { return read_file(file); }
  // Writes `n` events; returns where each line ends.
  std::vector<uint64_t> fill(int n) {
    RunLog log(file);
    std::vector<uint64_t> ends;
    for (int i = 1; i <= n; ++i) {
      log.append(event_at(i));
      ends.push_back(log.offset());
    }
    return ends;
  }
};

}  // namespace

TEST_CASE("the log is appended to at once, line by line, and goes on where it was") {
  Log l;
  {
    RunLog log(l.file);
    CHECK(log.offset() == 0);
    log.append(event_at(1));
    CHECK(l.text() == to_line(event_at(1)) + "\n");  // also before the log is closed
    CHECK(log.offset() == l.text().size());
    log.append(event_at(2));
    log.sync();
    CHECK(log.offset() == l.text().size());
  }
  RunLog log(l.file);
  CHECK(log.offset() == l.text().size());
  log.append(event_at(3));
  CHECK(log.offset() == l.text().size());
  CHECK(read_log(l.file) == std::vector<Event>{event_at(1), event_at(2), event_at(3)});
}

TEST_CASE("read_log leaves out a torn last line") {
  Log l;
  const auto ends = l.fill(3);
  const std::string whole = l.text();
  CHECK(read_log(l.file).size() == 3);
  for (uint64_t size = 0; size < whole.size(); ++size) {  // as if the machine had stopped there
    write_text(l.file, whole.substr(0, size));
    size_t lines = 0;
    while (lines < ends.size() && ends[lines] <= size) ++lines;
    CHECK(read_log(l.file).size() == lines);
  }
}

TEST_CASE("read_log names file and line of any other damage") {
  Log l;
  const auto ends = l.fill(3);
  const std::string whole = l.text();
  const auto sentence_for = [&](const std::string& text) {
    write_text(l.file, text);
    return sentence_of([&] { read_log(l.file); });
  };
  const std::string second = l.file.string() + ":2: ";
  CHECK(sentence_for(whole.substr(0, ends[0]) + "\n" + whole.substr(ends[0]))
            .starts_with(second + "not valid JSON"));
  CHECK(sentence_for(whole.substr(0, ends[1] - 5) + whole.substr(ends[1]))
            .starts_with(second + "not valid JSON"));
  const std::string later = "{\"event\":\"dance\",\"step\":1,\"time\":\"\"}\n";
  write_text(l.file, whole.substr(0, ends[0]) + later + whole.substr(ends[0]));
  CHECK(read_log(l.file).size() == 3);
  CHECK(sentence_for(whole.substr(0, ends[0]) + later + "{\n")
            .starts_with(l.file.string() + ":3: not valid JSON"));
  CHECK(sentence_of([&] { read_log(l.folder.path() / "none"); }).starts_with("cannot read "));
}

TEST_CASE("an append that fails leaves no half line, and the log goes on behind the last whole one") {
  Log l;
  RunLog log(l.file);
  log.append(event_at(1));
  {
    const FileSizeLimit limit(log.offset() + 20);
    CHECK(sentence_of([&] { log.append(event_at(2, std::string(500, 'x'))); }) ==
          "cannot write " + l.file.string() + ": File too large");
  }
  CHECK(l.text() == to_line(event_at(1)) + "\n");
  CHECK(log.offset() == l.text().size());
  log.append(event_at(3));
  CHECK(read_log(l.file) == std::vector<Event>{event_at(1), event_at(3)});
  CHECK(log.offset() == l.text().size());
}

TEST_CASE("cut_log cuts at the end of any line and keeps what it cut") {
  Log l;
  const std::vector<uint64_t> ends = l.fill(4);
  const std::string whole = l.text();
  CHECK(cut_log(l.file, {whole.size()}) == Path());
  CHECK(l.text() == whole);
  CHECK(cut_log(l.file, {ends[2]}) == l.folder.path() / "events.jsonl.cut-1");
  CHECK(l.text() == whole.substr(0, ends[2]));
  CHECK(read_file(l.folder.path() / "events.jsonl.cut-1") == whole.substr(ends[2]));
  write_text(l.file, l.text() + "{\"torn");  // what is cut may end in a torn line
  CHECK(cut_log(l.file, {ends[1]}) == l.folder.path() / "events.jsonl.cut-2");
  CHECK(read_file(l.folder.path() / "events.jsonl.cut-2") ==
        whole.substr(ends[1], ends[2] - ends[1]) + "{\"torn");
  CHECK(cut_log(l.file, {0}) == l.folder.path() / "events.jsonl.cut-3");
  CHECK(l.text() == "");
  CHECK(read_file(l.folder.path() / "events.jsonl.cut-3") == whole.substr(0, ends[1]));
  CHECK(read_file(l.folder.path() / "events.jsonl.cut-1") == whole.substr(ends[2]));  // never written over
  CHECK(cut_log(l.file, {0}) == Path());
}

TEST_CASE("cut_log refuses a log that was changed by hand, and changes nothing") {
  Log l;
  const std::vector<uint64_t> ends = l.fill(2);
  const std::string whole = l.text();
  for (const uint64_t offset : {whole.size() + 1, ends[0] - 1, ends[0] + 1, uint64_t{1}}) {
    CHECK(sentence_of([&] { check_cut(l.file, {offset}); }) ==
          sentence_of([&] { cut_log(l.file, {offset}); }));
    CHECK(sentence_of([&] { cut_log(l.file, {offset}); }) ==
          fmt::format(
              "{} has {} bytes and does not hold the end of a line at byte {}, where the checkpoint expects "
              "one",
              l.file.string(), whole.size(), offset));
    CHECK(l.text() == whole);
    CHECK_FALSE(std::filesystem::exists(l.folder.path() / "events.jsonl.cut-1"));
  }
  for (const uint64_t offset : {uint64_t{0}, ends[0], ends[1]})
    CHECK(sentence_of([&] { check_cut(l.file, {offset}); }) == "no error");
  CHECK(l.text() == whole);
  CHECK(sentence_of([&] { cut_log(l.folder.path() / "none", {0}); }).starts_with("cannot read "));
}

TEST_CASE("when what is cut cannot be kept, nothing is cut") {
  Log l;
  const std::vector<uint64_t> ends = l.fill(50);
  const std::string whole = l.text();
  const FileSizeLimit limit(100);
  CHECK(sentence_of([&] { cut_log(l.file, {ends[0]}); }).ends_with("File too large"));
  CHECK(l.text() == whole);
}

TEST_CASE(
    "a changed byte before the end is seen where the checksum is known, and without one it is not asked") {
  Log l;
  const auto ends = l.fill(3);
  const std::string whole = l.text(), checksum = hash128(whole.substr(0, ends[1])).hex();
  CHECK(sentence_of([&] { check_cut(l.file, {ends[1], checksum}); }) == "no error");
  for (size_t i = 0; i < ends[1]; ++i) {
    std::string changed = whole;
    changed[i] = char(changed[i] ^ 1);
    write_text(l.file, changed);
    CHECK(sentence_of([&] { cut_log(l.file, {ends[1], checksum}); }) != "no error");
    CHECK(l.text() == changed);
  }
  write_text(l.file, whole.substr(0, ends[1]) + "what follows may be anything");
  CHECK(sentence_of([&] { check_cut(l.file, {ends[1], checksum}); }) == "no error");
}

TEST_CASE("the log's checksum is of all its bytes, also behind a reopening and a failed append") {
  Log l;
  l.fill(2);
  RunLog log(l.file);
  CHECK(log.checksum() == hash128(l.text()));
  log.append(event_at(3));
  CHECK(log.checksum() == hash128(l.text()));
  {
    const FileSizeLimit limit(log.offset() + 20);
    CHECK(sentence_of([&] { log.append(event_at(4, std::string(500, 'x'))); }) != "no error");
  }
  log.append(event_at(5));
  CHECK(log.checksum() == hash128(l.text()));
}
