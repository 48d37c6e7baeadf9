#include "record/event.h"

#include <doctest/doctest.h>

#include <cmath>
#include <ctime>
#include <limits>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

struct Line {
  Event event;
  std::string text;
};

const std::string kTime = "2026-01-31T23:59:59.123Z";

// One of each kind with its line: names and order of the fields are those of the promise to other programs.
std::vector<Line> one_of_each() {
  std::vector<Line> lines;
  const auto add = [&](int64_t step, Happening what, std::string text) {
    lines.push_back({{step, kTime, std::move(what)}, std::move(text)});
  };
  RunStart start{.name = "tiny",
                 .version = "0.1.0",
                 .config = {{"train.seed", "1"}, {"model.d_model", "16"}},
                 .parameters = 274112,
                 .isa = "fp32",
                 .precision = "fp32",
                 .threads = 2,
                 .tokenizer = "0f",
                 .arms = {{"a", "letters", 12, 345, "ab"}},
                 .resumed_from = std::nullopt,
                 .changed = {},
                 .words = "aa",
                 .init = "",
                 .text_changed = false};
  add(0, start,
      R"({"event":"run_start","step":0,"time":"2026-01-31T23:59:59.123Z","name":"tiny","version":"0.1.0",)"
      R"("config":{"model.d_model":"16","train.seed":"1"},"parameters":274112,"isa":"fp32","precision":"fp32",)"
      R"("threads":2,"tokenizer":"0f",)"
      R"("arms":[{"name":"a","domain":"letters","documents":12,"tokens":345,"fingerprint":"ab"}],)"
      R"("resumed_from":null,"changed":[],"words":"aa","init":"","text_changed":false})");
  start.arms.clear(), start.resumed_from = 100, start.changed = {"train.steps: 200 -> 300"};
  start.init = "old.bin", start.text_changed = true;
  add(100, start,
      R"({"event":"run_start","step":100,"time":"2026-01-31T23:59:59.123Z","name":"tiny","version":"0.1.0",)"
      R"("config":{"model.d_model":"16","train.seed":"1"},"parameters":274112,"isa":"fp32","precision":"fp32",)"
      R"("threads":2,"tokenizer":"0f","arms":[],"resumed_from":100,"changed":["train.steps: 200 -> 300"],"words":"aa",)"
      R"("init":"old.bin","text_changed":true})");
  add(7, StepDone{9.5, 9.25, 3e-4, 1.5, true, "a", 2, 96, 0.125, {9.75, 9.25}},
      R"({"event":"step","step":7,"time":"2026-01-31T23:59:59.123Z","loss":9.5,"ema":9.25,"lr":0.0003,)"
      R"("grad_norm":1.5,"clipped":true,"arm":"a","epoch":2,"tokens":96,"seconds":0.125,"row_losses":[9.75,9.25]})");
  add(100, EvalDone{3.5, 1.25, {{"b", {4, 1.5}}, {"a", {3, 1}}}},
      R"({"event":"eval","step":100,"time":"2026-01-31T23:59:59.123Z","loss":3.5,"bits_per_byte":1.25,)"
      R"("arms":{"a":{"loss":3.0,"bits_per_byte":1.0},"b":{"loss":4.0,"bits_per_byte":1.5}}})");
  add(100,
      SampleDone{"a", "letters", "The", "river ran", 2, 1.5, 0.75, 50, 7, {85.5, 30, 35, 20, 0.5}, false, 3},
      R"({"event":"sample","step":100,"time":"2026-01-31T23:59:59.123Z","arm":"a","domain":"letters",)"
      R"("prompt":"The","text":"river ran","tokens":2,"loss":1.5,"temperature":0.75,"top_k":50,"seed":7,)"
      R"("score":{"total":85.5,"bigram":30.0,"trigram":35.0,"english":20.0,"characters":0.5},)"
      R"("judged":false,"streak":3})");
  add(100, Saved{"step_000100.bin", 1184615432, "99aa", true},
      R"({"event":"checkpoint","step":100,"time":"2026-01-31T23:59:59.123Z","file":"step_000100.bin",)"
      R"("bytes":1184615432,"checksum":"99aa","best":true})");
  add(100, FocusDone{{"b", "a"}, 14, 114, {3, 2}},
      R"({"event":"focus","step":100,"time":"2026-01-31T23:59:59.123Z","arms":["b","a"],"hold":14,)"
      R"("until_step":114,"dice":[3,2]})");
  add(100, Alarm{"disk", "no space"},
      R"({"event":"alarm","step":100,"time":"2026-01-31T23:59:59.123Z","kind":"disk","message":"no space"})");
  add(500, Halt{"gate", 5, {29.5, 1, 2, 3, 4}},
      R"({"event":"halt","step":500,"time":"2026-01-31T23:59:59.123Z","reason":"gate","streak":5,)"
      R"("scores":[29.5,1.0,2.0,3.0,4.0]})");
  add(500, RunEnd{"gate", 3, 12.5},
      R"({"event":"run_end","step":500,"time":"2026-01-31T23:59:59.123Z","reason":"gate","exit_code":3,)"
      R"("seconds":12.5})");
  return lines;
}

}  // namespace

TEST_CASE("each event becomes exactly its line, and its line becomes the event") {
  std::set<size_t> kinds;
  for (const Line& line : one_of_each()) {
    CHECK(to_line(line.event) == line.text);
    CHECK(event_from_line(line.text, "t") == line.event);
    kinds.insert(line.event.what.index());
  }
  CHECK(kinds.size() == std::variant_size_v<Happening>);
}

TEST_CASE("fields may come in any order and with others between them") {
  CHECK(event_from_line(R"({"time":"","message":"m","new":[1],"kind":"k","step":3,"event":"alarm"})", "t") ==
        Event{3, "", Alarm{"k", "m"}});
}

TEST_CASE("every line that lacks a field is refused by the field's name") {
  for (const Line& line : one_of_each()) {
    const Json whole = parse_json(line.text, "t");
    for (const auto& [key, value] : whole.items()) {
      if (key == "words" || key == "init" || key == "text_changed") continue;  // not in older logs
      Json json = whole;
      json.erase(key);
      CHECK(sentence_of([&] { event_from_line(to_line(json), "log:3"); }) ==
            "log:3: the field '" + key + "' is missing");
    }
  }
}

TEST_CASE("an event of a later version is passed over") {
  CHECK(event_from_line(R"({"event":"dance","step":1,"time":""})", "t") == std::nullopt);
}

TEST_CASE("what is no event is refused with its place") {
  const auto sentence = [](const char* line) { return sentence_of([&] { event_from_line(line, "log:3"); }); };
  CHECK(sentence(R"([1])") == "log:3: expected an object");
  CHECK(sentence(R"({"event":1,"step":1,"time":""})") == "log:3: field 'event': expected a string");
  CHECK(sentence(R"({"event":"alarm","step":1.5,"time":""})") ==
        "log:3: field 'step': expected a whole number in range");
  CHECK(sentence("").starts_with("log:3: not valid JSON: "));
  CHECK(sentence(R"({"event":"alarm","step")").starts_with("log:3: not valid JSON: "));
}

TEST_CASE("numbers that are not finite are null in the line and NaN when read") {
  StepDone step;
  step.loss = std::numeric_limits<double>::quiet_NaN();
  step.row_losses = {1, std::numeric_limits<double>::infinity()};
  const std::string line = to_line(Event{1, kTime, step});
  CHECK(line.find("\"loss\":null,") != std::string::npos);
  CHECK(line.find("\"row_losses\":[1.0,null]}") != std::string::npos);
  const auto back = std::get<StepDone>(event_from_line(line, "t")->what);
  CHECK(std::isnan(back.loss));
  CHECK(std::isnan(back.row_losses.at(1)));
}

TEST_CASE("a line is one line, whatever the text in it") {
  const std::string line = to_line(Event{1, kTime, Alarm{"k", "two\nlines \x01 \xFF \"quoted\""}});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(std::get<Alarm>(event_from_line(line, "t")->what).message ==
        "two\nlines \x01 \xEF\xBF\xBD \"quoted\"");
}

TEST_CASE("time_now is ISO 8601 in UTC, to the millisecond") {
  const std::time_t before = std::time(nullptr);
  const std::string now = time_now();
  const std::time_t after = std::time(nullptr);
  std::string pattern = now;
  for (char& c : pattern)
    if (c >= '0' && c <= '9') c = '9';
  CHECK(pattern == "9999-99-99T99:99:99.999Z");
  std::tm utc{};
  REQUIRE(::strptime(now.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) != nullptr);
  CHECK(::timegm(&utc) >= before);
  CHECK(::timegm(&utc) <= after);
}

// docs/formats.md promises these lines; they are read here as any other program would read them.
TEST_CASE("the example lines of docs/formats.md are events, one of each kind, to the letter") {
  const std::string page = read_file(ANDREA_SOURCE_DIR "/docs/formats.md");
  std::set<size_t> kinds;
  size_t begin = 0;
  for (size_t end; (end = page.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = page.substr(begin, end - begin);
    if (!line.starts_with("{\"event\":")) continue;
    const Event event = event_from_line(line, "docs/formats.md").value();
    CHECK(to_line(event) == line);
    kinds.insert(event.what.index());
  }
  CHECK(kinds.size() == std::variant_size_v<Happening>);
}
