// Reading the lines of a file from its beginning to its end in bounded memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "base/files.h"

namespace andrea {

class LineReader {
 public:
  // Error when `path` cannot be opened or is not a regular file.
  LineReader(const Path& path, uint64_t longest);

  // The next line with its '\n' (the last may have none), until the next call. False at the end. Error when a
  // line has more than `longest` bytes.
  bool next(std::string_view& line);

  int64_t line_number() const { return line_number_; }   // of the line last given, from 1
  Hash128 checksum() const { return file_.checksum(); }  // of all bytes read so far
  uint64_t bytes() const { return file_.bytes(); }       // likewise

 private:
  bool fill();

  FileReader file_;
  uint64_t longest_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // what of the buffer is not given out yet
  int64_t line_number_ = 0;
};

}  // namespace andrea
