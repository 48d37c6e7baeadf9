#include "replay/json_records.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace andrea;

namespace {

// The one observation of a record, which must be of this kind.
template <class T>
T only(Reading reading, const std::vector<Observation>& out) {
  REQUIRE(reading == Reading::understood);
  REQUIRE(out.size() == 1);
  REQUIRE(std::holds_alternative<T>(out[0]));
  return std::get<T>(out[0]);
}

}  // namespace

TEST_CASE("events of ours: steps, samples and the options of a run; the others are passed over") {
  std::vector<Observation> out;
  const Reading step = read_event(
      R"({"event":"step","step":7,"time":"1970-01-01T00:01:00Z","loss":5.853813224101032,"ema":1})", out);
  CHECK(only<LossPoint>(step, out) == LossPoint{7, 5.853813224101032, 60.0});
  out.clear();
  const Reading sample = read_event(
      R"({"event":"sample","step":9,"time":"x","prompt":"p","text":"a\n\u00e9\"","tokens":420,"loss":2,"score":{"total":81.5,"bigram":1}})",
      out);
  CHECK(only<WrittenSample>(sample, out) == WrittenSample{9, "a\n\xC3\xA9\"", {}, 420, 81.5});
  out.clear();
  const Reading start = read_event(
      R"({"event":"run_start","step":0,"config":{"gate.floor":"25","train.steps":"100"},"arms":[{"step":5}]})",
      out);
  CHECK(only<LoggedOptions>(start, out).options ==
        std::vector<std::pair<std::string, std::string>>{{"gate.floor", "25"}, {"train.steps", "100"}});
  out.clear();
  CHECK(read_event(R"({"event":"eval","step":9,"loss":5.1})", out) == Reading::passed_over);
  CHECK(out.empty());
}

TEST_CASE("a loss that is not finite is a point all the same") {
  std::vector<Observation> out;
  CHECK(std::isnan(only<LossPoint>(read_event(R"({"event":"step","step":7,"loss":null})", out), out).loss));
  for (const char* pair : {"[3, NaN]", "[3, null]", "[3, \"nan\"]", "[3, Infinity]"}) {
    out.clear();
    const auto point = only<LossPoint>(read_loss_pair(pair, out), out);
    CHECK(point.step == 3);
    CHECK(!std::isfinite(point.loss));
  }
}

TEST_CASE("the original's files: pairs, and samples as text, content or ids") {
  std::vector<Observation> out;
  CHECK(only<LossPoint>(read_loss_pair("[100, 9.04]", out), out) == LossPoint{100, 9.04, {}});
  out.clear();
  CHECK(only<LossPoint>(read_loss_pair("[100.0, 9]", out), out) == LossPoint{100, 9, {}});
  out.clear();
  CHECK(only<WrittenSample>(read_published_sample(R"({"step":5,"text":"t","loss":3})", out), out).text ==
        "t");
  out.clear();
  CHECK(only<WrittenSample>(read_published_sample(R"({"step":5,"content":"c"})", out), out).text == "c");
  out.clear();
  CHECK(only<WrittenSample>(read_published_sample(R"({"ids":[5,6,300],"step":5})", out), out).ids ==
        std::vector<int32_t>{5, 6, 300});
}

TEST_CASE("run events and the history of a trainer_state.json") {
  std::vector<Observation> out;
  const RecordReader read_run_event = run_event_reader();
  CHECK(only<LossPoint>(
            read_run_event(R"({"type":"run.loss","run_id":"a","step":5,"loss":2.5,"ts":1700000000000})", out),
            out) == LossPoint{5, 2.5, 1700000000.0});
  out.clear();
  CHECK(only<WrittenSample>(read_run_event(R"({"type":"run.sample","run_id":"a","step":5,"text":"x"})", out),
                            out)
            .step == 5);
  out.clear();
  CHECK(read_run_event(R"({"type":"run.loss","run_id":"b","step":5,"loss":2})", out) ==
        Reading::of_another_run);
  CHECK(read_run_event(R"({"type":"run.sample","run_id":"a","step":5,"text":null})", out) ==
        Reading::not_understood);
  CHECK(out.empty());
  CHECK(read_run_event(R"({"type":"run.end","run_id":"a"})", out) == Reading::passed_over);
  CHECK(only<LossPoint>(read_log_history(R"({"epoch":0.1,"grad_norm":2,"loss":3.5,"step":500})", out), out)
            .loss == 3.5);
  out.clear();
  CHECK(read_log_history(R"({"eval_loss":3.5,"step":500})", out) == Reading::passed_over);
}

TEST_CASE("columns of any names") {
  std::vector<Observation> out;
  const RecordReader read = json_columns_reader({"global_step", "train/loss", "output"});
  CHECK(read(R"({"global_step":4,"train/loss":1.5,"output":"text","other":[1,{"global_step":9}]})", out) ==
        Reading::understood);
  REQUIRE(out.size() == 2);
  CHECK(std::get<LossPoint>(out[0]) == LossPoint{4, 1.5, {}});
  CHECK(std::get<WrittenSample>(out[1]).text == "text");
  CHECK(read(R"({"global_step":4})", out) == Reading::passed_over);
  CHECK(read(R"({"global_step":4,"output":null})", out) == Reading::passed_over);
  CHECK(read(R"({"train/loss":4})", out) == Reading::not_understood);
  CHECK(json_names(R"({"a":1,"b":{"c":2}})") == std::vector<std::string>{"a", "b"});
  CHECK(!json_names("[1]"));
}

TEST_CASE("torn, foreign and damaged records are not understood, and nothing comes of them") {
  std::vector<Observation> out;
  for (const char* text :
       {"", " ", "{", "[", "nonsense", "5", "\"x\"", R"({"event":"step","step":7,"loss":5.8)",
        R"({"event":"step","loss":5})", R"({"event":"step","step":"7","loss":5})",
        R"({"event":"step","step":7.5,"loss":5})", "{\"event\":\"st\xFF",
        R"({"event":"step","step":7,"loss":5} {"event":"step"})", R"({"step":7,"loss":5})", "\x00\x01\x02"}) {
    CHECK_MESSAGE(read_event(text, out) == Reading::not_understood, text);
    CHECK_MESSAGE(run_event_reader()(text, out) == Reading::not_understood, text);
  }
  for (const char* text :
       {"", "[", "[1", "[1]", "[1,", "[1,2", "{}", "[\"a\", 2]", "[1.5, 2]", "[1, 2] 3", "1, 2"})
    CHECK_MESSAGE(read_loss_pair(text, out) == Reading::not_understood, text);
  CHECK(out.empty());
}
