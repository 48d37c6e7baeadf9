// Any bytes as a log that someone wants replayed: it is refused in a sentence, or all three reports are made
// of it and agree with each other.
#include <cmath>

#include "base/fields.h"
#include "replay/page.h"
#include "replay/show.h"
#include "replay/sources.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/packed.h"

using namespace andrea;

std::vector<std::string> fuzz_seeds() {
  const std::string events =
      R"({"event":"run_start","step":0,"config":{"gate.floor":"25","gate.patience":"2","train.steps":"9"}}
{"event":"step","step":1,"time":"2026-01-01T00:00:00.123Z","loss":9.125,"ema":9.125}
{"event":"sample","step":600,"text":"region region region","tokens":420,"score":{"total":12.5},"judged":true}
{"event":"sample","step":700,"text":"\u00e9\ud83d\ude00 region region","tokens":420}
)";
  const std::string nanogpt =
      "step 0: train loss 10.98, val loss 10.99\niter 0: loss 10.9886, time 54.11ms, mfu -100.00%\n";
  std::vector<std::string> seeds = {
      events,
      nanogpt,
      "[[1, 9.0], [200.0, NaN], [300, null]]\n",
      R"([{"step": 100, "text": "a b", "loss": 3}, {"step": 200, "content": "c"}, {"step": 300, "ids": [1, 2]}])",
      R"({"epoch": 1.0, "log_history": [{"epoch": 0.5, "loss": 3.5, "step": 500}, {"eval_loss": 3.4, "step": 500}],
 "max_steps": 1000})",
      R"({"type":"run.start","run_id":"a"}
{"type":"run.loss","run_id":"a","step":3,"loss":9.1,"ts":1700000000000}
{"type":"run.sample","run_id":"a","step":3,"text":"words"}
)",
      "{\"global_step\":10,\"train/loss\":3.5,\"text\":\"t\"}\n{\"global_step\":20,\"train/loss\":\"inf\"}\n",
      "\xEF\xBB\xBF,step,loss,text\r\n0,10,3.5,\"two\nlines \"\"quoted\"\"\"\r\n1,20,nan,\r\n",
      "s:250 tel:6.4000\ns:250 eval:0.2489\ns:0 trl:10.9850 lr:0.000001 norm:15.20\n",
      "step    1/19560 | loss 11.009000 (+nanz)| norm 15.1 (+nanz)| lr 8.6e-07\nval loss 6.3\n",
      "step 00012/21400 (0.06%) | loss: 9.123456 | lrm: 1.00\nStep 00250 | Validation bpb: 1.1234\n",
      "[2026-01-01 00:02:00] Ep. 1 : Up. 1000 : Sen. 12,345 : Cost 5.43210000 * 123,456 @ 7,890 after 1,2\n",
      "\x1b[32mstep\x1b[0m 100 loss=5.23\n[100] loss: 5.23\rtrain_loss: 5.23\n2026-01-01 01:02:03,250 loss: "
      "-inf\n",
  };
  for (const std::string& text : {events, nanogpt}) {
    seeds.push_back(gzipped(text));
    seeds.push_back(zstd_packed(text));
  }
  return seeds;
}

void fuzz_one(std::string_view bytes) {
  const Path log = fuzz_folder() / "log";
  write_text(log, std::string(bytes));
  const std::vector<SourceReport> reports = replay_all({log.string()}, {}, {}, false);
  must(reports.size() == 1);
  const SourceReport& r = reports[0];
  must(r.points + r.samples > 0 && r.first_step >= 0 && r.first_step <= r.last_step);
  must(r.judged <= r.samples && int64_t(r.scores.size()) == r.samples);
  must(r.halt_step.has_value() == r.saved_steps.has_value());
  must(!r.halt_step || *r.streak_start <= *r.halt_step || !r.remarks.empty());
  must(!r.ema || std::isfinite(r.ema->last));
  const Json json = Json::parse(json_report(reports, {}));
  must(json["sources"].size() == 1 && json["sources"][0]["points"] == r.points);
  must(!text_report(r, 80).empty());
  must(html_page(reports).size() > 1000);
}
