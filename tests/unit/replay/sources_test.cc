#include "replay/sources.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/error.h"
#include "tests/support/packed.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

struct Folder {
  TemporaryFolder folder;
  std::string write(const std::string& name, const std::string& text) const {
    write_atomically(folder.path() / name, text);
    return (folder.path() / name).string();
  }
  std::string path() const { return folder.path().string(); }
};

std::vector<SourceReport> all(const std::vector<std::string>& paths) {
  return replay_all(paths, {}, {}, false);
}
SourceReport one(const std::string& path) {
  auto reports = all({path});
  REQUIRE(reports.size() == 1);
  return std::move(reports[0]);
}

}  // namespace

TEST_CASE("each format is known by what it holds") {
  struct Case {
    const char *name, *text, *format;
    int64_t points, samples, last_step;
    size_t remarks = 0;
  };
  const Case cases[] = {
      {"a.loss.json", "[[1, 9.0], [2, 8.5]]\n", "loss and samples of the original", 2, 0, 2},
      {"b.samples.json", R"([{"step": 100, "text": "a b", "loss": 3}])", "loss and samples of the original",
       0, 1, 100},
      {"array.json", "\n [[1,9],[2,8]]", "<name>.loss.json", 2, 0, 2},
      {"events.jsonl", R"({"event":"run_start","step":0,"config":{}}
{"event":"step","step":1,"loss":9.1}
{"event":"sample","step":1,"text":"x","tokens":4})",
       "andrea-train events", 1, 1, 1},
      {"run.jsonl", R"({"type":"run.start","run_id":"a"}
{"type":"run.loss","run_id":"a","step":3,"loss":9.1}
)",
       "run events (JSONL)", 1, 0, 3},
      {"trainer_state.json", R"({
  "epoch": 1.0,
  "log_history": [
    {"epoch": 0.5, "loss": 3.5, "step": 500},
    {"eval_loss": 3.4, "step": 500},
    {"epoch": 1.0, "loss": 3.1, "step": 1000}
  ],
  "max_steps": 1000
})",
       "Hugging Face trainer_state.json", 2, 0, 1000},
      {"wandb.jsonl", "{\"_step\":1,\"step\":10,\"train_loss\":3.5}\n{\"step\":20,\"train_loss\":3.4}\n",
       "JSONL", 2, 0, 20},
      {"table.csv", "step,loss,lr\n10,3.5,0.1\n20,3.4,0.1\n", "CSV", 2, 0, 20},
      {"nano.txt",
       "tokens per iteration: 8\niter 0: loss 10.9886, time 54.11ms, mfu -100.00%\niter 1: loss 10.5, time "
       "5.1ms, mfu 1.00%\n",
       "nanoGPT", 2, 0, 1, 1},
      {"nano2.txt",
       "step 0: train loss 10.9896, val loss 10.9891\niter 0: loss 10.9886, time 54.11ms, mfu -100.00%\n"
       "step 1: train loss 10.7, val loss 10.8\nstep 2: train loss 10.7, val loss 10.8\n",
       "nanoGPT", 1, 0, 0},
      {"samples.csv", "step,sample,loss\n100,\"two\nlines, and a \"\"quote\"\"\",3.5\n200,one,3.4\n", "CSV",
       2, 2, 200},
      {"long.csv", "step,sample\n100,\"two\nlines\"\n200,\"of\n\ntwo\"\n", "CSV", 0, 2, 200},
      {"dump.txt", "{\"lr\": 0.1, \"steps\": 5}\nstep 1 loss 3.5\nstep 2 loss 3.4\n",
       "lines of step and loss", 2, 0, 2, 1},
      {"late.jsonl", "starting\n{\"step\": 1, \"loss\": 3.5}\n{\"step\": 2, \"loss\": 3.4}\n", "JSONL", 2, 0,
       2, 1},
      {"config_first.jsonl",
       "{\"config\": {\"lr\": 1}}\n{\"step\": 1, \"val_loss\": 9}\n{\"step\": 1, \"loss\": 3.5}\n", "JSONL",
       1, 0, 1, 1},
      {"texts_later.jsonl", "{\"step\": 1, \"loss\": 3.5}\n{\"step\": 2, \"text\": \"a b\"}\n", "JSONL", 1, 1,
       2},
      {"structlog.jsonl", "{\"event\":\"train step\",\"step\":1,\"loss\":3.5}\n", "JSONL", 1, 0, 1},
      {"two.jsonl",
       "{\"type\":\"run.loss\",\"run_id\":\"a\",\"step\":3,\"loss\":9}\n"
       "{\"type\":\"run.loss\",\"run_id\":\"b\",\"step\":9,\"loss\":2}\n",
       "run events (JSONL)", 1, 0, 3, 1},
      {"first_bad.json", "[null, [1, 9], [2, 8]]", "<name>.loss.json", 2, 0, 2, 1},
      {"blanks.csv", "Step, Loss\n10, 3.5\n20, 3.4\n", "CSV", 2, 0, 20},
      {"pandas.csv", ",step,loss\n0,10,3.5\n1,20,3.4\n", "CSV", 2, 0, 20},
  };
  for (const Case& c : cases) {
    Folder folder;
    const SourceReport r = one(folder.write(c.name, c.text));
    CHECK_MESSAGE(r.format == c.format, c.name);
    CHECK_MESSAGE(r.points == c.points, c.name);
    CHECK_MESSAGE(r.samples == c.samples, c.name);
    CHECK_MESSAGE(r.last_step == c.last_step, c.name);
    CHECK_MESSAGE(r.remarks.size() == c.remarks, c.name);
  }
}

TEST_CASE("how many steps were planned is read where a log says it") {
  Folder folder;
  const std::pair<const char*, const char*> cases[] = {
      {"events.jsonl",
       "{\"event\":\"run_start\",\"step\":0,\"config\":{\"train.steps\":\"9000\"}}\n"
       "{\"event\":\"step\",\"step\":1,\"loss\":9.1}\n"},
      {"trainer_state.json",
       "{\"log_history\": [{\"loss\": 3.5, \"step\": 500}],\n \"max_steps\": 9000,\n \"x\": 1}"},
      {"llmc.txt", "step 1/9000 | loss 9.0 (+nanz)| norm 15.1 (+nanz)| lr 8.6e-07\n"},
  };
  for (const auto& [name, text] : cases)
    CHECK_MESSAGE(one(folder.write(name, text)).total_steps == 9000, name);
  CHECK(
      !one(folder.write("none.json", "{\"log_history\": [{\"loss\": 3.5, \"step\": 5}], \"max_steps\": -1}"))
           .total_steps);
}

TEST_CASE(
    "losses and samples of one run are one source, however they are named; a run folder is its events") {
  Folder folder;
  const std::string loss = folder.write("m.loss.json", "[[1, 9.0], [200, 8.5]]");
  const std::string samples = folder.write("m.samples.json", R"([{"step": 100, "text": "a b"}])");
  for (const auto& paths :
       {std::vector{loss}, std::vector{samples}, std::vector{loss, samples}, std::vector{folder.path()}}) {
    const auto reports = all(paths);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].points == 2);
    CHECK(reports[0].samples == 1);
  }
  folder.write("n.loss.json", "[[1, 9.0]]");
  CHECK(all({folder.path()}).size() == 2);
  folder.write("events.jsonl", "{\"event\":\"step\",\"step\":1,\"loss\":9.1}\n");
  CHECK(one(folder.path()).format == "andrea-train run");
}

TEST_CASE("packed files of one run find each other, too") {
  Folder folder;
  const std::string loss = folder.write("m.loss.json.gz", gzipped("[[1, 9.0], [200, 8.5]]"));
  const std::string samples =
      folder.write("m.samples.json.zst", zstd_packed(R"([{"step": 100, "text": "a b"}])"));
  for (const std::string& path : {loss, samples, folder.path()}) {
    CHECK(one(path).points == 2);
    CHECK(one(path).samples == 1);
  }
}

TEST_CASE("packed bytes with damage in them: what stands before it is used, and it is said") {
  Folder folder;
  std::string lines;
  for (int i = 1; i <= 20'000; ++i) lines += fmt::format("step {} loss {}\n", i, 3 + i % 7);
  std::string packed = gzipped(lines);
  packed[packed.size() - 5] = char(~packed[packed.size() - 5]);  // the checksum
  const SourceReport r = one(folder.write("log.gz", packed));
  CHECK(r.points == 20'000);
  REQUIRE(r.remarks.size() == 1);
  CHECK(r.remarks[0].starts_with("log.gz: damaged near byte "));
}

TEST_CASE("of several paths the good ones are replayed and the others named") {
  Folder folder;
  const std::string good = folder.write("good.csv", "step,loss\n1,2\n"), empty = folder.write("empty", "");
  const Replayed both = replay_each({empty, good, folder.path() + "/none"}, {}, {}, false);
  CHECK(both.reports.size() == 1);
  REQUIRE(both.unread.size() == 2);
  CHECK(both.unread[0].ends_with("empty is empty"));
  CHECK_THROWS_WITH_AS(replay_each({empty, empty}, {}, {}, false),
                       doctest::Contains("none of the 2 logs can be read: "), Error);
  CHECK_THROWS_AS(replay_each({std::string(5000, 'x')}, {}, {}, false), Error);
}

TEST_CASE("columns are for tables: a run of ours beside one is read as it is") {
  Folder folder;
  const std::string events = folder.write("events.jsonl", "{\"event\":\"step\",\"step\":1,\"loss\":9.1}\n");
  const std::string table = folder.write("t.csv", "Step,Value\n1,2\n");
  CHECK(replay_all({folder.path(), table}, {"Step", "Value", ""}, {}, false).size() == 2);
}

TEST_CASE("a broken part is counted and said, and the rest is used") {
  Folder folder;
  const SourceReport torn = one(folder.write("events.jsonl", R"({"event":"step","step":1,"loss":9.1}
garbage
{"event":"step","step":2,"loss":9.0}
{"event":"step","st)"));
  CHECK(torn.points == 2);
  REQUIRE(torn.remarks.size() == 1);
  CHECK(torn.remarks[0] == "events.jsonl: lines not understood: 2 of 4, the first is line 2");
  const SourceReport cut = one(folder.write("c.loss.json", "[[1, 9.0], [2, 8.5], [3, 8."));
  CHECK(cut.points == 2);
  REQUIRE(cut.remarks.size() == 1);
  CHECK(cut.remarks[0] == "c.loss.json: it ends in the middle; what stands before that was used");
}

TEST_CASE("what cannot be replayed is refused in a sentence that names it") {
  Folder folder;
  const std::pair<std::string, const char*> cases[] = {
      {folder.write("empty", ""), "empty is empty"},
      {folder.write("blank", "\n \n"), "blank is empty"},
      {folder.write("binary", std::string("\x7f"
                                          "ELF\0\0\1",
                                          7)),
       "binary is binary, not a log"},
      {folder.write("array.json", "[]"), "array.json holds an empty JSON array"},
      {folder.write("words.json", "[\"a\", \"b\"]"), "its elements are neither"},
      {folder.write("config.json", "{\"name\": \"x\", \"size\": 3}"),
       "config.json is no log of a kind that is known: none of the columns is a step; there are name, size"},
      {folder.write("prose.txt", "It was the best of times.\nIt was the worst of times.\n"),
       "prose.txt is no log of a kind that is known: not one of its first lines holds a step and a loss"},
      {folder.write("torn.jsonl", "{\"event\":\"step\",\"step\":1,\"loss\":"),
       "torn.jsonl begins like JSON, but its first line is no whole object"},
      {folder.path() + "/none", "there is no "},
      {folder.path(), "holds nothing to replay: no events.jsonl"},
  };
  for (const auto& [path, sentence] : cases)
    CHECK_THROWS_WITH_AS(all({path}), doctest::Contains(sentence), Error);
}
