#include "replay/show.h"

#include <doctest/doctest.h>

#include "base/json.h"

using namespace andrea;

namespace {

SourceReport report() {
  SourceReport r;
  r.source = "log", r.format = "made", r.first_step = 20, r.last_step = 400;
  r.samples = r.judged = 20;
  for (int64_t step = 20; step <= 400; step += 20) r.scores.push_back({step, 3, true});
  return r;
}

}  // namespace

TEST_CASE("the headline says no more than what was judged") {
  SourceReport r = report();
  CHECK(headline(r) == "The gate says nothing: all judged samples lie before its start_step 500.");
  r.last_step = 900, r.judged_from_start = 4;
  CHECK(headline(r) ==
        "The gate would not have halted: never 5 judged scores in a row under 30 from step 500 on.");
  r.first_step = 500;
  CHECK(headline(r) == "The gate would not have halted: never 5 judged scores in a row under 30.");
  r.gate.enabled = false;
  CHECK(headline(r).starts_with("The gate of this run is off"));
  r.halt_step = 800, r.halted_by_loss = true;
  CHECK(headline(r) == "The loss signal, set to halt, would have halted at step 800.");
  r = report();
  r.judged = 0;
  CHECK(headline(r) == "None of 20 samples is long enough to judge.");
  r.scores.clear();
  CHECK(headline(r) == "No samples: the gate has nothing to read.");
}

TEST_CASE("the JSON holds what the text says: the gate, who halted, on what, and where to go on from") {
  SourceReport r = report();
  r.halt_step = 400, r.streak_start = 320, r.saved_steps = 0, r.last_good_step = 300;
  r.halted_on = {{320, 3, true, "region region"}};
  r.first_garbage = r.halted_on[0], r.wasted_steps = 80;
  r.gate.floor = 25, r.gate_source = "log";
  const auto source = [&] { return parse_json(json_report({r}), "json")["sources"][0]; };
  const Json json = source();
  CHECK(json["gate"] ==
        parse_json(R"({"enabled":true,"floor":25.0,"patience":5,"start_step":500,"from":"log"})", "here"));
  CHECK(json["halted_by"] == "gate");
  CHECK(json["halted_on"] == parse_json(R"([{"step":320,"total":3.0,"text":"region region"}])", "here"));
  CHECK(json["last_good_step"] == 300);
  CHECK(json["first_under"] == 320);
  CHECK(json["scores"][0] == parse_json("[20,3.0]", "here"));
  r.halted_by_loss = true;
  CHECK(source()["halted_by"] == "loss_signal");
  r.halt_step.reset();
  CHECK(source()["halted_by"].is_null());
}

TEST_CASE("chart and texts fit the width") {
  SourceReport r = report();
  r.halted_on = {{320, 3, true, std::string(500, 'x')}};
  for (const int width : {40, 60, 120}) {
    const std::string text = text_report(r, width);
    for (size_t at = text.find("\n\n"), end; at < text.size(); at = end + 1) {
      end = text.find('\n', at);
      CHECK(int(end - at) <= width);
    }
  }
}
