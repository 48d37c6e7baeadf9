#include "train/checkpoint.h"

#include <cstring>

#include "tests/support/tiny_run.h"

using namespace andrea;

namespace {

constexpr ModelShape kShape{11, 4, 8, 2, 1};

struct Saved10 {
  TemporaryFolder temporary;
  RunFolder folder{temporary.path()};
  Tensors weights{kShape}, m{kShape}, v{kShape};
  CheckpointRecord record;
  Saved10() {
    initialise(weights, 1), initialise(m, 2), initialise(v, 3);
    record.state.step = 10;
    record.state.tokens = 12345678901234;
    record.state.tracker = {10, 3.1, 1.0 / 3, 7};
    record.state.arms = {{"a", "0123", 2, 3, 4, 5}, {"b", "4567", 0, 0, 0, 0}};
    record.state.best_loss = 2.5, record.state.best_step = 5;
    record.state.gate = {7, 2, {8, 10}, {12.5, 29.875}, 6, 4};
    record.log_checksum = "abcd";
    record.version = "0.1.0", record.config = "model: {}\n", record.tokenizer = "ff";
    const Written bin = write_weights(folder, 10, weights, m, v);
    record.file = "step_000010.bin", record.bytes = int64_t(bin.bytes), record.checksum = bin.checksum.hex();
    record.parameters = parameter_count(kShape), record.log_offset = 77;
    write_record(folder, record);
  }
  // Can the checkpoint still be loaded as a whole?
  bool loads() {
    Tensors w(kShape), mm(kShape), vv(kShape);
    try {
      const CheckpointRecord back = read_record(folder, 10);
      read_weights(folder, back, w, mm, vv);
      return back == record &&
             std::memcmp(w.flat().data, weights.flat().data, size_t(w.flat().size) * 4) == 0 &&
             std::memcmp(mm.flat().data, m.flat().data, size_t(w.flat().size) * 4) == 0 &&
             std::memcmp(vv.flat().data, v.flat().data, size_t(w.flat().size) * 4) == 0;
    } catch (const Error&) {
      return false;
    }
  }
};

std::string sentence(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("the .bin is the original's: int32 step, int32 count, weights, m, v") {
  Saved10 s;
  const std::string bytes = read_file(s.folder.weights(10));
  const Index n = parameter_count(kShape);
  REQUIRE(Index(bytes.size()) == 8 + 12 * n);
  int32_t header[2];
  std::memcpy(header, bytes.data(), 8);
  CHECK(header[0] == 10);
  CHECK(header[1] == n);
  CHECK(std::memcmp(bytes.data() + 8, s.weights.flat().data, size_t(n) * 4) == 0);
  CHECK(std::memcmp(bytes.data() + 8 + 4 * n, s.m.flat().data, size_t(n) * 4) == 0);
  CHECK(std::memcmp(bytes.data() + 8 + 8 * n, s.v.flat().data, size_t(n) * 4) == 0);
  CHECK(weights_bytes({8449, 1024, 768, 12, 12}) == 8 + 12 * (98698752 + 19200));
}

TEST_CASE("a checkpoint comes back equal; every flipped byte and every cut is seen") {
  Saved10 s;
  CHECK(s.loads());
  for (const Path& file : {s.folder.weights(10), s.folder.record(10)}) {
    const std::string good = read_file(file);
    int kept = 0;
    for (size_t i = 0; i < good.size(); i += 1 + good.size() / 400) {
      std::string bad = good;
      bad[i] = char(bad[i] ^ 4);
      write_text(file, bad);
      kept += s.loads();
      write_text(file, good.substr(0, i));
      kept += s.loads();
    }
    write_text(file, good + "x");
    kept += s.loads();
    CHECK(kept == 0);
    std::filesystem::remove(file);
    CHECK_FALSE(s.loads());
    write_text(file, good);
    CHECK(s.loads());
  }
}

TEST_CASE("a newer format and another model's weights are refused with a sentence") {
  Saved10 s;
  s.record.format = kCheckpointFormat + 1;
  write_record(s.folder, s.record);
  CHECK(sentence([&] { read_record(s.folder, 10); }) ==
        s.folder.record(10).string() + " has format 3; this program reads formats up to 2");
  Tensors other({12, 4, 8, 2, 1}), m(other.shape), v(other.shape);
  s.record.format = kCheckpointFormat;
  CHECK(sentence([&] {
          read_weights(s.folder, s.record, other, m, v);
        }).ends_with("holds 1000 parameters; this model has 1016"));
}

TEST_CASE("old weights: any .bin of the shape, the original's without gains too, nothing else") {
  Saved10 s;
  Tensors w(kShape);
  read_old_weights(s.folder.weights(10), w);
  CHECK(std::memcmp(w.flat().data, s.weights.flat().data, size_t(w.flat().size) * 4) == 0);

  // The original's file: the same tensors but for the three gains of one layer and the end.
  std::string original(8, '\0');
  int32_t count = 0;
  for (int copy = 0; copy < 3; ++copy)
    for (const TensorSpec& t : tensor_table(kShape))
      if (t.decay) {
        original.append(reinterpret_cast<const char*>(s.weights.flat().data + t.offset),
                        size_t(t.size()) * 4);
        if (copy == 0) count += int32_t(t.size());
      }
  std::memcpy(original.data() + 4, &count, 4);
  const Path file = s.folder.dir / "original.bin";
  write_text(file, original);
  Tensors loaded(kShape);
  read_old_weights(file, loaded);
  CHECK(loaded.norm.data[3] == 1.0f);
  CHECK(std::memcmp(loaded.head.data, s.weights.head.data, size_t(11 * 8) * 4) == 0);
  CHECK(std::memcmp(loaded.layers[0].w2.data, s.weights.layers[0].w2.data, size_t(8 * 32) * 4) == 0);

  write_text(file, original.substr(0, original.size() - 4));
  CHECK(sentence([&] { read_old_weights(file, loaded); }).find("bytes; a checkpoint of") !=
        std::string::npos);
  Tensors other({12, 4, 8, 2, 1});
  CHECK(sentence([&] { read_old_weights(file, other); }).find("this model has 1016") != std::string::npos);
}

// Written by format 1 and kept in the repository: files of today must load for ever.
TEST_CASE("the checkpoint of format 1 in tests/data still loads") {
  const RunFolder folder{ANDREA_SOURCE_DIR "/tests/data/checkpoint_format_1"};
  const CheckpointRecord record = read_record(folder, 10);
  CHECK(record.format == 1);
  Tensors w(kShape), m(kShape), v(kShape), want(kShape);
  read_weights(folder, record, w, m, v);
  initialise(want, 1);
  CHECK(std::memcmp(w.flat().data, want.flat().data, size_t(w.flat().size) * 4) == 0);
  CHECK(record.state.arms.at(0).epoch == 2);
  CHECK(record.state.tracker.ema == 3.1);
  CHECK(record.state.best_loss == 2.5);
}

TEST_CASE("the checkpoint of format 2 in tests/data still loads, with the gate's state") {
  const RunFolder folder{ANDREA_SOURCE_DIR "/tests/data/checkpoint_format_2"};
  const CheckpointRecord record = read_record(folder, 10);
  CHECK(record.format == 2);
  Tensors w(kShape), m(kShape), v(kShape);
  read_weights(folder, record, w, m, v);
  CHECK(record.log_checksum == "abcd");
  CHECK(record.state.gate == GateState{7, 2, {8, 10}, {12.5, 29.875}, 6, 4});
}
