#include "curriculum/arm.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "base/fields.h"
#include "tests/unit/curriculum/small_arms.h"

using namespace andrea;

namespace {

constexpr uint64_t kSeed = 2026;

ArmState start_of(const Arm& arm) { return {arm.options.name, arm.fingerprint()}; }

int64_t epoch_tokens(const Arm& arm) { return arm.store.tokens() + arm.store.documents(); }

// The cursor behind `position` tokens of the stream, found by counting.
ArmState cursor_at(const Arm& arm, int64_t position, int64_t pulls) {
  ArmState c = start_of(arm);
  c.epoch = position / epoch_tokens(arm);
  c.token = position % epoch_tokens(arm);
  c.pulls = pulls;
  for (const uint32_t d : document_order(kSeed, arm.stream_id(), c.epoch, arm.store.documents())) {
    const int64_t size = int64_t(arm.store.document(d).size()) + 1;
    if (c.token < size) break;
    c.token -= size;
    ++c.document;
  }
  return c;
}

}  // namespace

TEST_CASE("document_order is a permutation, the same again, and another for each seed, arm and epoch") {
  std::set<std::vector<uint32_t>> orders;
  for (const uint64_t seed : {1, 2})
    for (const uint32_t arm : {7u, 8u})
      for (const int64_t epoch : {0, 1, 2}) {
        std::vector<uint32_t> order = document_order(seed, arm, epoch, 50);
        CHECK(order == document_order(seed, arm, epoch, 50));
        orders.insert(order);
        std::sort(order.begin(), order.end());
        REQUIRE(order.size() == 50);
        for (uint32_t i = 0; i < 50; ++i) CHECK(order[i] == i);
      }
  CHECK(orders.size() == 12);
}

TEST_CASE("an arm's random numbers hang on its name, its fingerprint on its text") {
  const SmallArms small;
  const Arm a = small.arm("a", 20), b = small.arm("b", 20);
  CHECK(a.stream_id() != b.stream_id());
  CHECK(a.fingerprint() != b.fingerprint());
  CHECK(a.fingerprint() == a.store.text_fingerprint().hex());
  Arm renamed = small.arm("a", 20);
  renamed.options.name += "2";
  CHECK(renamed.stream_id() != a.stream_id());
  CHECK(renamed.fingerprint() == a.fingerprint());
}

TEST_CASE(
    "rows follow the stream, targets are one ahead across rows, and the cursor is exact at every edge") {
  const SmallArms small;
  const Arm arm = small.arm("a", 30);
  const int64_t whole = epoch_tokens(arm);
  const std::pair<int64_t, int64_t> shapes[] = {
      {1, 1}, {1, 7}, {3, 5}, {2, 64}, {1, whole}, {2, whole - 1}, {1, 2 * whole + 3}};
  for (const auto& [rows, T] : shapes) {
    INFO("rows ", rows, ", T ", T);
    const int64_t reads = 3 * whole / (rows * T) + 2;
    const Tokens stream = stream_of(arm, kSeed, (reads * rows * T + 1) / whole + 1);
    ArmReader reader(arm, kSeed);
    ArmState at = start_of(arm);
    Batch batch;
    bool inputs = true, targets = true, cursors = true;
    for (int64_t read = 0; read < reads; ++read) {
      const auto begin = stream.begin() + read * rows * T;
      reader.read(at, rows, T, batch);
      inputs = inputs && batch.inputs == Tokens(begin, begin + rows * T);
      targets = targets && batch.targets == Tokens(begin + 1, begin + rows * T + 1);
      cursors = cursors && at == cursor_at(arm, (read + 1) * rows * T, read + 1);
    }
    CHECK(inputs);
    CHECK(targets);
    CHECK(cursors);
  }
}

TEST_CASE("each document comes once before any comes twice, in another order each time") {
  const SmallArms small;
  const Arm arm = small.arm("a", 40);
  const size_t n = size_t(arm.store.documents());
  ArmReader reader(arm, kSeed);
  ArmState at = start_of(arm);
  Batch batch;
  reader.read(at, 1, 3 * epoch_tokens(arm), batch);
  CHECK(at.epoch == 3);
  CHECK(at.document == 0);
  CHECK(at.token == 0);
  const std::vector<Tokens> documents = documents_in(batch.inputs);
  REQUIRE(documents.size() == 3 * n);
  std::set<Tokens> all;
  for (size_t d = 0; d < n; ++d) all.insert(as_tokens(arm.store.document(int64_t(d))));
  CHECK(all.size() == n);
  std::set<std::vector<Tokens>> passes;
  for (size_t epoch = 0; epoch < 3; ++epoch) {
    const std::vector<Tokens> pass(documents.begin() + int64_t(epoch * n),
                                   documents.begin() + int64_t((epoch + 1) * n));
    CHECK(std::set<Tokens>(pass.begin(), pass.end()) == all);
    passes.insert(pass);
  }
  CHECK(passes.size() == 3);
}

TEST_CASE("an arm with a single document repeats it") {
  const SmallArms small;
  const Arm arm = small.arm("a", 2);  // one of the two is held out
  REQUIRE(arm.store.documents() == 1);
  Tokens once = {Tokenizer::kBos};
  for (const uint16_t token : arm.store.document(0)) once.push_back(token);
  ArmReader reader(arm, kSeed);
  ArmState at = start_of(arm);
  Batch batch;
  reader.read(at, 3, int64_t(once.size()), batch);
  Tokens thrice;
  for (int i = 0; i < 3; ++i) thrice.insert(thrice.end(), once.begin(), once.end());
  CHECK(batch.inputs == thrice);
  CHECK(at.epoch == 3);
}

TEST_CASE("reading in one go equals reading in pieces with a saved cursor") {
  const SmallArms small;
  const Arm arm = small.arm("a", 25);
  const int64_t T = 11, steps = 3 * epoch_tokens(arm) / (2 * T);
  ArmReader reader(arm, kSeed);
  ArmState at = start_of(arm), saved = at;
  for (int64_t step = 0; step < steps; ++step) {
    Batch one_go, pieces;
    reader.read(at, 2, T, one_go);
    ArmReader fresh(arm, kSeed);  // as after a stop
    saved = from_json<ArmState>(parse_json(to_line(to_json(saved)), "cursor"), "cursor");
    fresh.check_place(saved);
    fresh.read(saved, 2, T, pieces);
    CHECK(pieces.inputs == one_go.inputs);
    CHECK(pieces.targets == one_go.targets);
    CHECK(saved == at);
  }
}

TEST_CASE("a reader may jump between cursors of different epochs") {
  const SmallArms small;
  const Arm arm = small.arm("a", 15);
  const Tokens stream = stream_of(arm, kSeed, 6);
  ArmReader reader(arm, kSeed);
  Batch batch;
  for (const int64_t epoch : {4, 0, 2}) {
    ArmState at = cursor_at(arm, epoch * epoch_tokens(arm) + 5, 0);
    reader.read(at, 1, 9, batch);
    const auto begin = stream.begin() + epoch * epoch_tokens(arm) + 5;
    CHECK(batch.inputs == Tokens(begin, begin + 9));
  }
}

TEST_CASE("a cursor outside the text is refused, at its edges it is taken") {
  const SmallArms small;
  const Arm arm = small.arm("a", 30);
  const ArmReader reader(arm, kSeed);
  const int64_t n = arm.store.documents();
  const auto tokens_of = [&](int64_t epoch, int64_t document) {
    const uint32_t d = document_order(kSeed, arm.stream_id(), epoch, n)[size_t(document)];
    return int64_t(arm.store.document(d).size());
  };
  const auto sentence = [&](int64_t epoch, int64_t document, int64_t token, int64_t pulls = 0) {
    return sentence_of([&] { reader.check_place({"a", arm.fingerprint(), epoch, document, token, pulls}); });
  };
  for (const int64_t epoch : {0, 1, 5})
    for (const int64_t document : {int64_t{0}, n / 2, n - 1}) {
      CHECK(sentence(epoch, document, 0) == "no error");
      CHECK(sentence(epoch, document, tokens_of(epoch, document)) == "no error");
      CHECK(sentence(epoch, document, tokens_of(epoch, document) + 1) ==
            fmt::format(
                "the place in arm 'a' (epoch {}, document {}, token {}, 0 pulls) is none that reading its {} "
                "documents comes to",
                epoch, document, tokens_of(epoch, document) + 1, n));
    }
  CHECK(sentence(0, n, 0).ends_with(fmt::format("is none that reading its {} documents comes to", n)));
  CHECK(sentence(0, 0, 0, 2'000'000'000).starts_with("the place in arm 'a'"));
  CHECK(sentence((int64_t{1} << 56) - 1, 0, 0).starts_with("the place in arm 'a'"));
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  for (const int64_t bad : {int64_t{-1}, kLeast, kMost}) {
    CHECK(sentence(bad, 0, 0).starts_with("the place in arm 'a'"));
    CHECK(sentence(0, bad, 0).starts_with("the place in arm 'a'"));
    CHECK(sentence(0, 0, bad).starts_with("the place in arm 'a'"));
  }
  CHECK(sentence(0, 0, 0, -1).starts_with("the place in arm 'a'"));
}
