// Cuts a log into its records: lines of text, rows of a table, or the elements of one large JSON array, in
// memory bounded by the longest record. The mark by which some programs say that a file is UTF-8 is left out.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "replay/byte_source.h"

namespace andrea {

enum class RecordKind {
  line,     // up to a line break, which is left out, like a carriage return before it
  row,      // of a table: a line, and those after it while a quoted field is open
  element,  // of the first JSON array in the file: [1, 2] or {"step": 3}, without the comma
};

inline constexpr size_t kLongestRecord = size_t{64} << 20;
inline constexpr size_t kLongestRow = size_t{1} << 20;  // of several lines; else its quote was never closed

class Records {
 public:
  // For `element`: the array behind the first occurrence of `key` in quotes, or the first one when it is
  // empty.
  Records(ByteSource source, RecordKind kind, const std::string& key = "");

  // The next record, valid until the next call; false at the end. A record longer than kLongestRecord is left
  // out.
  bool next(std::string_view& record);

  uint64_t number() const { return number_; }  // of the record last given, from 1; for lines, of the line
  bool torn() const { return torn_; }  // after the end: the last line had no line break, the array no end
  uint64_t too_long() const { return too_long_; }
  const ByteSource& source() const { return source_; }

  // After the end of an array: what stands behind it, as much of it as was read.
  std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }

 private:
  bool more();
  bool next_line(std::string_view& record);
  bool next_row(std::string_view& record);
  size_t length_of_row();
  bool next_element(std::string_view& record);
  bool skip_to(std::string_view word);
  bool skip_to_element();
  size_t end_of_element();
  void drop(size_t end);

  ByteSource source_;
  RecordKind kind_;
  std::string buffer_;
  size_t begin_ = 0;     // of what is not yet given out
  bool inside_ = false;  // the array
  bool over_ = false;
  uint64_t number_ = 0, too_long_ = 0;
  bool torn_ = false;
};

}  // namespace andrea
