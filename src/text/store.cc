#include "text/store.h"

#include <fmt/format.h>

#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "text/store_format.h"

namespace andrea {
namespace {

Error damaged(const Path& path, const char* how) {
  return Error(fmt::format("{} is not a whole token store: {}", path.string(), how),
               "remove it; andrea-prepare makes it again");
}

// Checks what does not need the body: sizes that do not overflow and add up to the file's.
StoreEnd read_end(std::span<const std::byte> file, const Path& path) {
  StoreEnd end;
  if (file.size() < kStoreBegin.size() + sizeof end) throw damaged(path, "it is too short");
  if (std::memcmp(file.data(), kStoreBegin.data(), kStoreBegin.size()) != 0)
    throw damaged(path, "it begins in another way or is of another version");
  std::memcpy(&end, file.data() + file.size() - sizeof end, sizeof end);
  if (end_checksum(end) != end.end_checksum) throw damaged(path, "its end is cut off or damaged");
  const uint64_t tokens = uint64_t(end.counts.tokens), most = file.size();
  const bool possible = tokens <= most && end.training_documents <= most && end.held_out_documents <= most;
  const uint64_t documents = end.training_documents + end.held_out_documents;
  if (!possible || table_offset(tokens) + documents * sizeof(StoredDocument) + sizeof end != file.size())
    throw damaged(path, "its size does not fit what it says it holds");
  return end;
}

// Read, not through the mapping: pages of the mapping would count as memory of this process.
Hash128 checksum_of_body(const Path& path, uint64_t bytes) {
  FileReader file(path);
  file.read(bytes, [](std::string_view) {});
  return file.checksum();
}

}  // namespace

TokenStore::TokenStore(const Path& file) : path_(file), file_(file) {
  const auto bytes = file_.bytes();
  const StoreEnd end = read_end(bytes, path_);
  if (checksum_of_body(path_, bytes.size() - sizeof end) != end.checksum)
    throw damaged(path_, "its checksum is wrong");
  const std::byte* at = bytes.data();
  const auto* table = reinterpret_cast<const StoredDocument*>(at + table_offset(uint64_t(end.counts.tokens)));
  all_ = {reinterpret_cast<const uint16_t*>(at + kStoreBegin.size()), size_t(end.counts.tokens)};
  training_ = {table, size_t(end.training_documents)};
  held_out_ = {table + end.training_documents, size_t(end.held_out_documents)};
  counts_ = end.counts;
  tokenizer_ = end.tokenizer;
  text_ = end.text;
  vocab_size_ = int(end.vocab_size);
}

}  // namespace andrea
