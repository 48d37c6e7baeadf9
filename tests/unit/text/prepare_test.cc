#include "text/prepare.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/text/model_file.h"

using namespace andrea;

namespace {

constexpr int64_t kContext = 32;
constexpr int kSeveralBatches = 20000;  // documents; a batch takes at most 16384

class Arms {
 public:
  Arms() { model("few.model", few_pieces()), tokenizer.emplace(folder_.path() / "few.model"); }

  void model(const std::string& name, const std::vector<std::string>& pieces) const {
    write_text(folder_.path() / name, ModelFile(pieces).bytes());
  }
  ArmOptions arm(const std::string& text, const std::string& file = "it.txt") const {
    write_text(folder_.path() / file, text);
    return {.name = "it", .domain = "it", .path = folder_.path() / file};
  }
  TokenStore prepare(const ArmOptions& a, const OnPrepare& on_progress = {}) const {
    return prepare_arm(a, *tokenizer, stores(), kContext, on_progress);
  }
  Path stores() const { return folder_.path() / "some/stores"; }
  const Path& path() const { return folder_.path(); }
  std::vector<std::string> files_in_stores() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(stores()))
      if (entry.path().filename() != ".lock") names.push_back(entry.path().filename());
    return names;
  }

  std::optional<Tokenizer> tokenizer;

 private:
  TemporaryFolder folder_;
};

std::string text_of(int documents, int words = 20) {
  std::string text;
  for (int d = 0; d < documents; ++d) {
    for (int w = 0; w < words; ++w) text += fmt::format("the hen{} ", (d * 31 + w * 7) % 97);
    text += fmt::format("\nis number {}\n\n", d);
  }
  return text;
}

ino_t inode(const Path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_ino;
}

// Runs `body` in a process of its own; the exit code, or minus the signal that ended it.
template <class Body>
pid_t start(const Body& body) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  int code = 1;
  try {
    set_threads(1);  // a forked process has none of its parent's worker threads
    body();
    code = 0;
  } catch (...) {
  }
  ::_exit(code);
}
int end_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a store is made once and then opened") {
  Arms arms;
  const ArmOptions arm = arms.arm(text_of(150) + "the hen \xFF\xFE\n\n" + text_of(3));
  const TokenStore made = arms.prepare(arm);
  CHECK(made.path() == store_path(arm, *arms.tokenizer, made.text_fingerprint(), arms.stores()));
  CHECK(made.path().filename().string().size() == std::string("it-0123456789abcdef.tokens").size());
  CHECK(made.counts().files == 1);
  CHECK(made.counts().documents == 151);
  CHECK(made.counts().duplicates == 3);
  CHECK(made.counts().invalid_utf8_bytes == 2);
  CHECK(made.documents() + made.held_out_documents() == 151);
  CHECK(arms.tokenizer->decode(made.document(0)).ends_with("\nis number 0"));
  const ino_t before = inode(made.path());
  const TokenStore opened = arms.prepare(arm);
  CHECK(inode(opened.path()) == before);
  CHECK(opened.counts() == made.counts());
  CHECK(arms.files_in_stores().size() == 1);
}

TEST_CASE("another text or another tokenizer has another store") {
  Arms arms;
  const TokenStore first = arms.prepare(arms.arm(text_of(10)));
  const TokenStore other_text = arms.prepare(arms.arm(text_of(11)));
  CHECK(other_text.path() != first.path());
  auto pieces = few_pieces();
  pieces[1] = "in";
  arms.model("other.model", pieces);
  const Tokenizer other(arms.path() / "other.model");
  const TokenStore other_pieces = prepare_arm(arms.arm(text_of(10)), other, arms.stores(), kContext);
  CHECK(other_pieces.path() != first.path());
  CHECK(other_pieces.text_fingerprint() == first.text_fingerprint());
  CHECK(arms.files_in_stores().size() == 3);
}

TEST_CASE("the store is the same, byte for byte, whatever the number of threads") {
  Arms arms;
  const ArmOptions arm = arms.arm(text_of(kSeveralBatches, 2));
  std::vector<std::string> stores;
  for (const int n : {1, 2, 4}) {
    set_threads(n);
    const TokenStore store = arms.prepare(arm);
    stores.push_back(read_file(store.path()));
    std::filesystem::remove(store.path());
  }
  set_threads(2);
  CHECK(stores[0].size() > 100000);
  CHECK((stores[1] == stores[0]));
  CHECK((stores[2] == stores[0]));
}

TEST_CASE("a damaged, cut or emptied store is made again") {
  Arms arms;
  const ArmOptions arm = arms.arm(text_of(40));
  const Path path = arms.prepare(arm).path();
  const std::string good = read_file(path);
  std::vector<std::string> damaged = {"", "x", good.substr(0, good.size() - 1), good + "x"};
  for (size_t i = 0; i < good.size(); i += good.size() / 20) {
    damaged.push_back(good);
    damaged.back()[i] ^= 4;
  }
  for (const std::string& bytes : damaged) {
    write_text(path, bytes);
    CHECK(arms.prepare(arm).documents() > 0);
    CHECK((read_file(path) == good));
  }
  // Whole, but of another text: somebody renamed it.
  const Path other = arms.prepare(arms.arm(text_of(41))).path();
  std::filesystem::copy_file(other, path, std::filesystem::copy_options::overwrite_existing);
  arms.prepare(arms.arm(text_of(40)));
  CHECK((read_file(path) == good));
}

TEST_CASE("an arm that is one document holds out its end") {
  Arms arms;
  const std::string text(500, 'q');
  const TokenStore store = arms.prepare(arms.arm(text));
  CHECK(store.documents() == 1);
  CHECK(store.tokens() == 436);
  CHECK(store.held_out_documents() == 1);
  CHECK(store.held_out(0).size() == 64);
  CHECK(store.held_out_bytes(0) == 64);
  CHECK(store.counts().documents == 1);
}

TEST_CASE("too little text is said with what is there and what is needed") {
  Arms arms;
  const std::string path = (arms.path() / "it.txt").string();
  const auto sentence = [&](const std::string& text) {
    return sentence_of([&] { arms.prepare(arms.arm(text)); });
  };
  CHECK(sentence("") == "arm 'it': there is no text in " + path);
  CHECK(sentence("\n \n\t\n") == "arm 'it': there is no text in " + path);
  CHECK(sentence(std::string(64, 'q')) ==
        "arm 'it': " + path + " leaves 0 tokens to train on, and one context needs 33");
  CHECK(sentence(std::string(96, 'q')) ==
        "arm 'it': " + path + " leaves 32 tokens to train on, and one context needs 33");
  CHECK(sentence(std::string(97, 'q')) == "no error");
  CHECK(sentence("q\n\nz") == "arm 'it': " + path + " leaves 1 tokens to train on, and one context needs 33");
  // The same store is too short for a longer context.
  const ArmOptions arm = arms.arm(std::string(97, 'q'));
  CHECK(sentence_of([&] {
          prepare_arm(arm, *arms.tokenizer, arms.stores(), 33);
        }).ends_with("one context needs 34"));
  CHECK(arms.files_in_stores().size() == 1);  // nothing is left of those that failed
}

TEST_CASE("what is wrong with the text comes through, and leaves nothing behind") {
  Arms arms;
  const ArmOptions arm = arms.arm("{\"text\": \"" + text_of(1, 5).substr(0, 40) + "\"}\n{}\n", "it.jsonl");
  CHECK(sentence_of([&] { arms.prepare(arm); }) == arm.path.string() + ":2: the field 'text' is missing");
  CHECK(arms.files_in_stores().empty());
  write_text(arms.path() / "file", "in the way");
  const auto blocked = [&] {
    prepare_arm(arms.arm(text_of(9)), *arms.tokenizer, arms.path() / "file/stores", kContext);
  };
  CHECK(sentence_of(blocked).starts_with("cannot make folder " + (arms.path() / "file/stores").string()));
}

TEST_CASE("progress goes from the first byte to the last, twice") {
  Arms arms;
  const std::string text = text_of(kSeveralBatches, 8);
  std::vector<uint64_t> reading, encoding;
  arms.prepare(arms.arm(text), [&](const PrepareProgress& p) {
    CHECK(p.total == text.size());
    (p.phase == PrepareProgress::Phase::reading ? reading : encoding).push_back(p.bytes);
  });
  CHECK(std::is_sorted(reading.begin(), reading.end()));
  CHECK(std::is_sorted(encoding.begin(), encoding.end()));
  CHECK(reading.size() > 1);
  CHECK(encoding.size() > 1);
  CHECK(reading.back() == text.size());
  CHECK(encoding.back() == text.size());
}

TEST_CASE("a killed preparation leaves no store, and the next one cleans up") {
  Arms arms;
  const ArmOptions arm = arms.arm(text_of(3000));
  const pid_t child = start([&] {
    arms.prepare(arm, [](const PrepareProgress& p) {
      if (p.phase == PrepareProgress::Phase::encoding) ::kill(::getpid(), SIGKILL);
    });
  });
  CHECK(end_of(child) == -SIGKILL);
  const auto left = arms.files_in_stores();
  REQUIRE(left.size() == 1);
  CHECK(left[0].ends_with(".tokens.tmp"));
  write_text(arms.stores() / "gone-0123456789abcdef.tokens.tmp", "of another preparation");
  const TokenStore store = arms.prepare(arm);
  CHECK(store.counts().documents == 3000);
  CHECK(arms.files_in_stores() == std::vector<std::string>{store.path().filename()});
}

TEST_CASE("two processes that prepare the same arm at once end with one whole store") {
  Arms arms;
  const ArmOptions arm = arms.arm(text_of(2000, 100));
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) children.push_back(start([&] { arms.prepare(arm); }));
  for (const pid_t child : children) CHECK(end_of(child) == 0);
  CHECK(arms.files_in_stores().size() == 1);
  const ino_t before = inode(arms.stores() / arms.files_in_stores()[0]);
  const TokenStore store = arms.prepare(arm);
  CHECK(inode(store.path()) == before);
  CHECK(store.counts().documents == 2000);
}

TEST_CASE("the config's vocabulary must be the tokenizer's") {
  Arms arms;
  Config config;
  config.tokenizer.model = arms.path() / "few.model";
  config.model.vocab_size = 8449;
  CHECK(sentence_of([&] { load_tokenizer(config); }) ==
        "model.vocab_size is 8449, but the tokenizer " + config.tokenizer.model.string() + " has 290 pieces");
  config.model.vocab_size = 290;
  CHECK(load_tokenizer(config).vocab_size() == 290);
}
