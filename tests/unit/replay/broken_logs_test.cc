// Every format meets every damage: what can still be read is used, and what could not is said.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "base/error.h"
#include "replay/sources.h"
#include "tests/support/packed.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

// A whole log is head + records with `between` + tail.
struct Form {
  const char *file, *format, *head, *record, *between, *tail;
  bool samples = false;  // and no losses
  bool is_array() const { return std::string_view(between) == ", "; }
};
// The record has the step in place of {0} and the loss in place of {1}.
const Form kForms[] = {
    {"m.loss.json", "loss and samples of the original", "[", "[{0}, {1}]", ", ", "]\n"},
    {"array.json", "<name>.loss.json", "[", "[{0}, {1}]", ", ", "]\n"},
    {"trainer_state.json", "Hugging Face trainer_state.json", "{\n  \"log_history\": [",
     R"({{"epoch": 0.1, "loss": {1}, "step": {0}}})", ", ", "],\n  \"max_steps\": 9000\n}\n"},
    {"events.jsonl", "andrea-train events", "",
     R"({{"event":"step","step":{0},"time":"2026-01-01T00:00:00Z","loss":{1},"ema":3}})", "\n", "\n"},
    {"run.jsonl", "run events (JSONL)", "",
     R"({{"type":"run.loss","step":{0},"loss":{1},"ts":1700000000000}})", "\n", "\n"},
    {"columns.jsonl", "JSONL", "", R"({{"global_step": {0}, "train/loss": {1}, "lr": 0.1}})", "\n", "\n"},
    {"table.csv", "CSV", "step,loss,lr\n", "{0},{1},0.1", "\n", "\n"},
    {"tabs.tsv", "CSV", "\tstep\tloss\n", "0\t{0}\t{1}", "\n", "\n"},
    {"main.log", "llm.c main.log", "", "s:{0} trl:{1} lr:0.000001 norm:15.2", "\n", "\n"},
    {"llmc.txt", "llm.c", "", "step {0}/9000 | loss {1} (+nanz)| norm 15.1 (+nanz)| lr 8.6e-07 | 20.3 ms",
     "\n", "\n"},
    {"nanogpt.txt", "nanoGPT", "", "iter {0}: loss {1}, time 54.11ms, mfu -100.00%", "\n", "\n"},
    {"nanochat.txt", "nanochat", "", "step {0}/9000 (0.06%) | loss: {1} | lrm: 1.00 | dt: 512.12ms", "\n",
     "\n"},
    {"marian.log", "marian", "",
     "[2026-01-01 00:02:00] Ep. 1 : Up. {0} : Sen. 12,345 : Cost {1} * 123,456 @ 7,890 after 1,234,567", "\n",
     "\n"},
    {"any.log", "lines of step and loss", "", "step={0} loss={1} lr=0.1", "\n", "\n"},
    {"s.samples.json", "loss and samples of the original", "[", R"({{"step": {0}, "text": "old stones"}})",
     ", ", "]\n", true},
    {"content.json", "<name>.samples.json", "[", R"({{"content": "old stones", "step": {0}}})", ", ", "]\n",
     true},
    {"sampled.jsonl", "andrea-train events", "",
     R"({{"event":"sample","step":{0},"text":"old stones","tokens":420}})", "\n", "\n", true},
    {"run_samples.jsonl", "run events (JSONL)", "",
     R"({{"type":"run.sample","step":{0},"text":"old stones"}})", "\n", "\n", true},
    {"texts.jsonl", "JSONL", "", R"({{"step": {0}, "output": "old stones"}})", "\n", "\n", true},
    {"texts.csv", "CSV", "step,text\n", "{0},\"old, stones\"", "\n", "\n", true},
};
constexpr int64_t kRecords = 600;

std::string record(const Form& form, int64_t step, std::string loss = "") {
  if (loss.empty()) loss = fmt::format("{:.4f}", 9 - std::sqrt(double(step) / 1000));
  return fmt::format(fmt::runtime(form.record), step, loss);
}

using Lines = std::vector<std::string>;
std::string joined(const Form& form, const Lines& records) {
  return fmt::format("{}{}{}", form.head, fmt::join(records, form.between), form.tail);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

struct Damage {
  const char* name;
  std::function<std::string(const Form&, Lines)> make;
  int64_t points;      // that come of it; -1: some
  const char* remark;  // the only one, or none
};

// One record of the middle is something else.
Damage in_the_middle(const char* name, std::string other) {
  return {name,
          [=](const Form& form, Lines r) {
            r[300] = other;
            return joined(form, r);
          },
          kRecords - 1, "not understood: 1 of "};
}
Damage step_in_the_middle(const char* name, int64_t step) {
  return {name,
          [=](const Form& form, Lines r) {
            r[300] = record(form, step);
            return joined(form, r);
          },
          kRecords - 1, "not understood: 1 of "};
}

std::vector<Damage> damages() {
  return {
      {"none", joined, kRecords, nullptr},
      {"windows", [](const Form& f, Lines r) { return replaced(joined(f, r), "\n", "\r\n"); }, kRecords,
       nullptr},
      {"mark", [](const Form& f, Lines r) { return fmt::format("\xEF\xBB\xBF{}", joined(f, r)); }, kRecords,
       nullptr},
      {"blank lines",
       [](const Form& f, Lines r) { return fmt::format("\n{}", replaced(joined(f, r), "\n", "\n\n")); },
       kRecords, nullptr},
      {"gzip", [](const Form& f, Lines r) { return gzipped(joined(f, r)); }, kRecords, nullptr},
      {"zstd", [](const Form& f, Lines r) { return zstd_packed(joined(f, r)); }, kRecords, nullptr},
      {"gzip, cut",
       [](const Form& f, Lines r) {
         const std::string packed = gzipped(joined(f, r));
         return packed.substr(0, packed.size() * 3 / 4);
       },
       -1, "it ends in the middle"},
      {"cut inside the last record",
       [](const Form& f, Lines r) {
         const std::string all = joined(f, r);
         return all.substr(0, all.rfind(r.back()) + 2);
       },
       kRecords - 1, ""},
      {"twice",
       [](const Form& f, Lines r) {
         const Lines again = r;
         r.insert(r.end(), again.begin(), again.end());
         return joined(f, r);
       },
       2 * kRecords, "in the order of the log): 1"},
      {"nan",
       [](const Form& f, Lines r) {
         r[300] = record(f, 301, "nan");
         return joined(f, r);
       },
       kRecords, "losses that are not finite, left out of the EMA: 1"},
      {"negative infinity",
       [](const Form& f, Lines r) {
         r[300] = record(f, 301, "-inf");
         return joined(f, r);
       },
       kRecords, "losses that are not finite, left out of the EMA: 1"},
      in_the_middle("words", "Segmentation fault"),
      in_the_middle("a traceback", "  File \"train.py\" line 12 in <module>"),
      in_the_middle("a block of zeros", std::string(4096, '\0')),
      in_the_middle("no UTF-8", "\xFF\xFE\xC3\x28\x80"),
      step_in_the_middle("a negative step", -300),
      step_in_the_middle("no run has as many steps", 1'000'000'000'000'000'001),
  };
}

}  // namespace

TEST_CASE("a log whose end another program wrote: its lines are understood too, or they are counted") {
  const TemporaryFolder folder;
  for (const Form& form : kForms)
    for (const Form& other : kForms) {
      CAPTURE(std::string(form.file));
      CAPTURE(std::string(other.file));
      if (form.is_array() || other.is_array() || form.samples || other.samples) continue;
      Lines records;
      for (int64_t step = 1; step <= kRecords; ++step) records.push_back(record(form, step));
      for (int64_t step = 1; step <= 50; ++step) records.push_back(record(other, kRecords + step));
      const Path file = folder.path() / form.file;
      write_atomically(file, joined(form, records));
      const SourceReport report = std::move(replay_all({file.string()}, {}, {}, false).at(0));
      if (report.points == kRecords) {
        REQUIRE(report.remarks.size() == 1);
        CHECK(report.remarks[0].find(": 50 of 65") != std::string::npos);
      } else {
        CHECK(report.points == kRecords + 50);
        CHECK(report.remarks.empty());
      }
    }
}

TEST_CASE("every format, every damage: the rest is used, and a remark says what was not") {
  TemporaryFolder folder;
  for (const Form& form : kForms)
    for (const Damage& damage : damages()) {
      CAPTURE(std::string(form.file));
      CAPTURE(std::string(damage.name));
      if (form.samples && std::string_view(damage.remark ? damage.remark : "").starts_with("losses"))
        continue;
      Lines records;
      for (int64_t step = 1; step <= kRecords; ++step) records.push_back(record(form, step));
      const Path file = folder.path() / form.file;
      write_atomically(file, damage.make(form, records));
      SourceReport report;
      REQUIRE_NOTHROW(report = std::move(replay_all({file.string()}, {}, {}, false).at(0)));
      CHECK(report.format == form.format);
      const int64_t read = form.samples ? report.samples : report.points;
      if (damage.points >= 0)
        CHECK(read == damage.points);
      else
        CHECK((read > kRecords / 4 && read < kRecords));
      std::string remarks = fmt::format("{}", fmt::join(report.remarks, "; "));
      CAPTURE(remarks);
      if (!damage.remark)
        CHECK(remarks.empty());
      else
        CHECK(remarks.find(*damage.remark    ? damage.remark
                           : form.is_array() ? "it ends in the middle"
                                             : "not understood: 1 of ") != std::string::npos);
    }
}
