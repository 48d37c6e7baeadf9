#include "base/checksum.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace andrea;

// XXH3 of nothing, as published with xxHash.
TEST_CASE("hashes are XXH3, printed high half first") {
  CHECK(hash64("") == 0x2d06800538d394c2);
  CHECK(hash128("").hex() == "99aa06d3014798d86001c324468d497f");
  CHECK(Hash128{1, 0xabc}.hex() == "00000000000000010000000000000abc");
}

TEST_CASE("the checksum of pieces is the hash of the whole, wherever it is cut") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += char(i * 7 % 251);
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{64}, size_t{1000}, text.size()}) {
    Checksum sum;
    CHECK(sum.digest() == hash128(""));
    for (size_t at = 0; at < text.size(); at += piece) sum.update(std::string_view(text).substr(at, piece));
    CHECK(sum.digest() == hash128(text));
    Checksum moved = std::move(sum);
    moved.update("x");
    CHECK(moved.digest() == hash128(text + "x"));
  }
}

TEST_CASE("one changed bit changes both hashes") {
  const std::string text(300, 'a');
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = char(other[bit / 8] ^ (1 << bit % 8));
    CHECK(hash128(other) != hash128(text));
    CHECK(hash64(other) != hash64(text));
  }
}
