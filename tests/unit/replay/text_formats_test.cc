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

void check_nothing_of(const std::string& line, const TextFormat& format, Reading reading) {
  CAPTURE(line);
  CAPTURE(format.name);
  std::vector<Observation> out;
  CHECK(format.read(line, out) == reading);
  CHECK(out.empty());
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
    {"lines of step and loss", "Step 100 Loss: 5.23", {100, 5.23}},
    {"lines of step and loss", "Epoch 1, Step 100: loss 5.23", {100, 5.23}},
    {"lines of step and loss", "Epoch [3/10], Step [100/500], Loss: 5.23", {100, 5.23}},
    {"lines of step and loss", "[100/50000] loss: 5.23", {100, 5.23}},
    {"lines of step and loss", "latest 3 step 7 loss 2.5", {7, 2.5}},
    {"lines of step and loss", "{'loss': 3.512, 'grad_norm': 1.2, 'epoch': 0.01}", {-1, 3.512}},
    {"lines of step and loss", "{'eval_loss': 9.5, 'train_loss': 3.25}", {-1, 3.25}},
    {"lines of step and loss",
     "train | {\"epoch\": 1, \"update\": 0.01, \"loss\": \"10.5\", \"num_updates\": \"100\"}",
     {100, 10.5}},
    {"lines of step and loss", "train_loss: 5.23", {-1, 5.23}},
    {"lines of step and loss", "[100] loss: 5.23", {100, 5.23}},
    {"lines of step and loss",
     "1970-01-01T00:01:00Z INFO trainer: step: 7, loss: 2e0, val_loss: 9",
     {7, 2, 60.0}},
    {"lines of step and loss", "[1970-01-01 00:01:00,500] iter 7 | val loss 9.5 | loss 2.5", {7, 2.5, 60.5}},
    {"lines of step and loss", "\x1b[32mstep\x1b[0m 7 \x1b[1mloss\x1b[0m 2.5", {7, 2.5}},
    {"lines of step and loss", " 1%| step 1 loss 3.0\r 2%| step 2 loss 2.5\r", {2, 2.5}},
    {"lines of step and loss", "global_step=9 loss=inf", {9, INFINITY}},
    {"lines of step and loss", "step=9 loss=-inf", {9, -INFINITY}},
    {"lines of step and loss", "step=9 loss=NaN", {9, std::nan("")}},
    {"lines of step and loss", "step=9 loss=-nan, lr=1", {9, std::nan("")}},
    {"lines of step and loss", "step 1000000000000000 loss 5.23.", {1'000'000'000'000'000, 5.23}},
    {"lines of step and loss", "INFO [100] loss: 5.23 lr: 0.1", {100, 5.23}},
    {"lines of step and loss", "[INFO] loss: 5.23", {-1, 5.23}},
    {"lines of step and loss", "[12:30:05] loss: 5.23", {-1, 5.23}},
    {"lines of step and loss", "step time 0.3 step 7 loss function mse, loss 2", {7, 2}},
    {"lines of step and loss", "step 7 Validation loss: 9.5 test-loss: 9.5 loss: 2.5", {7, 2.5}},
    {"lines of step and loss", "step 7 loss 9 train_loss 2.5", {7, 2.5}},
    {"lines of step and loss", "step 5/100 loss 2.5", {5, 2.5}},
    {"lines of step and loss", "step 7 loss 2.5\r\x1b[0m", {7, 2.5}},
    {"lines of step and loss", "\x1b[1;32m1970-01-01 00:01:00\x1b[0m step 7 loss 2.5", {7, 2.5, 60.0}},
    {"lines of step and loss", "1970-01-01 00:01:00,250 - INFO - step 7 loss 2.5", {7, 2.5, 60.25}},
    {"lines of step and loss", "1970-01-01 00:01:00\tstep 7 loss 2.5", {7, 2.5, 60.0}},
    {"lines of step and loss", "1970-01-01T01:01:00.500+01:00 step 7 loss 2.5", {7, 2.5, 60.5}},
    {"lines of step and loss", "1970-01-01T01:01:00.500000+01:00: step 7 loss 2.5", {7, 2.5, 60.5}},
    {"lines of step and loss", "1970-13-01 00:01:00 step 7 loss 2.5", {7, 2.5}},
    {"llm.c main.log", "1970-01-01 00:01:00 s:12 trl:10.985 lr:0.000001 norm:15.2\r", {12, 10.985, 60.0}},
    {"llm.c main.log", "s:12 trl:-nan lr:0.000001 norm:nan", {12, std::nan("")}},
    {"llm.c main.log", "s:12 trl:10.9850", {12, 10.985}},  // as it was before lr and norm
    {"llm.c", "1970-01-01 00:01:00 step   20/19560 | loss 9.5 (-1.2z)| norm 1 (+0.1z)", {20, 9.5, 60.0}},
    {"nanochat",
     "\x1b[1m[1970-01-01 00:01:00]\x1b[0m step 00012/21400 (0.06%) | loss: 9.5 |",
     {12, 9.5, 60.0}},
    {"nanoGPT", "1970-01-01T00:01:00Z iter 250: loss 3.9886, time 5.11ms, mfu 3.00%", {250, 3.9886, 60.0}},
    {"marian",
     "[1970-01-01 00:02:00] Ep. 1 : Up. 50 : Sen. 1,269,755 : Cost 7.95987511 : Time 785.53s : L.r. "
     "1.2500e-05",
     {50, 7.95987511, 120.0}},
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

TEST_CASE("how long a step took is read where a line says it") {
  const std::pair<const char*, const char*> lines[] = {
      {"nanoGPT", "iter 5: loss 3.9886, time 6000.00ms, mfu 3.00%"},
      {"llm.c",
       "step 5/19560 | loss 11.009 (+nanz)| norm 15.1 (+nanz)| lr 8.6e-07 | 6000.00 ms | 50.0% bf16 MFU"},
      {"nanochat", "step 00012/21400 (0.06%) | loss: 9.12 | lrm: 1.00 | dt: 6000.00ms | tok/sec: 12"},
  };
  for (const auto& [name, line] : lines) {
    CAPTURE(std::string(line));
    std::vector<Observation> out;
    REQUIRE(format(name).read(line, out) == Reading::understood);
    CHECK(std::get<LossPoint>(out.back()).seconds == 6.0);
  }
}

TEST_CASE("lines of an evaluation are passed over") {
  for (const char* line : {"[eval] step 100 loss=9.0",
                           "| valid | epoch 001 | valid on 'valid' subset | loss 9.5 | num_updates 50",
                           "1970-01-01 00:01:00 | INFO | valid | epoch 001 | loss 9.5",
                           "test: step 7 loss 2.5", "[ Validation ] Step 7, Loss 2.5", "(dev) loss 2.5"}) {
    CAPTURE(line);
    std::vector<Observation> out;
    CHECK(format("lines of step and loss").read(line, out) == Reading::passed_over);
    CHECK(out.empty());
  }
}

TEST_CASE("the steps planned stand behind the slash") {
  std::vector<Observation> out;
  format("llm.c").read("step    1/19560 | loss 11.009 (+nanz)| norm 15.1", out);
  REQUIRE(out.size() == 2);
  CHECK(std::get<PlannedSteps>(out[0]).steps == 19560);
}

TEST_CASE("evaluations are passed over") {
  const std::pair<const char*, const char*> lines[] = {
      {"llm.c main.log", "s:250 tel:6.4"},
      {"llm.c main.log", "s:250 eval:0.2489\r"},
      {"llm.c", "val loss 6.3"},
      {"llm.c", "1970-01-01 00:01:00 val loss 6.3"},
      {"llm.c", "HellaSwag: 2500/10042 = 0.248954"},
      {"nanoGPT", "step 0: train loss 10.98, val loss 10.99"},
      {"nanochat", "Step 00250 | Validation bpb: 1.1234"},
      {"nanochat", "Step 00250 | CORE metric: 0.1234"},
      {"marian", "[1970-01-01 00:02:00] [valid] Ep. 1 : Up. 5000 : cross-entropy : 57.0348 : new best"},
  };
  for (const auto& [name, line] : lines) check_nothing_of(line, format(name), Reading::passed_over);
}

TEST_CASE("what is no such line is not understood by any format, and nothing comes of it") {
  const std::string digits(5000, '1');
  const std::string lines[] = {
      "",
      "step",
      "loss",
      "loss:",
      "step 5 loss",
      "step 5 loss=abc",
      "closs: 3",
      "a loss of 3 men",
      // losses of something else
      "val loss: 3.0",
      "eval_loss: 3.0",
      "Validation loss: 3.0",
      "val-loss=3.0",
      "[test] loss: 3.0",
      "dev: loss 3.0",
      "step 5 val/loss=3.0",
      // numbers that are none
      "loss=3.5e99999",
      "loss=5.2.3",
      "loss=5.2e",
      "loss=nano",
      "loss=info",
      "loss=0x10",
      "loss=5.23s",
      "loss=--5",
      "loss=0." + digits,
      "loss=" + digits,
      "step " + digits + " loss=3",
      // steps that are none; they are not numbered anew
      "step -5 loss=3",
      "step 1000000000000001 loss=3",
      "step 99999999999999999999 loss=3",
      "step 7.5 loss=3",
      "step 1,000 loss=3",
      "step 7x loss=3",
      "[-5] loss: 3",
      "[99999999999999999999] loss: 3",
      // torn
      "iter 5: loss ",
      "iter 5: lo",
      "s:5 trl:",
      "s:5 tel:",
      "s:5 trl:10.s:0 trl:9.5",
      "s:-5 trl:3",
      "s:5",
      "step    1/19560 | lo",
      "step    1/195",
      "Ep. 1 : Up. x : Cost 3 :",
      "Ep. 1 : Up. 7 : Co",
      "val loss ",
      "2026-01-02 03:04:05",
      "[2026-01-02 03:04:05]",
      "2026-01-02 03:04",
      // binary
      std::string("step \0 loss \xff\xfe", 14),
      std::string("\0\0\0step 5 loss=3", 16),
      std::string("step 5 loss=3\0", 14),
      "step 5 loss=3\xff",
      "step 5\x01 loss=3",
      "\x1b[",
      "\x1b",
      "step 5 loss=3\r ",
  };
  for (const std::string& line : lines)
    for (const TextFormat& f : text_formats()) check_nothing_of(line, f, Reading::not_understood);
}

TEST_CASE("a line that ends with its loss was cut, where the program always goes on") {
  const std::pair<const char*, const char*> lines[] = {
      {"llm.c", "step    1/19560 | loss 1"},
      {"nanochat", "step 00012/21400 (0.06%) | loss: 9."},
      {"nanoGPT", "iter 250: loss 3"},
      {"marian", "[2026-01-02 03:04:05] Ep. 1 : Up. 1000 : Sen. 12,345 : Cost 5"},
  };
  for (const auto& [name, line] : lines) check_nothing_of(line, format(name), Reading::not_understood);
}

TEST_CASE("of a line any number of bytes may be missing: observations only of what is understood") {
  for (const Known& k : kKnown) {
    const std::string whole = k.line;
    for (size_t length = 0; length <= whole.size(); ++length)
      for (const TextFormat& f : text_formats()) {
        std::vector<Observation> out;
        const Reading reading = f.read(whole.substr(0, length), out);
        CHECK((reading == Reading::understood) == !out.empty());
      }
  }
}
