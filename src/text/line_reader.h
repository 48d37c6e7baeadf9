// Reading a file from its beginning to its end in bounded memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "base/files.h"

namespace andrea {

class FileReader {
 public:
  // Error when `path` cannot be opened or is not a regular file.
  explicit FileReader(const Path& path);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  size_t read(char* to, size_t most);  // 0 only at the end
  const Path& path() const { return path_; }

 private:
  Path path_;
  int fd_ = -1;
};

class LineReader {
 public:
  LineReader(const Path& path, uint64_t longest);

  // The next line with its '\n' (the last may have none), until the next call. False at the end. Error when a
  // line has more than `longest` bytes.
  bool next(std::string_view& line);

  int64_t line_number() const { return line_number_; }     // of the line last given, from 1
  Hash128 checksum() const { return checksum_.digest(); }  // of all bytes read so far
  uint64_t bytes() const { return bytes_; }                // likewise

 private:
  bool fill();

  FileReader file_;
  uint64_t longest_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // what of the buffer is not given out yet
  int64_t line_number_ = 0;
  uint64_t bytes_ = 0;
  Checksum checksum_;
};

}  // namespace andrea
