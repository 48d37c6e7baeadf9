// Bytes to pieces and back, without loss: any bytes go in, the same bytes come out.
//
// The pieces of valid UTF-8 are sentencepiece's own (BPE). What sentencepiece would change becomes byte
// pieces instead: bytes that are not UTF-8, line ends (no learned piece holds one), and U+2581,
// sentencepiece's sign for a blank, which is an ordinary character of the text here. A word of more than
// kLongestRun bytes is cut there, so that time and memory stay linear.
//
// Not for training a tokenizer: see tokenizer/README.md.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace andrea {

struct EncodeStats {
  int64_t invalid_bytes = 0;  // bytes that belong to no valid UTF-8 character; kept, as byte pieces
};

class Tokenizer {
 public:
  // Layout, demanded of every model: unknown (never produced), begin of document, the 256 bytes, learned
  // pieces.
  static constexpr uint16_t kUnk = 0, kBos = 1, kFirstByte = 2, kFirstLearned = 258;
  static constexpr size_t kLongestRun = 16384;

  // Error when the file is unreadable, damaged, or a model with another layout, or one that changes text.
  explicit Tokenizer(const Path& model_file);

  int vocab_size() const { return int(pieces_.size()); }  // at most 65535
  Hash128 fingerprint() const { return fingerprint_; }    // of the model file's bytes

  // Never kUnk, never kBos. Safe to call from many threads at once. `stats`, where given, is added to.
  std::vector<uint16_t> encode(std::string_view bytes, EncodeStats* stats = nullptr) const;
  // The same, appended to `out`.
  void encode(std::string_view bytes, std::vector<uint16_t>& out, EncodeStats* stats = nullptr) const;

  // decode(encode(x)) == x. kUnk and kBos become nothing. Ids are below vocab_size().
  std::string decode(std::span<const uint16_t> ids) const;
  std::string_view piece_bytes(uint16_t id) const;     // what decode makes of one id
  int64_t bytes(std::span<const uint16_t> ids) const;  // of what decode makes of them

 private:
  void take_pieces(const std::string& where);

  std::shared_ptr<const class SentencepieceModel> model_;
  std::vector<std::string> pieces_;  // bytes of each id
  Hash128 fingerprint_;
};

}  // namespace andrea
