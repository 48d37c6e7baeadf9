#include "text/model_file.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/utf8.h"

namespace andrea {
namespace {

// Protocol buffers, the wire format: a key (field number, wire type), then a number, 8 or 4 bytes, or a
// length and so many bytes. Field numbers: sentencepiece_model.proto of the sentencepiece project.
struct WireField {
  uint64_t number = 0;
  int wire = 0;
  uint64_t value = 0;      // wire type 0, and 5 as bits
  std::string_view bytes;  // wire type 2
};
constexpr int kNumber = 0, kEight = 1, kBytes = 2, kFour = 5;

class WireReader {
 public:
  explicit WireReader(std::string_view rest) : rest_(rest) {}
  // None at the end, or when the rest is no field; `broken` tells which.
  std::optional<WireField> next() {
    if (rest_.empty() || broken_) return std::nullopt;
    WireField f;
    const uint64_t key = varint();
    f.number = key >> 3, f.wire = int(key & 7);
    if (f.number == 0 || f.number >= uint64_t{1} << 29) broken_ = true;
    switch (f.wire) {
      case kNumber:
        f.value = varint();
        break;
      case kEight:
        take(8);
        break;
      case kBytes:
        f.bytes = take(varint());
        break;
      case kFour:
        if (const auto four = take(4); four.size() == 4) {
          uint32_t bits;
          std::memcpy(&bits, four.data(), 4);
          f.value = bits;
        }
        break;
      default:
        broken_ = true;
    }
    if (broken_) return std::nullopt;
    return f;
  }
  bool broken() const { return broken_; }

 private:
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = uint8_t(rest_.front());
      rest_.remove_prefix(1);
      value |= uint64_t(byte & 127) << shift;
      if (byte < 128) return value;
    }
    broken_ = true;
    return 0;
  }
  std::string_view take(uint64_t size) {
    if (size > rest_.size()) {
      broken_ = true;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view rest_;
  bool broken_ = false;
};

class Checker {
 public:
  explicit Checker(const std::string& where) : where_(where) {}

  void model(std::string_view bytes) {
    bool trainer_seen = false;
    each(bytes, [&](const WireField& f) {
      if (f.number > 5 || f.wire != kBytes) fail("has a field that models have not");
      if (f.number == 1) piece(f.bytes);
      if (f.number == 2) trainer_seen = true, trainer(f.bytes);
      if (f.number == 3 || f.number == 5) normaliser(f.bytes);
    });
    if (pieces_ == 0 || !trainer_seen) fail("is not a whole sentencepiece model");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(where_ + " " + what); }

  template <class Body>
  void each(std::string_view bytes, const Body& body) const {
    WireReader reader(bytes);
    while (const auto field = reader.next()) body(*field);
    if (reader.broken()) fail("is not a whole sentencepiece model");
  }

  void piece(std::string_view bytes) {
    constexpr size_t kLongest = 512;
    std::string_view text;
    each(bytes, [&](const WireField& f) {
      if (f.number == 1 && f.wire == kBytes)
        text = f.bytes;
      else if (f.number == 2 && f.wire == kFour) {
        if (!std::isfinite(std::bit_cast<float>(uint32_t(f.value))))
          wrong_piece("has a score that is not finite");
      } else if (f.number == 3 && f.wire == kNumber) {
        if (f.value < 1 || f.value > 6) wrong_piece("is of no known kind");
      } else {
        wrong_piece("has a field that pieces have not");
      }
    });
    if (text.empty()) wrong_piece("is empty");
    if (text.size() > kLongest) wrong_piece(fmt::format("has more than {} bytes", kLongest));
    if (valid_utf8(text) != text || text.find('\0') != std::string_view::npos)
      wrong_piece("is not valid UTF-8");
    ++pieces_;
  }
  [[noreturn]] void wrong_piece(const std::string& what) const {
    fail(fmt::format("is damaged: piece {} {}", pieces_, what));
  }

  void trainer(std::string_view bytes) const {
    constexpr uint64_t kBpe = 2;
    uint64_t type = 1;  // the default is unigram
    each(bytes, [&](const WireField& f) {
      if (f.number == 3) type = f.wire == kNumber ? f.value : 0;
    });
    if (type != kBpe) fail("is not a BPE model");
  }

  void normaliser(std::string_view bytes) const {
    each(bytes, [&](const WireField& f) {
      if (f.number == 2 && !(f.wire == kBytes && f.bytes.empty()))
        fail("normalises text, and so would change it");
    });
  }

  const std::string& where_;
  int64_t pieces_ = 0;
};

}  // namespace

void check_model_file(std::string_view bytes, const std::string& where) { Checker(where).model(bytes); }

}  // namespace andrea
