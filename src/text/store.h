// The tokens of one arm on disk, mapped into memory: documents to train on and documents held out.
// The file and the rule of what is held out are described in docs/text.md.
// Not for making a store: see prepare.h.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/files.h"

namespace andrea {

// Of a whole arm, training and held-out text together. Empty documents and duplicates are in no other number.
struct TextCounts {
  int64_t files = 0;
  int64_t documents = 0;   // distinct ones
  int64_t duplicates = 0;  // dropped: the same bytes as an earlier document
  int64_t bytes = 0;       // of the documents
  int64_t tokens = 0;      // of the documents, BOS not counted
  int64_t held_out_documents = 0;
  int64_t held_out_tokens = 0;
  int64_t invalid_utf8_bytes = 0;
  bool operator==(const TextCounts&) const = default;
};

struct StoredDocument {
  uint64_t offset;  // tokens of the store before this document
  uint32_t tokens, bytes;
};

class TokenStore {
 public:
  TokenStore() = default;  // no documents
  // Maps the file after reading all of it once against its checksum, so that later nothing can be wrong with
  // it. Error when it is missing, damaged or of another version.
  explicit TokenStore(const Path& file);

  // Documents to train on, in the order of the source; never empty, without BOS.
  int64_t documents() const { return int64_t(training_.size()); }
  int64_t tokens() const { return counts_.tokens - counts_.held_out_tokens; }
  std::span<const uint16_t> document(int64_t i) const { return tokens_of(training_[size_t(i)]); }
  int64_t document_bytes(int64_t i) const { return training_[size_t(i)].bytes; }

  // Documents never trained on; never empty, without BOS.
  int64_t held_out_documents() const { return int64_t(held_out_.size()); }
  std::span<const uint16_t> held_out(int64_t i) const { return tokens_of(held_out_[size_t(i)]); }
  int64_t held_out_bytes(int64_t i) const { return held_out_[size_t(i)].bytes; }

  const TextCounts& counts() const { return counts_; }
  int vocab_size() const { return vocab_size_; }
  Hash128 tokenizer_fingerprint() const { return tokenizer_; }
  Hash128 text_fingerprint() const { return text_; }
  const Path& path() const { return path_; }

 private:
  std::span<const uint16_t> tokens_of(const StoredDocument& d) const {
    return all_.subspan(d.offset, d.tokens);
  }

  Path path_;
  MappedFile file_;
  std::span<const uint16_t> all_;
  std::span<const StoredDocument> training_, held_out_;
  TextCounts counts_;
  Hash128 tokenizer_, text_;
  int vocab_size_ = 0;
};

}  // namespace andrea
