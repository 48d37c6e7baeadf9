#include "text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "text/model_file.h"
#include "text/sentencepiece_model.h"

namespace andrea {
namespace {

constexpr uint64_t kLargestModel = uint64_t{64} << 20;
constexpr uint32_t kBlankSign = 0x2581;  // how sentencepiece writes a blank
constexpr const char* kRecipe =
    "train one with spm_train --model_type=bpe --byte_fallback=true --normalization_rule_name=identity "
    "--add_dummy_prefix=false --remove_extra_whitespaces=false --unk_id=0 --bos_id=1 --eos_id=-1 --pad_id=-1";

// A model that changes text before splitting it (prefix, normalisation) gives itself away on one of these.
constexpr std::string_view kProbes[] = {
    "The quick brown fox jumps over the lazy dog, and 1,234.56 more than that.",
    "  two blanks  around  each  word  ",
    "\tlet answer = function(argument) { return internationalisation; }\t",
    "\xEF\xBC\xA6\xEF\xBD\x95\xEF\xBD\x8C\xEF\xBD\x8C-width, \xEF\xAC\x81 ligature, \xE2\x91\xA0, e\xCC\x81 "
    "UPPER CASE",
    "Stra\xC3\x9F"
    "e \xC3\x9C"
    "bung na\xC3\xAF"
    "ve \xD0\x9F\xD1\x80\xD0\xB8 \xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x98\x80",
    "and the other of the first that these were under another state, which would have been",
};

Error other_layout(const std::string& where, size_t id, const std::string& what) {
  return Error(fmt::format("{}: piece {} {}", where, id, what), kRecipe);
}

// The blank signs of a learned piece as blanks.
std::string bytes_of_learned(const std::string& text, const std::string& where, size_t id) {
  std::string bytes;
  bool in_word = false;
  for (size_t at = 0; at < text.size();) {
    const Character c = first_character(std::string_view(text).substr(at));
    if (c.bytes == 0) throw other_layout(where, id, "is not valid UTF-8");
    if (c.code == '\n' || c.code == ' ') throw other_layout(where, id, "holds a line end or a plain blank");
    if (c.code == kBlankSign && in_word) throw other_layout(where, id, "has a blank behind a letter");
    if (c.code == kBlankSign) {
      bytes += ' ';
    } else {
      bytes.append(text, at, c.bytes);
      in_word = true;
    }
    at += c.bytes;
  }
  if (bytes.empty()) throw other_layout(where, id, "is empty");
  return bytes;
}

// How much of the beginning of `bytes` the library is given at once: valid UTF-8 without line ends and blank
// signs, and not much of it, for the library takes some 90 bytes of memory a byte. No piece has a blank
// behind a letter, so a cut in front of a word changes nothing.
size_t plain_run(std::string_view bytes) {
  size_t length = 0, last_word = 0;
  bool in_word = false;
  while (length < bytes.size()) {
    const Character c = first_character(bytes.substr(length));
    if (c.bytes == 0 || c.code == '\n' || c.code == kBlankSign) break;
    if (c.code == ' ' && in_word) last_word = length;
    if (length + c.bytes > Tokenizer::kLongestRun) return last_word > 0 ? last_word : length;
    in_word = c.code != ' ';
    length += c.bytes;
  }
  return length;
}

}  // namespace

Tokenizer::Tokenizer(const Path& model_file) {
  const std::string where = model_file.string();
  const std::string file = read_file(model_file, kLargestModel);
  fingerprint_ = hash128(file);
  check_model_file(file, where);
  model_ = std::make_shared<const SentencepieceModel>(file, where);
  take_pieces(where);
  for (const std::string_view probe : kProbes)
    if (decode(encode(probe)) != probe)
      throw Error(
          fmt::format("{}: the model normalises text or adds a prefix (seen with '{}')", where, probe),
          kRecipe);
}

void Tokenizer::take_pieces(const std::string& where) {
  using Kind = SentencepieceModel::Kind;
  const auto& pieces = model_->pieces();
  if (pieces.size() <= kFirstLearned || pieces.size() > 65535)
    throw Error(fmt::format("{}: the model has {} pieces; 259 to 65535 are possible", where, pieces.size()),
                kRecipe);
  if (pieces[kUnk].kind != Kind::unknown) throw other_layout(where, kUnk, "is not the unknown piece");
  if (pieces[kBos].kind != Kind::control) throw other_layout(where, kBos, "is not the begin of a document");
  pieces_.assign(kFirstByte, "");
  for (size_t id = kFirstByte; id < kFirstLearned; ++id) {
    const size_t byte = id - kFirstByte;
    if (pieces[id].kind != Kind::byte || pieces[id].text != fmt::format("<0x{:02X}>", byte))
      throw other_layout(where, id, fmt::format("is not the byte piece <0x{:02X}>", byte));
    pieces_.emplace_back(1, char(byte));
  }
  for (size_t id = kFirstLearned; id < pieces.size(); ++id) {
    if (pieces[id].kind != Kind::text) throw other_layout(where, id, "is not a learned piece");
    pieces_.push_back(bytes_of_learned(pieces[id].text, where, id));
  }
}

// No learned piece holds a line end, so the result does not depend on where a text is cut at its line ends.
void Tokenizer::encode(std::string_view bytes, std::vector<uint16_t>& out, EncodeStats* stats) const {
  int64_t invalid = 0;
  while (!bytes.empty()) {
    if (const size_t plain = plain_run(bytes); plain > 0) {
      for (const int id : model_->encode(bytes.substr(0, plain))) out.push_back(uint16_t(id));
      bytes.remove_prefix(plain);
      continue;
    }
    const Character c = first_character(bytes);
    if (c.bytes == 0) ++invalid;
    const size_t raw = std::max<size_t>(c.bytes, 1);
    for (size_t i = 0; i < raw; ++i) out.push_back(uint16_t(kFirstByte + uint8_t(bytes[i])));
    bytes.remove_prefix(raw);
  }
  if (stats) stats->invalid_bytes += invalid;
}

std::vector<uint16_t> Tokenizer::encode(std::string_view bytes, EncodeStats* stats) const {
  std::vector<uint16_t> ids;
  encode(bytes, ids, stats);
  return ids;
}

std::string Tokenizer::decode(std::span<const uint16_t> ids) const {
  std::string bytes;
  for (const uint16_t id : ids) bytes += piece_bytes(id);
  return bytes;
}

int64_t Tokenizer::bytes(std::span<const uint16_t> ids) const {
  int64_t bytes = 0;
  for (const uint16_t id : ids) bytes += int64_t(piece_bytes(id).size());
  return bytes;
}

std::string_view Tokenizer::piece_bytes(uint16_t id) const {
  check(id < pieces_.size(), "the id of a piece is below the vocabulary size");
  return pieces_[id];
}

}  // namespace andrea
