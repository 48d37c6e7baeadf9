#include "replay/text_formats.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace andrea;

namespace {

const TextFormat& format(const std::string& name) {
  for (const TextFormat& f : text_formats())
    if (f.name == name) return f;
  FAIL("no format ", name);
  return text_formats()[0];
}

struct Known {
  const char *format, *line;
  LossPoint point;
};
const Known kKnown[] = {
    {"llm.c main.log", "s:12 trl:10.985 lr:0.000001 norm:15.2", {12, 10.985}},
    {"llm.c",
     "step    1/19560 | loss 11.009 (+nanz)| norm 15.1 (+nanz)| lr 8.6e-07 | 2048.33 ms | 50.0% bf16 MFU | "
     "12000 tok/s",
     {1, 11.009}},
    {"nanochat",
     "step 00012/21400 (0.06%) | loss: 9.123456 | lrm: 1.00 | dt: 512.12ms | tok/sec: 1,024",
     {12, 9.123456}},
    {"nanoGPT", "iter 250: loss 3.9886, time 54321.11ms, mfu -100.00%", {250, 3.9886}},
    {"nanoGPT", "iter 3: loss nan, time 5.11ms, mfu 3.00%", {3, std::nan("")}},
    {"marian",
     "[1970-01-01 00:02:00] Ep. 1 : Up. 1000 : Sen. 12,345 : Cost 5.43210000 * 123,456 @ 7,890 after "
     "1,234,567 : Time 123.45s",
     {1000, 5.4321, 120.0}},
    {"lines of step and loss", "step 100 loss=5.23", {100, 5.23}},
    {"lines of step and loss", "step=100 loss=5.23 lr=0.001", {100, 5.23}},
    {"lines of step and loss", "loss: 5.23", {-1, 5.23}},
    {"lines of step and loss", "train_loss: 5.23", {-1, 5.23}},
    {"lines of step and loss", "[100] loss: 5.23", {100, 5.23}},
    {"lines of step and loss",
     "1970-01-01T00:01:00Z INFO trainer: step: 7, loss: 2e0, val_loss: 9",
     {7, 2, 60.0}},
    {"lines of step and loss", "[1970-01-01 00:01:00,500] iter 7 | val loss 9.5 | loss 2.5", {7, 2.5, 60.5}},
    {"lines of step and loss", "\x1b[32mstep\x1b[0m 7 \x1b[1mloss\x1b[0m 2.5", {7, 2.5}},
    {"lines of step and loss", " 1%| step 1 loss 3.0\r 2%| step 2 loss 2.5\r", {2, 2.5}},
    {"lines of step and loss", "global_step=9 loss=inf", {9, INFINITY}},
};

}  // namespace

TEST_CASE("a line of each trainer gives its step and loss") {
  for (const Known& k : kKnown) {
    CAPTURE(k.line);
    std::vector<Observation> out;
    REQUIRE(format(k.format).read(k.line, out) == Reading::understood);
    const LossPoint& point = std::get<LossPoint>(out.back());
    CHECK(point.step == k.point.step);
    CHECK((point.loss == k.point.loss || (std::isnan(point.loss) && std::isnan(k.point.loss))));
    CHECK(point.time == k.point.time);
  }
}

TEST_CASE("the steps planned stand behind the slash") {
  std::vector<Observation> out;
  format("llm.c").read("step    1/19560 | loss 11.009 (+nanz)| norm 15.1", out);
  REQUIRE(out.size() == 2);
  CHECK(std::get<PlannedSteps>(out[0]).steps == 19560);
}

TEST_CASE("evaluations are passed over") {
  std::vector<Observation> out;
  CHECK(format("llm.c main.log").read("s:250 tel:6.4", out) == Reading::passed_over);
  CHECK(format("llm.c").read("val loss 6.3", out) == Reading::passed_over);
  CHECK(format("nanoGPT").read("step 0: train loss 10.98, val loss 10.99", out) == Reading::passed_over);
  CHECK(format("nanochat").read("Step 00250 | Validation bpb: 1.1234", out) == Reading::passed_over);
  CHECK(out.empty());
}

TEST_CASE("what is no such line is not understood by any format, and nothing comes of it") {
  const std::string binary("step \0 loss \xff\xfe", 14);
  for (const std::string& line :
       {std::string(), std::string("step"), std::string("loss"), std::string("loss:"),
        std::string("step 5 loss"), std::string("step 5 loss=abc"), std::string("val loss: 3.0"),
        std::string("eval_loss: 3.0"), std::string("closs: 3"), std::string("iter 5: loss "),
        std::string("s:5 trl:"), std::string("a loss of 3 men"), std::string("\x1b["), std::string("\x1b"),
        std::string("Ep. 1 : Up. x : Cost 3"), std::string("loss=3.5e99999"), binary}) {
    CAPTURE(line);
    for (const TextFormat& f : text_formats()) {
      std::vector<Observation> out;
      CHECK(f.read(line, out) != Reading::understood);
      CHECK(out.empty());
    }
  }
  std::vector<Observation> out;
  for (const char* line : {"step 99999999999999999999 loss=3", "step -5 loss=3"}) {
    format("lines of step and loss").read(line, out);
    CHECK(std::get<LossPoint>(out.back()).step == -1);  // a step that is none
  }
}
