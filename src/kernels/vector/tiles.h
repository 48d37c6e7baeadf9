// The tile registers of AMX, eight of 16 rows of 64 bytes; and what they do in plain C++ (ANDREA_ISA
// amx_model), so that a processor without them can run the rest of that path, and its tests.
#pragma once
#include "kernels/vector/words.h"

namespace andrea::ANDREA_ISA {

inline constexpr Index kTile = 16;  // rows of a tile; words of a row

#if defined(__AVX512BF16__)

class Tiles {
 public:
  Tiles() {  // the shapes of all tiles, once for each thread
    static thread_local bool configured = false;
    if (configured) return;
    struct alignas(64) {
      uint8_t palette = 1, start_row = 0, unused[14] = {};
      uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } shape;
    asm volatile("ldtilecfg %0" ::"m"(shape));
    configured = true;
  }
  template <int t>
  void zero() {
    asm volatile("tilezero %%tmm%c0" ::"i"(t));
  }
  template <int t>  // rows `stride` words apart
  void load(const void* p, Index stride) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(p), "r"(stride * 4), "i"(t) : "memory");
  }
  template <int t>
  void store(float* p, Index stride) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(p), "r"(stride * 4), "i"(t) : "memory");
  }
  // c(16,16) += a(16 rows of 16 pairs) b(16 pairs of rows, 16 columns)
  template <int c, int a, int b>
  void dot() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(c), "i"(a), "i"(b));
  }
};

#else

class Tiles {
 public:
  template <int t>
  void zero() {
    std::memset(words_[t], 0, sizeof words_[t]);
  }
  template <int t>
  void load(const void* p, Index stride) {
    for (Index r = 0; r < kTile; ++r)
      std::memcpy(words_[t][r], static_cast<const char*>(p) + r * stride * 4, sizeof words_[t][r]);
  }
  template <int t>
  void store(float* p, Index stride) {
    for (Index r = 0; r < kTile; ++r) std::memcpy(p + r * stride, words_[t][r], sizeof words_[t][r]);
  }
  // The products of earlier and of later numbers are summed apart, then together, then onto c. (The
  // instruction takes numbers below 2^-126 as 0.)
  template <int c, int a, int b>
  void dot() {
    const auto later = [](uint32_t pair) { return std::bit_cast<float>(pair & 0xffff0000u); };
    const auto earlier = [](uint32_t pair) { return std::bit_cast<float>(pair << 16); };
    for (Index m = 0; m < kTile; ++m) {
      float first[kTile] = {}, second[kTile] = {};
      for (Index k = 0; k < kTile; ++k) {
        const float x = earlier(words_[a][m][k]), y = later(words_[a][m][k]);
        for (Index n = 0; n < kTile; ++n) {
          first[n] += x * earlier(words_[b][k][n]);
          second[n] += y * later(words_[b][k][n]);
        }
      }
      for (Index n = 0; n < kTile; ++n)
        words_[c][m][n] =
            std::bit_cast<uint32_t>(std::bit_cast<float>(words_[c][m][n]) + (first[n] + second[n]));
    }
  }

 private:
  uint32_t words_[8][kTile][kTile];
};

#endif

}  // namespace andrea::ANDREA_ISA
