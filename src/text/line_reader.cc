#include "text/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace andrea {
namespace {

constexpr size_t kChunk = size_t{1} << 16;  // small: a folder may hold very many small files

}  // namespace

LineReader::LineReader(const Path& path, uint64_t longest)
    : file_(path), longest_(longest), buffer_(kChunk) {}

// Reads more behind what is held; false at the end of the file.
bool LineReader::fill() {
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size()) buffer_.resize(std::min<uint64_t>(buffer_.size() * 2, longest_ + kChunk));
  const size_t got = file_.read_some(buffer_.data() + end_, buffer_.size() - end_);
  end_ += got;
  return got > 0;
}

bool LineReader::next(std::string_view& line) {
  size_t searched = 0;
  const char* newline = nullptr;
  for (;;) {
    const size_t held = end_ - begin_;
    if (held > searched)
      newline =
          static_cast<const char*>(std::memchr(buffer_.data() + begin_ + searched, '\n', held - searched));
    if (newline) break;
    searched = held;
    if (held > longest_ || !fill()) break;
  }
  const size_t length = newline ? size_t(newline - (buffer_.data() + begin_)) + 1 : end_ - begin_;
  if (length == 0) return false;
  ++line_number_;
  if (length > longest_)
    throw Error(
        fmt::format("{}:{}: the line is longer than {} bytes", file_.path().string(), line_number_, longest_),
        "break it into lines, and its text into documents, of sensible length");
  line = std::string_view(buffer_.data() + begin_, length);
  begin_ += length;
  return true;
}

}  // namespace andrea
