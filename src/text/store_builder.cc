#include "text/store_builder.h"

#include <algorithm>

#include "base/error.h"
#include "text/store_format.h"

namespace andrea {

std::vector<bool> choose_held_out(std::span<const uint64_t> hashes) {
  check(hashes.size() >= 2, "to hold out a document takes two");
  std::vector<bool> held(hashes.size());
  for (size_t i = 0; i < hashes.size(); ++i) held[i] = hashes[i] % 100 == 0;
  const auto count = std::count(held.begin(), held.end(), true);
  const auto [smallest, largest] = std::minmax_element(hashes.begin(), hashes.end());
  if (count == 0) held[size_t(smallest - hashes.begin())] = true;
  if (size_t(count) == hashes.size()) held[size_t(largest - hashes.begin())] = false;
  return held;
}

uint64_t held_out_tail(uint64_t tokens) { return std::min(tokens, std::max<uint64_t>(64, tokens / 100)); }

bool SeenDocuments::insert(Hash128 hash) {
  if (hash == Hash128{}) hash.low = 1;  // {0, 0} marks a free slot
  if (4 * used_ >= 3 * slots_.size()) grow();
  for (size_t slot = hash.low & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
    if (slots_[slot] == hash) return false;
    if (slots_[slot] != Hash128{}) continue;
    slots_[slot] = hash;
    ++used_;
    return true;
  }
}

void SeenDocuments::grow() {
  std::vector<Hash128> old(std::max<size_t>(1024, 2 * slots_.size()));
  old.swap(slots_);
  used_ = 0;
  for (const Hash128& hash : old)
    if (hash != Hash128{}) insert(hash);
}

StoreBuilder::StoreBuilder(FileWriter& file, const Tokenizer& tokenizer)
    : file_(&file), tokenizer_(&tokenizer) {
  file_->write(kStoreBegin);
}

void StoreBuilder::add(std::string_view document, std::span<const uint16_t> tokens) {
  file_->write(tokens.data(), tokens.size_bytes());
  if (documents_.empty()) {
    const auto tail = tokens.last(held_out_tail(tokens.size()));
    size_t bytes = 0;
    for (const uint16_t id : tail) bytes += tokenizer_->piece_bytes(id).size();
    tail_ = {tokens.size() - tail.size(), uint32_t(tail.size()), uint32_t(bytes)};
  }
  documents_.push_back({tokens_, uint32_t(tokens.size()), uint32_t(document.size())});
  hashes_.push_back(hash64(document));
  tokens_ += tokens.size();
  bytes_ += document.size();
}

int64_t StoreBuilder::finish(TextCounts counts, Hash128 text_fingerprint) {
  counts.documents = int64_t(documents_.size());
  counts.bytes = int64_t(bytes_);
  counts.tokens = int64_t(tokens_);
  std::vector<StoredDocument> training, held_out;
  if (documents_.size() == 1) {
    const StoredDocument& whole = documents_[0];
    if (tail_.tokens < whole.tokens)
      training.push_back({0, whole.tokens - tail_.tokens, whole.bytes - tail_.bytes});
    held_out.push_back(tail_);
  } else if (documents_.size() >= 2) {
    const std::vector<bool> held = choose_held_out(hashes_);
    for (size_t i = 0; i < documents_.size(); ++i) (held[i] ? held_out : training).push_back(documents_[i]);
  }
  counts.held_out_documents = int64_t(held_out.size());
  for (const StoredDocument& d : held_out) counts.held_out_tokens += d.tokens;
  if (training.empty()) return 0;

  const uint64_t padding = 0;
  file_->write(&padding, table_offset(tokens_) - file_->bytes());
  file_->write(training.data(), training.size() * sizeof(StoredDocument));
  file_->write(held_out.data(), held_out.size() * sizeof(StoredDocument));
  StoreEnd end{tokenizer_->fingerprint(),
               text_fingerprint,
               uint64_t(tokenizer_->vocab_size()),
               training.size(),
               held_out.size(),
               counts,
               file_->checksum(),
               {}};
  end.end_checksum = end_checksum(end);
  file_->write(&end, sizeof end);
  return counts.tokens - counts.held_out_tokens;
}

}  // namespace andrea
