// Bytes as gzip and zstd pack them.
#pragma once
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "base/error.h"

namespace andrea {

inline std::string gzipped(const std::string& text) {
  z_stream z{};
  check(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib begins");
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())), z.avail_in = uInt(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data()), z.avail_out = uInt(out.size());
  check(deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib ends");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline std::string zstd_packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

}  // namespace andrea
