#include "replay/records.h"

#include <algorithm>
#include <cstring>

#include "base/utf8.h"

namespace andrea {
namespace {

constexpr size_t kReadAtOnce = 1 << 20;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

Records::Records(ByteSource source, RecordKind kind, const std::string& key)
    : source_(std::move(source)), kind_(kind) {
  if (more()) begin_ = buffer_.size() - without_mark(buffer_).size();
  if (kind_ != RecordKind::element) return;
  const bool found = (key.empty() || skip_to('"' + key + '"')) && skip_to("[");
  inside_ = found, over_ = !found, torn_ = !found;
}

bool Records::next(std::string_view& record) {
  if (over_) return false;
  switch (kind_) {
    case RecordKind::line:
      return next_line(record);
    case RecordKind::row:
      return next_row(record);
    case RecordKind::element:
      return next_element(record);
  }
  return false;
}

// Another chunk behind what is in the buffer; what was given out makes room first.
bool Records::more() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t old = buffer_.size();
  buffer_.resize(old + kReadAtOnce);
  const size_t got = source_.read(buffer_.data() + old, kReadAtOnce);
  buffer_.resize(old + got);
  return got > 0;
}

// A record without end is forgotten while it is still coming.
void Records::drop(size_t end) {
  ++too_long_;
  begin_ = end;
}

bool Records::next_line(std::string_view& record) {
  bool dropping = false;
  size_t looked_at = begin_;
  while (true) {
    const char* line_break =
        static_cast<const char*>(std::memchr(buffer_.data() + looked_at, '\n', buffer_.size() - looked_at));
    if (line_break) {
      const size_t end = size_t(line_break - buffer_.data());
      record = std::string_view(buffer_).substr(begin_, end - begin_);
      begin_ = looked_at = end + 1;
      ++number_;
      if (dropping) {
        dropping = false;
        continue;
      }
      if (record.ends_with('\r')) record.remove_suffix(1);
      return true;
    }
    if (buffer_.size() - begin_ > kLongestRecord) {
      if (!dropping) ++too_long_;
      dropping = true;
      begin_ = buffer_.size();
    }
    looked_at = buffer_.size() - begin_;
    if (!more()) break;
  }
  over_ = true;
  torn_ = begin_ < buffer_.size() || dropping;
  if (begin_ == buffer_.size() || dropping) return false;
  record = std::string_view(buffer_).substr(begin_);
  begin_ = buffer_.size();
  ++number_;
  return true;
}

// Up to the first line break outside quotes; 0 when there is none, for then a line has to do as a row. A
// quote opens a field at its beginning, and again behind the one that seemed to close it: "" stands for one.
size_t Records::length_of_row() {
  const std::string_view have = std::string_view(buffer_).substr(begin_);
  const size_t line = have.find('\n');  // most rows are a line without quotes
  if (line != have.npos && have.substr(0, line).find('"') == have.npos) return line;
  bool quoted = false;
  char before = ',';
  for (size_t i = 0; i < kLongestRow; ++i) {
    if (begin_ + i == buffer_.size() && !more()) return 0;
    const char c = buffer_[begin_ + i];
    if (c == '\n' && !quoted) return i;
    if (c == '"') quoted = !quoted && (before == ',' || before == ';' || before == '\t' || before == '"');
    before = c;
  }
  return 0;
}

bool Records::next_row(std::string_view& record) {
  const size_t length = length_of_row();
  if (length == 0) return next_line(record);
  record = std::string_view(buffer_).substr(begin_, length);
  if (record.ends_with('\r')) record.remove_suffix(1);
  begin_ += length + 1;
  ++number_;
  return true;
}

bool Records::skip_to(std::string_view word) {
  while (true) {
    const size_t at = buffer_.find(word, begin_);
    if (at != std::string::npos) {
      begin_ = at + word.size();
      return true;
    }
    if (buffer_.size() >= word.size()) begin_ = std::max(begin_, buffer_.size() - word.size() + 1);
    if (!more()) return false;
  }
}

// Behind blanks and commas; false at the array's end or the file's.
bool Records::skip_to_element() {
  while (true) {
    while (begin_ < buffer_.size() && (is_blank(buffer_[begin_]) || buffer_[begin_] == ',')) ++begin_;
    if (begin_ < buffer_.size()) return buffer_[begin_] != ']';
    if (!more()) {
      torn_ = true;
      return false;
    }
  }
}

// One past the element that begins at `begin_`; 0 when the file ends before it does, or when it was too long.
size_t Records::end_of_element() {
  int64_t depth = 0;
  bool quoted = false, escaped = false;
  for (size_t i = 0;; ++i) {
    if (begin_ + i == buffer_.size()) {
      if (i > kLongestRecord) {
        drop(buffer_.size());
        return 0;
      }
      if (!more()) {
        torn_ = true;
        return 0;
      }
    }
    const char c = buffer_[begin_ + i];
    if (quoted) {
      quoted = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      // The array's own end, behind a number; or a bracket that closes nothing, an element by itself.
      if (depth == 0) return begin_ + std::max<size_t>(i, 1);
      if (--depth == 0) return begin_ + i + 1;
    } else if (c == ',' && depth == 0) {
      return begin_ + i;
    }
  }
}

bool Records::next_element(std::string_view& record) {
  over_ = !skip_to_element();
  if (over_) return false;
  const size_t end = end_of_element();
  over_ = end == 0;
  if (over_) return false;
  record = std::string_view(buffer_).substr(begin_, end - begin_);
  begin_ = end;
  ++number_;
  return true;
}

}  // namespace andrea
