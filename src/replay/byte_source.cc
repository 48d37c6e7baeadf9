#include "replay/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace andrea {
struct ByteSource::Unpacker {
  static constexpr size_t kReadBytes = 1 << 18;
  enum class Packing { none, gzip, zstd };

  explicit Unpacker(const Path& file) : path(file), input(kReadBytes) {
    // Not blocking: a pipe that nobody writes to is refused below.
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) throw Error(fmt::format("cannot open {}: {}", path.native(), std::strerror(errno)));
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(fd);
      throw Error(fmt::format("{} is not a regular file", path.native()));
    }
    size = uint64_t(status.st_size);
    fill();
    if (begins({0x1f, 0x8b})) packing = Packing::gzip;
    if (begins({0x28, 0xb5, 0x2f, 0xfd})) packing = Packing::zstd;
    if (packing == Packing::gzip) check(inflateInit2(&gzip, 15 + 16) == Z_OK, "zlib begins");
    if (packing == Packing::zstd) zstd = ZSTD_createDStream();
  }
  ~Unpacker() {
    if (packing == Packing::gzip) inflateEnd(&gzip);
    ZSTD_freeDStream(zstd);
    ::close(fd);
  }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  bool begins(std::initializer_list<unsigned char> magic) const {
    return have >= magic.size() && std::equal(magic.begin(), magic.end(), input.begin());
  }

  // More input behind what is used up; `have` stays 0 at the end of the file.
  void fill() {
    at = have = 0;
    ssize_t got = 0;
    do got = ::read(fd, input.data(), input.size());
    while (got < 0 && errno == EINTR);
    if (got < 0) throw Error(fmt::format("cannot read {}: {}", path.native(), std::strerror(errno)));
    have = size_t(got);
    consumed += have;
  }

  // What was unpacked before stays good; behind it there is nothing that can be read.
  void is_damaged(const char* what) {
    damage = fmt::format("damaged near byte {}: {}", consumed - have + at, what);
  }

  size_t plain(char* into, size_t bytes) {
    if (at == have) fill();
    const size_t n = std::min(bytes, have - at);
    std::memcpy(into, input.data() + at, n);
    at += n;
    return n;
  }

  // Several packed parts may follow each other, as when a log is packed in pieces.
  size_t gunzip(char* into, size_t bytes) {
    gzip.next_out = reinterpret_cast<Bytef*>(into), gzip.avail_out = uInt(bytes);
    while (gzip.avail_out == bytes && damage.empty()) {
      if (at == have) fill();
      if (have == 0) {
        cut = inside;
        break;
      }
      gzip.next_in = input.data() + at, gzip.avail_in = uInt(have - at);
      const int result = inflate(&gzip, Z_NO_FLUSH);
      at = have - gzip.avail_in;
      inside = result != Z_STREAM_END;
      if (result == Z_STREAM_END)
        inflateReset(&gzip);
      else if (result != Z_OK && result != Z_BUF_ERROR)
        is_damaged(gzip.msg ? gzip.msg : "not gzip any more");
    }
    return bytes - gzip.avail_out;
  }

  size_t unzstd(char* into, size_t bytes) {
    ZSTD_outBuffer out{into, bytes, 0};
    while (out.pos == 0 && damage.empty()) {
      if (at == have) fill();
      if (have == 0) {
        cut = inside;
        break;
      }
      ZSTD_inBuffer in{input.data(), have, at};
      const size_t result = ZSTD_decompressStream(zstd, &out, &in);
      at = in.pos;
      if (ZSTD_isError(result)) is_damaged(ZSTD_getErrorName(result));
      inside = result != 0;
    }
    return out.pos;
  }

  Path path;
  int fd = -1;
  uint64_t size = 0, consumed = 0;
  std::vector<unsigned char> input;
  size_t at = 0, have = 0;  // of the input
  Packing packing = Packing::none;
  z_stream gzip{};
  ZSTD_DStream* zstd = nullptr;
  bool inside = false, cut = false;
  std::string damage;
};

ByteSource::ByteSource(const Path& file) : unpacker_(std::make_unique<Unpacker>(file)) {}
ByteSource::~ByteSource() = default;
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;

size_t ByteSource::read(char* into, size_t bytes) {
  bytes = std::min(bytes, size_t{1} << 30);
  switch (unpacker_->packing) {
    case Unpacker::Packing::gzip:
      return unpacker_->gunzip(into, bytes);
    case Unpacker::Packing::zstd:
      return unpacker_->unzstd(into, bytes);
    case Unpacker::Packing::none:
      break;
  }
  return unpacker_->plain(into, bytes);
}

uint64_t ByteSource::consumed() const { return unpacker_->consumed; }
uint64_t ByteSource::file_size() const { return unpacker_->size; }
bool ByteSource::cut_off() const { return unpacker_->cut; }
const std::string& ByteSource::damage() const { return unpacker_->damage; }

}  // namespace andrea
