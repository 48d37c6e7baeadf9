// Writing a token store, document by document, in the order of the source.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "base/files.h"
#include "text/store.h"
#include "text/tokenizer.h"

namespace andrea {

// Which documents are held out, by the 64-bit hashes of their bytes: those divisible by 100. If there is
// none, the one with the smallest hash; if it would be all, the one with the largest stays for training. At
// least two documents.
std::vector<bool> choose_held_out(std::span<const uint64_t> hashes);

// Of a text that is one document: how many tokens at its end are held out.
uint64_t held_out_tail(uint64_t tokens);

// Remembers the 128-bit hashes of documents, 16 to 43 bytes each.
class SeenDocuments {
 public:
  bool insert(Hash128 hash);  // false when it is there already

 private:
  void grow();
  std::vector<Hash128> slots_;  // open addressing, size a power of two; {0, 0} is free
  size_t used_ = 0;
};

class StoreBuilder {
 public:
  // `file` is empty and stays open; `tokenizer` outlives the builder.
  StoreBuilder(FileWriter& file, const Tokenizer& tokenizer);
  // A document that is not empty; `tokens` are its pieces.
  void add(std::string_view document, std::span<const uint16_t> tokens);
  // Chooses what is held out and writes the rest of the file. `counts` gives files, duplicates and invalid
  // bytes; the others are filled in. Returns the number of tokens to train on; when it is 0 nothing was
  // written and the file is no store.
  int64_t finish(TextCounts counts, Hash128 text_fingerprint);

 private:
  FileWriter* file_;
  const Tokenizer* tokenizer_;
  uint64_t tokens_ = 0, bytes_ = 0;
  std::vector<StoredDocument> documents_;
  std::vector<uint64_t> hashes_;
  StoredDocument tail_{};  // what is held out if there is no second document
};

}  // namespace andrea
