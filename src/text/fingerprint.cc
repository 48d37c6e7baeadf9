#include "text/fingerprint.h"

#include <cstring>
#include <vector>

#include "base/files.h"

namespace andrea {

Hash128 text_fingerprint(Source& source, const std::function<void(uint64_t)>& on_progress) {
  std::vector<char> chunk(size_t{1} << 20);
  Checksum all;
  source.bytes = 0;
  for (SourceFile& file : source.files) {
    FileReader reader(file.path);
    while (const size_t got = reader.read_some(chunk.data(), chunk.size())) {
      source.bytes += got;
      const bool search = file.may_hold_form_feeds && file.split != Split::form_feed;
      if (search && std::memchr(chunk.data(), '\f', got)) file.split = Split::form_feed;
      if (on_progress) on_progress(source.bytes);
    }
    file.bytes = reader.bytes(), file.checksum = reader.checksum();
    const uint64_t facts[] = {file.checksum.high, file.checksum.low, file.bytes, uint64_t(file.split)};
    all.update(facts, sizeof facts);
  }
  return all.digest();
}

}  // namespace andrea
