#include "text/store.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/text/model_file.h"
#include "text/store_builder.h"
#include "text/store_format.h"

using namespace andrea;

namespace {

class Store {
 public:
  Store() {
    write_text(folder_.path() / "few.model", ModelFile(few_pieces()).bytes());
    tokenizer.emplace(folder_.path() / "few.model");
  }
  // Returns what finish() does.
  int64_t build(const std::vector<std::string>& documents) const {
    FileWriter file(path(), O_WRONLY | O_CREAT | O_TRUNC);
    StoreBuilder builder(file, *tokenizer);
    for (const std::string& d : documents) builder.add(d, tokenizer->encode(d));
    const int64_t training = builder.finish({.files = 1, .duplicates = 2, .invalid_utf8_bytes = 3}, text);
    file.close();
    return training;
  }
  Path path() const { return folder_.path() / "it.tokens"; }

  std::optional<Tokenizer> tokenizer;
  Hash128 text{12, 34};

 private:
  TemporaryFolder folder_;
};

std::vector<std::string> documents(int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back("the hen number " + std::to_string(i));
  return all;
}

}  // namespace

TEST_CASE("held out are the hashes that 100 divides") {
  CHECK(choose_held_out(std::vector<uint64_t>{1, 200, 3, 99, 0}) ==
        std::vector<bool>{false, true, false, false, true});
  // None: the smallest. All: the largest stays.
  CHECK(choose_held_out(std::vector<uint64_t>{7, 5, 9}) == std::vector<bool>{false, true, false});
  CHECK(choose_held_out(std::vector<uint64_t>{100, 300, 200}) == std::vector<bool>{true, false, true});
  CHECK(choose_held_out(std::vector<uint64_t>{100, 300}) == std::vector<bool>{true, false});
  CHECK(choose_held_out(std::vector<uint64_t>{101, 300}) == std::vector<bool>{false, true});
  CHECK(choose_held_out(std::vector<uint64_t>{301, 101}) == std::vector<bool>{false, true});
}

TEST_CASE("about one document of a hundred is held out, by its content and not by its neighbours") {
  std::vector<uint64_t> hashes;
  for (int i = 0; i < 20000; ++i) hashes.push_back(hash64("document " + std::to_string(i)));
  const auto held = choose_held_out(hashes);
  // Binomial: mean 200, deviation sqrt(20000 x 0.01 x 0.99) = 14.1; five deviations.
  const auto count = std::count(held.begin(), held.end(), true);
  CHECK(count > 200 - 71);
  CHECK(count < 200 + 71);
  const auto first = choose_held_out(std::span(hashes).first(5000));
  CHECK(std::equal(first.begin(), first.end(), held.begin()));
  std::reverse(hashes.begin(), hashes.end());
  const auto reversed = choose_held_out(hashes);
  CHECK(std::equal(reversed.rbegin(), reversed.rend(), held.begin()));
}

TEST_CASE("of a single document the last hundredth is held out, at least 64 tokens") {
  CHECK(held_out_tail(1000000) == 10000);
  CHECK(held_out_tail(6500) == 65);
  CHECK(held_out_tail(6400) == 64);
  CHECK(held_out_tail(100) == 64);
  CHECK(held_out_tail(65) == 64);
  CHECK(held_out_tail(64) == 64);
  CHECK(held_out_tail(3) == 3);
}

TEST_CASE("documents seen before are recognised, also through growth") {
  SeenDocuments seen;
  std::set<Hash128> judge;
  Rng rng = stream(1, Purpose::test, 20);
  CHECK(seen.insert({0, 0}));
  CHECK(!seen.insert({0, 0}));
  for (int i = 0; i < 20000; ++i) {
    const Hash128 hash{rng.below(60) + 1, rng.below(300) << (rng.below(2) * 40)};
    REQUIRE(seen.insert(hash) == judge.insert(hash).second);
  }
}

TEST_CASE("a store gives back what was put in") {
  Store s;
  const auto texts = documents(300);
  const int64_t training = s.build(texts);
  const TokenStore store(s.path());
  std::vector<std::string> found, held;
  int64_t tokens = 0, held_tokens = 0, bytes = 0;
  for (int64_t i = 0; i < store.documents(); ++i) {
    found.push_back(s.tokenizer->decode(store.document(i)));
    CHECK(store.document_bytes(i) == int64_t(found.back().size()));
    tokens += int64_t(store.document(i).size());
  }
  for (int64_t i = 0; i < store.held_out_documents(); ++i) {
    held.push_back(s.tokenizer->decode(store.held_out(i)));
    CHECK(store.held_out_bytes(i) == int64_t(held.back().size()));
    held_tokens += int64_t(store.held_out(i).size());
  }
  for (const auto& text : texts) bytes += int64_t(text.size());
  const auto is_held = [](const std::string& text) { return hash64(text) % 100 == 0; };
  std::vector<std::string> expected, expected_held;
  for (const auto& text : texts) (is_held(text) ? expected_held : expected).push_back(text);
  CHECK(!expected_held.empty());
  CHECK(found == expected);
  CHECK(held == expected_held);
  CHECK(store.tokens() == tokens);
  CHECK(training == tokens);
  CHECK(store.counts() == TextCounts{.files = 1,
                                     .documents = 300,
                                     .duplicates = 2,
                                     .bytes = bytes,
                                     .tokens = tokens + held_tokens,
                                     .held_out_documents = int64_t(held.size()),
                                     .held_out_tokens = held_tokens,
                                     .invalid_utf8_bytes = 3});
  CHECK(store.tokenizer_fingerprint() == s.tokenizer->fingerprint());
  CHECK(store.text_fingerprint() == s.text);
  CHECK(store.vocab_size() == s.tokenizer->vocab_size());
}

TEST_CASE("two documents: one each; one document: its tail; none: no store") {
  Store s;
  s.build({"the hen", "an ant"});
  const TokenStore two(s.path());
  CHECK(two.documents() == 1);
  CHECK(two.held_out_documents() == 1);

  std::string text = "the h\xC3\xA9n ";
  while (s.tokenizer->encode(text).size() < 500) text += "q\xC3\xA9";
  const auto ids = s.tokenizer->encode(text);
  CHECK(s.build({text}) == int64_t(ids.size()) - 64);
  const TokenStore one(s.path());
  CHECK(one.documents() == 1);
  CHECK(one.held_out_documents() == 1);
  CHECK(one.counts().documents == 1);
  CHECK(one.held_out(0).size() == 64);
  CHECK(one.tokens() == int64_t(ids.size()) - 64);
  CHECK(s.tokenizer->decode(one.document(0)) + s.tokenizer->decode(one.held_out(0)) == text);
  CHECK(one.document_bytes(0) == int64_t(s.tokenizer->decode(one.document(0)).size()));
  CHECK(one.held_out_bytes(0) == int64_t(s.tokenizer->decode(one.held_out(0)).size()));

  CHECK(s.build({std::string(64, 'q')}) == 0);
  CHECK(s.build({std::string(65, 'q')}) == 1);
  CHECK(s.build({}) == 0);
}

TEST_CASE("a store moves, and its documents stay where they are") {
  Store s;
  s.build(documents(5));
  TokenStore a(s.path());
  const uint16_t* at = a.document(0).data();
  const TokenStore b = std::move(a);
  CHECK(b.document(0).data() == at);
  CHECK(TokenStore().documents() == 0);
}

TEST_CASE("every flipped byte, every cut and every extra byte of a store is noticed") {
  Store s;
  s.build(documents(3));
  const std::string good = read_file(s.path());
  REQUIRE(good.size() < 1000);
  const auto sentence = [&](const std::string& bytes) {
    write_text(s.path(), bytes);
    return sentence_of([&] { TokenStore store(s.path()); });
  };
  const std::string begins = s.path().string() + " is not a whole token store: ";
  CHECK(sentence(good) == "no error");
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bytes = good;
    bytes[i] ^= char(1 << (i % 8));
    CAPTURE(i);
    REQUIRE(sentence(bytes).starts_with(begins));
  }
  for (size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    REQUIRE(sentence(good.substr(0, size)).starts_with(begins));
  }
  CHECK(sentence("") == begins + "it is too short");
  CHECK(sentence(good + '\0') == begins + "its end is cut off or damaged");
  std::string magic = good, body = good;
  magic[0] = 'X';
  CHECK(sentence(magic) == begins + "it begins in another way or is of another version");
  body[kStoreBegin.size()] ^= 1;
  CHECK(sentence(body) == begins + "its checksum is wrong");
  CHECK(sentence(std::string(kStoreBegin) + good) == begins + "its size does not fit what it says it holds");
  std::filesystem::remove(s.path());
  CHECK(sentence_of([&] { TokenStore store(s.path()); }).starts_with("cannot read "));
}
