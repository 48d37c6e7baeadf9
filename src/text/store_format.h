// The token store's file, for its writer and its reader only; in words in docs/text.md. Little-endian.
//
//   kStoreBegin | tokens (uint16) | zeros up to a multiple of 8 | training documents, held-out documents
//   (StoredDocument) | StoreEnd
//
// What is known only at the end stands at the end, so that a store is written in one go.
#pragma once
#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/checksum.h"
#include "text/store.h"

namespace andrea {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::string_view kStoreBegin = "ANDREA TOKENS 1\n";  // the digit is the version

// Stores of another version have another name, so that a new version makes its own and leaves the old alone.
inline constexpr uint64_t kStoreVersion = 1;

struct StoreEnd {
  Hash128 tokenizer, text;  // fingerprints
  uint64_t vocab_size;
  uint64_t training_documents, held_out_documents;
  TextCounts counts;
  Hash128 checksum;      // of all bytes of the file before StoreEnd
  Hash128 end_checksum;  // of StoreEnd before this field
};
static_assert(sizeof(StoreEnd) == 152 && std::is_trivially_copyable_v<StoreEnd>);
static_assert(sizeof(StoredDocument) == 16 && std::is_trivially_copyable_v<StoredDocument>);

inline Hash128 end_checksum(const StoreEnd& end) {
  return hash128({reinterpret_cast<const char*>(&end), sizeof end - sizeof end.end_checksum});
}

// Bytes before the document table.
inline uint64_t table_offset(uint64_t tokens) { return (kStoreBegin.size() + 2 * tokens + 7) / 8 * 8; }

}  // namespace andrea
