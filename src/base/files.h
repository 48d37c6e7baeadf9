// Files that do not lie: every write is checked, a file appears whole or not at all, and what failed is
// named. All functions throw Error with the path and the system's reason.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/checksum.h"

namespace andrea {

using Path = std::filesystem::path;

// The whole file. Refuses what is not a regular file and what is longer than `max_bytes`.
std::string read_file(const Path& path, uint64_t max_bytes = uint64_t{1} << 30);

// Sequential writing into an open file, with a running count and checksum of what was written.
class FileWriter {
 public:
  // `flags` as for open(2), for instance O_WRONLY | O_CREAT | O_TRUNC.
  FileWriter(const Path& path, int flags);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  // On an Error any part of `data` may be in the file, and none of it is counted.
  void write(const void* data, size_t bytes);
  void write(std::string_view bytes) { write(bytes.data(), bytes.size()); }
  void sync();   // fsync: on the disk when this returns
  void close();  // checked; the destructor closes without a check, for unwinding only
  uint64_t bytes() const { return bytes_; }
  Hash128 checksum() const { return checksum_.digest(); }
  const Path& path() const { return path_; }

 private:
  Path path_;
  int fd_ = -1;
  uint64_t bytes_ = 0;
  Checksum checksum_;
};

struct Written {
  uint64_t bytes;
  Hash128 checksum;
};

// Sequential reading of a regular file, with a running count and checksum of what was read. A disk that
// cannot be read is an Error; a mapped file (MappedFile) would end the program.
class FileReader {
 public:
  explicit FileReader(const Path& path);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  size_t read_some(void* data, size_t most);  // 0 only at the end
  void read(void* data, size_t bytes);        // exactly so many; Error when the file ends before
  // The next `bytes` in pieces of any size, to be looked at.
  void read(uint64_t bytes, const std::function<void(std::string_view)>& see);
  uint64_t size() const { return size_; }  // when it was opened
  uint64_t bytes() const { return bytes_; }
  Hash128 checksum() const { return checksum_.digest(); }
  const Path& path() const { return path_; }

 private:
  Path path_;
  int fd_ = -1;
  uint64_t size_ = 0, bytes_ = 0;
  Checksum checksum_;
};

// Writes `path` so that it exists whole or not at all, also across kill -9 and power loss: a temporary file
// in the same folder (`path` + ".tmp"), fsync, rename, fsync of the folder. On failure the temporary is
// removed and an older `path` stays as it was; or, when only the last of the four failed, the new one is
// there and may be gone after a power loss.
Written write_atomically(const Path& path, const std::function<void(FileWriter&)>& fill);
Written write_atomically(const Path& path, std::string_view bytes);

void sync_folder(const Path& folder);
void make_folders(const Path& folder);  // like mkdir -p

// Where the running program lies; empty when the system does not say. Throws nothing.
Path program_folder();

uint64_t free_space(const Path& existing_folder);  // bytes available to this user
std::string spoken_bytes(uint64_t bytes);          // "1.24 GB", "0.3 MB"

// A file mapped into memory, read-only. Moves, does not copy. For files too large to be held: when the disk
// cannot be read later on, or the file is cut, the system ends the program (SIGBUS).
class MappedFile {
 public:
  MappedFile() = default;
  explicit MappedFile(const Path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// Held while the object lives (flock on `path`, which is created and stays). `held()` is false when another
// process has it.
class FileLock {
 public:
  explicit FileLock(const Path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  bool held() const { return held_; }

 private:
  int fd_ = -1;
  bool held_ = false;
};

}  // namespace andrea
