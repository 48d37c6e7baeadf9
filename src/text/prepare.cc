#include "text/prepare.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/threads.h"
#include "text/documents.h"
#include "text/fingerprint.h"
#include "text/store_builder.h"
#include "text/store_format.h"

namespace andrea {
namespace {

constexpr size_t kBatchBytes = size_t{8} << 20;
constexpr size_t kBatchDocuments = size_t{1} << 14;

// Documents encoded together. What one batch holds does not depend on the number of threads.
struct Batch {
  std::vector<std::string> texts;
  std::vector<std::vector<uint16_t>> tokens;
  std::vector<EncodeStats> stats;
};

// The next distinct documents; none at the end of the text.
Batch read_batch(DocumentReader& reader, SeenDocuments& seen, TextCounts& counts) {
  Batch batch;
  size_t bytes = 0;
  std::string text;
  while (bytes < kBatchBytes && batch.texts.size() < kBatchDocuments && reader.next(text)) {
    if (!seen.insert(hash128(text))) {
      ++counts.duplicates;
      continue;
    }
    bytes += text.size();
    batch.texts.push_back(text);
  }
  return batch;
}

void encode(Batch& batch, const Tokenizer& tokenizer) {
  batch.tokens.resize(batch.texts.size());
  batch.stats.resize(batch.texts.size());
  parallel_for(int64_t(batch.texts.size()), [&](int64_t i) {
    const auto d = size_t(i);
    tokenizer.encode(batch.texts[d], batch.tokens[d], &batch.stats[d]);
  });
}

void check_length(const ArmOptions& arm, int64_t training_tokens, int64_t context) {
  if (training_tokens > context) return;
  throw Error(fmt::format("arm '{}': {} leaves {} tokens to train on, and one context needs {}", arm.name,
                          arm.path.string(), training_tokens, context + 1),
              "give the arm more text or take a smaller model.context; a part of each arm is held out");
}

void write_store(FileWriter& file, const ArmOptions& arm, const Tokenizer& tokenizer, const Source& source,
                 Hash128 text, int64_t context, const OnPrepare& on_progress) {
  StoreBuilder builder(file, tokenizer);
  DocumentReader reader(source);
  SeenDocuments seen;
  TextCounts counts;
  counts.files = int64_t(source.files.size());
  bool any = false;
  for (Batch batch = read_batch(reader, seen, counts); !batch.texts.empty();
       batch = read_batch(reader, seen, counts)) {
    any = true;
    encode(batch, tokenizer);
    for (size_t d = 0; d < batch.texts.size(); ++d) {
      builder.add(batch.texts[d], batch.tokens[d]);
      counts.invalid_utf8_bytes += batch.stats[d].invalid_bytes;
    }
    if (on_progress) on_progress({PrepareProgress::Phase::encoding, reader.bytes_read(), source.bytes});
  }
  if (!any)
    throw Error(fmt::format("arm '{}': there is no text in {}", arm.name, arm.path.string()),
                "a document needs at least one character that is not white space");
  check_length(arm, builder.finish(counts, text), context);
}

void check_space(const ArmOptions& arm, const Path& stores, const Source& source) {
  // Usual text takes 0.4 to 0.8 bytes of store a byte; text that takes more than 1 is rare and meets the
  // disk's own error.
  const uint64_t need = source.bytes + (uint64_t{1} << 20), free = free_space(stores);
  if (free < need)
    throw Error(fmt::format("arm '{}': the token store may take {} MB, and {} MB are free in {}", arm.name,
                            need / 1000000, free / 1000000, stores.string()),
                "free some space, or set text.stores to a folder on another disk");
}

// Nothing when it is missing, damaged (told when `aloud`) or of something else.
std::optional<TokenStore> open_store(const Path& path, const Tokenizer& tokenizer, Hash128 text, bool aloud) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    TokenStore store(path);
    if (store.tokenizer_fingerprint() == tokenizer.fingerprint() && store.text_fingerprint() == text)
      return store;
    if (aloud) warn("{} belongs to another text or tokenizer; it is made again", path.string());
  } catch (const Error& error) {
    if (aloud) warn("{}; it is made again", error.what());
  }
  return std::nullopt;
}

std::unique_ptr<FileLock> wait_for_lock(const Path& stores) {
  for (bool told = false;; told = true) {
    auto lock = std::make_unique<FileLock>(stores / ".lock");
    if (lock->held()) return lock;
    if (!told) info("waiting for another process that makes token stores in {}", stores.string());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

// What killed preparations left. Only for the holder of the lock.
void remove_leftovers(const Path& stores) {
  std::vector<Path> leftovers;
  for (const auto& entry : std::filesystem::directory_iterator(stores))
    if (entry.path().string().ends_with(".tokens.tmp")) leftovers.push_back(entry.path());
  for (const Path& path : leftovers) std::filesystem::remove(path);
}

TokenStore open_or_make(const ArmOptions& arm, const Tokenizer& tokenizer, const Path& stores,
                        const Source& source, Hash128 text, int64_t context, const OnPrepare& on_progress) {
  const Path path = store_path(arm, tokenizer, text, stores);
  if (auto store = open_store(path, tokenizer, text, false)) return std::move(*store);
  make_folders(stores);
  const auto lock = wait_for_lock(stores);
  if (auto store = open_store(path, tokenizer, text, true)) return std::move(*store);
  remove_leftovers(stores);
  check_space(arm, stores, source);
  write_atomically(
      path, [&](FileWriter& file) { write_store(file, arm, tokenizer, source, text, context, on_progress); });
  return TokenStore(path);
}

}  // namespace

OnPrepare show_on(Bar& bar, const std::string& arm) {
  return [&bar, arm](const PrepareProgress& p) {
    const bool reading = p.phase == PrepareProgress::Phase::reading;
    bar.show(fmt::format("{}: {}", arm, reading ? "reading" : "encoding"), p.bytes, p.total);
  };
}

Tokenizer load_tokenizer(const Config& config) {
  Tokenizer tokenizer(config.tokenizer.model);
  if (tokenizer.vocab_size() != config.model.vocab_size)
    throw usage_error(
        fmt::format("model.vocab_size is {}, but the tokenizer {} has {} pieces", config.model.vocab_size,
                    config.tokenizer.model.string(), tokenizer.vocab_size()),
        fmt::format("set model.vocab_size to {}", tokenizer.vocab_size()));
  return tokenizer;
}

Path store_path(const ArmOptions& arm, const Tokenizer& tokenizer, Hash128 text_fingerprint,
                const Path& stores) {
  const std::string both =
      fmt::format("{} {} {}", kStoreVersion, tokenizer.fingerprint().hex(), text_fingerprint.hex());
  return stores / fmt::format("{}-{:016x}.tokens", arm.name, hash64(both));
}

TokenStore prepare_arm(const ArmOptions& arm, const Tokenizer& tokenizer, const Path& stores, int64_t context,
                       const OnPrepare& on_progress) {
  Source source = find_files(arm);
  if (source.ignored_files > 0)
    info("arm '{}': {} files of {} are neither .txt nor .jsonl and were ignored", arm.name,
         source.ignored_files, arm.path.string());
  const Hash128 text = text_fingerprint(source, [&, total = source.bytes](uint64_t bytes) {
    if (on_progress) on_progress({PrepareProgress::Phase::reading, bytes, total});
  });
  TokenStore store = open_or_make(arm, tokenizer, stores, source, text, context, on_progress);
  check_length(arm, store.tokens(), context);
  if (store.counts().invalid_utf8_bytes > 0)
    warn("arm '{}': {} bytes are not valid UTF-8; they are kept, each as a token of its own", arm.name,
         store.counts().invalid_utf8_bytes);
  return store;
}

}  // namespace andrea
