#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace andrea {
namespace {

[[noreturn]] void fail(const char* verb, const Path& path, int error) {
  throw Error(fmt::format("cannot {} {}: {}", verb, path.string(), std::strerror(error)));
}

// O_NONBLOCK, which regular files ignore: opening a pipe must not wait for its other end.
constexpr int kRead = O_RDONLY | O_NONBLOCK;

int open_or_fail(const Path& path, int flags, const char* verb) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (fd < 0) fail(verb, path, errno);
  return fd;
}

// Closes at the end of a scope; for descriptors whose close() cannot lose data.
struct Descriptor {
  int fd;
  ~Descriptor() { ::close(fd); }
};

uint64_t regular_size(int fd, const Path& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail("look at", path, errno);
  if (!S_ISREG(info.st_mode)) throw Error(fmt::format("{} is not a regular file", path.string()));
  return uint64_t(info.st_size);
}

}  // namespace

std::string read_file(const Path& path, uint64_t max_bytes) {
  const Descriptor file{open_or_fail(path, kRead, "read")};
  const uint64_t size = regular_size(file.fd, path);
  if (size > max_bytes)
    throw Error(fmt::format("{} has {} bytes; at most {} are read", path.string(), size, max_bytes));
  std::string text;
  text.reserve(size);
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path, errno);
    if (got == 0) return text;
    text.append(buffer, size_t(got));
    if (text.size() > max_bytes) throw Error(fmt::format("{} grew while it was read", path.string()));
  }
}

FileReader::FileReader(const Path& path) : path_(path), fd_(open_or_fail(path, kRead, "read")) {
  try {
    size_ = regular_size(fd_, path);
  } catch (...) {
    ::close(fd_);
    throw;
  }
  ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

FileReader::~FileReader() { ::close(fd_); }

size_t FileReader::read_some(void* data, size_t most) {
  constexpr size_t kPiece = 1 << 20;  // small enough to be in the cache still when its checksum is made
  ssize_t got = 0;
  do got = ::read(fd_, data, std::min(most, kPiece));
  while (got < 0 && errno == EINTR);
  if (got < 0) fail("read", path_, errno);
  checksum_.update(data, size_t(got));
  bytes_ += size_t(got);
  return size_t(got);
}

void FileReader::read(void* data, size_t bytes) {
  char* at = static_cast<char*>(data);
  for (size_t left = bytes, got = 0; left > 0; at += got, left -= got) {
    got = read_some(at, left);
    if (got == 0) throw Error(fmt::format("{} ends {} bytes too early", path_.string(), left));
  }
}

void FileReader::read(uint64_t bytes, const std::function<void(std::string_view)>& see) {
  std::string piece;
  for (; bytes > 0; bytes -= piece.size()) {
    piece.resize(size_t(std::min<uint64_t>(bytes, 1 << 20)));
    read(piece.data(), piece.size());
    see(piece);
  }
}

FileWriter::FileWriter(const Path& path, int flags) : path_(path), fd_(open_or_fail(path, flags, "write")) {}

FileWriter::~FileWriter() {
  if (fd_ >= 0) ::close(fd_);
}

void FileWriter::write(const void* data, size_t bytes) {
  const char* at = static_cast<const char*>(data);
  for (size_t left = bytes; left > 0;) {
    const ssize_t put = ::write(fd_, at, std::min(left, size_t{1} << 30));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("write", path_, errno);
    at += put;
    left -= size_t(put);
  }
  checksum_.update(data, bytes);
  bytes_ += bytes;
}

void FileWriter::sync() {
  if (::fsync(fd_) != 0) fail("write to disk", path_, errno);
}

void FileWriter::close() {
  if (::close(std::exchange(fd_, -1)) != 0) fail("close", path_, errno);
}

Written write_atomically(const Path& path, const std::function<void(FileWriter&)>& fill) {
  Path temporary = path;
  temporary += ".tmp";
  try {
    FileWriter file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    fill(file);
    file.sync();
    file.close();
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("rename to", path, errno);
    sync_folder(path.parent_path());
    return {file.bytes(), file.checksum()};
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

Written write_atomically(const Path& path, std::string_view bytes) {
  return write_atomically(path, [&](FileWriter& file) { file.write(bytes); });
}

void sync_folder(const Path& folder) {
  const Path name = folder.empty() ? Path(".") : folder;
  const Descriptor dir{open_or_fail(name, O_RDONLY | O_DIRECTORY, "open folder")};
  if (::fsync(dir.fd) != 0) fail("write to disk the folder", name, errno);
}

void make_folders(const Path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("make folder", folder, error.value());
}

Path program_folder() {
  std::error_code error;
  const Path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? Path() : program.parent_path();
}

uint64_t free_space(const Path& existing_folder) {
  struct statvfs info {};
  if (::statvfs(existing_folder.c_str(), &info) != 0) fail("ask the free space of", existing_folder, errno);
  return uint64_t(info.f_bavail) * info.f_frsize;
}

std::string spoken_bytes(uint64_t bytes) {
  return bytes >= 1'000'000'000 ? fmt::format("{:.2f} GB", double(bytes) / 1e9)
                                : fmt::format("{:.1f} MB", double(bytes) / 1e6);
}

MappedFile::MappedFile(const Path& path) {
  const Descriptor file{open_or_fail(path, kRead, "read")};
  size_ = regular_size(file.fd, path);
  if (size_ == 0) return;
  void* at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.fd, 0);
  if (at == MAP_FAILED) fail("map", path, errno);
  data_ = static_cast<const std::byte*>(at);
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept { *this = std::move(other); }

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

// A file that was removed between open and flock is locked by nobody else: then the one that is there now
// counts.
FileLock::FileLock(const Path& path) {
  for (bool there = false; !there; held_ = there) {
    fd_ = open_or_fail(path, O_RDWR | O_CREAT, "lock");
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      if (error == EWOULDBLOCK) return;
      ::close(fd_);
      fail("lock", path, error);
    }
    struct stat mine {
    }, at_path{};
    there = ::fstat(fd_, &mine) == 0 && ::stat(path.c_str(), &at_path) == 0 && mine.st_ino == at_path.st_ino;
    if (!there) ::close(fd_);
  }
}

FileLock::~FileLock() { ::close(fd_); }

}  // namespace andrea
