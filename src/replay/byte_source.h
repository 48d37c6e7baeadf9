// The bytes of a log, from its beginning to its end, plain or packed by gzip or zstd (told by the first
// bytes, not by the name). Reads on and on in bounded memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/files.h"

namespace andrea {

class ByteSource {
 public:
  explicit ByteSource(const Path& file);  // Error when it cannot be opened or is no regular file
  ~ByteSource();
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;

  // Up to `bytes` bytes, unpacked; 0 at the end and where the packing is damaged. Error with the path when
  // the disk cannot be read.
  size_t read(char* into, size_t bytes);

  uint64_t consumed() const;   // bytes of the file read so far, as they lie on the disk
  uint64_t file_size() const;  // when it was opened
  bool cut_off() const;        // the end came in the middle of what was packed: a file still being written
  const std::string& damage() const;  // where the packing is damaged, and how; empty when it is not

 private:
  struct Unpacker;
  std::unique_ptr<Unpacker> unpacker_;
};

}  // namespace andrea
