// SPDX-License-Identifier: Apache-2.0
// Lookup of single rows in packed weights (layouts/tiles.h), the bits of unpack_row times the
// scale. Included once per instruction set, after its simd16_<isa>.h.
#pragma once

#include "pio/kernels/kernels.h"
#include "pio/kernels/layouts/tiles.h"

namespace pio::kernels {
namespace {

/// One row of a strip: its half of each tile and its place in it.
struct LaneOfStrip {
  int64_t row;  ///< in the strip
  int64_t half, lane;
};

[[gnu::always_inline]] inline uint32_t word_at(const std::byte* from) noexcept {
  uint32_t out = 0;
  __builtin_memcpy(&out, from, 4);
  return out;
}
[[gnu::always_inline]] inline float half_of(const std::byte* array, int64_t row) noexcept {
  uint16_t bits = 0;
  __builtin_memcpy(&bits, array + 2 * row, 2);
  return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
}
[[gnu::always_inline]] inline float number(std::byte code) noexcept {
  return static_cast<float>(static_cast<int>(code));
}

/// Columns 0-15 and 16-31, as bytes.
struct Codes {
  __m128i low, high;
};

/// A tile's 4-bit codes of one row: dword j holds groups 2j (low nibbles) and 2j + 1.
[[gnu::always_inline]] inline Codes nibbles(const std::byte* tile, const LaneOfStrip& at) noexcept {
  const std::byte* from = tile + at.half * 4 * kGroupBytes + at.lane * 4;
  const __m128i pairs =
      _mm_setr_epi32(static_cast<int>(word_at(from)), static_cast<int>(word_at(from + kGroupBytes)),
                     static_cast<int>(word_at(from + 2 * kGroupBytes)),
                     static_cast<int>(word_at(from + 3 * kGroupBytes)));
  const __m128i mask = _mm_set1_epi8(15);
  const __m128i even = _mm_and_si128(pairs, mask);
  const __m128i odd = _mm_and_si128(_mm_srli_epi16(pairs, 4), mask);
  return {_mm_unpacklo_epi32(even, odd), _mm_unpackhi_epi32(even, odd)};
}

[[gnu::always_inline]] inline Codes bytes_q8(const std::byte* tile,
                                             const LaneOfStrip& at) noexcept {
  const std::byte* from = tile + at.half * 8 * kGroupBytes + at.lane * 4;
  alignas(16) uint32_t words[8];
  for (int g = 0; g < 8; ++g) {
    words[g] = word_at(from + kGroupBytes * g);
  }
  return {_mm_load_si128(reinterpret_cast<const __m128i*>(words)),
          _mm_load_si128(reinterpret_cast<const __m128i*>(words + 4))};
}

/// Two more bits: those of group g of a half's 16 columns lie 2g up.
[[gnu::always_inline]] inline __m128i high_bits(const std::byte* from) noexcept {
  const __m128i all = _mm_set1_epi32(static_cast<int>(word_at(from)));
  const __m128i spread = _mm_srlv_epi32(all, _mm_setr_epi32(0, 2, 4, 6));
  return _mm_slli_epi16(_mm_and_si128(spread, _mm_set1_epi8(3)), 4);
}
[[gnu::always_inline]] inline Codes codes_q6(const std::byte* tile,
                                             const LaneOfStrip& at) noexcept {
  Codes out = nibbles(tile, at);
  const std::byte* from = tile + LayoutQ6_K::kHighBits + at.half * 2 * kGroupBytes + at.lane * 4;
  out.low = _mm_or_si128(out.low, high_bits(from));
  out.high = _mm_or_si128(out.high, high_bits(from + kGroupBytes));
  return out;
}

/// out = (code - offset) * scale [+ min], times `factor`.
[[gnu::always_inline]] inline void put_codes(__m128i codes, float offset, float scale,
                                             const float* min, float factor, float* out) noexcept {
  V16 w = mul(broadcast(scale), sub(from_u8(codes), broadcast(offset)));
  if (min != nullptr) {
    w = add(w, broadcast(*min));
  }
  store(out, mul(w, broadcast(factor)));
}

/// The 32 columns of a tile with one scale.
[[gnu::always_inline]] inline void put_tile(const Codes& codes, float offset, float scale,
                                            const float* min, float factor, float* out) noexcept {
  put_codes(codes.low, offset, scale, min, factor, out);
  put_codes(codes.high, offset, scale, min, factor, out + 16);
}

/// One tile of a row, by its layout.
[[gnu::always_inline]] inline void unpack_tile(LayoutQ4_0 /*layout*/, const std::byte* /*header*/,
                                               const std::byte* tile, const LaneOfStrip& at,
                                               float factor, float* out) noexcept {
  const float scale = half_of(tile + LayoutQ4_0::kScales, at.row);
  put_tile(nibbles(tile, at), 8.0f, scale, nullptr, factor, out);
}

[[gnu::always_inline]] inline void unpack_tile(LayoutQ4_1 /*layout*/, const std::byte* /*header*/,
                                               const std::byte* tile, const LaneOfStrip& at,
                                               float factor, float* out) noexcept {
  const float min = half_of(tile + LayoutQ4_1::kMins, at.row);
  put_tile(nibbles(tile, at), 0.0f, half_of(tile + LayoutQ4_1::kScales, at.row), &min, factor, out);
}

[[gnu::always_inline]] inline void unpack_tile(LayoutQ8_0 /*layout*/, const std::byte* /*header*/,
                                               const std::byte* tile, const LaneOfStrip& at,
                                               float factor, float* out) noexcept {
  const float scale = half_of(tile + LayoutQ8_0::kScales, at.row);
  put_tile(bytes_q8(tile, at), 128.0f, scale, nullptr, factor, out);
}

[[gnu::always_inline]] inline void unpack_tile(LayoutQ4_K /*layout*/, const std::byte* header,
                                               const std::byte* tile, const LaneOfStrip& at,
                                               float factor, float* out) noexcept {
  using L = LayoutQ4_K;
  const float scale = half_of(header, at.row) * number(tile[L::kScales + at.row]);
  const float min = -(half_of(header + L::kHeaderMins, at.row) * number(tile[L::kMins + at.row]));
  put_tile(nibbles(tile, at), 0.0f, scale, &min, factor, out);
}

[[gnu::always_inline]] inline void unpack_tile(LayoutQ6_K /*layout*/, const std::byte* header,
                                               const std::byte* tile, const LaneOfStrip& at,
                                               float factor, float* out) noexcept {
  const Codes codes = codes_q6(tile, at);
  const float d = half_of(header, at.row);
  const std::byte* scales = tile + LayoutQ6_K::kScales + at.row;
  const float low = d * static_cast<float>(static_cast<int8_t>(scales[0]));
  const float high = d * static_cast<float>(static_cast<int8_t>(scales[kStripRows]));
  put_codes(codes.low, 32.0f, low, nullptr, factor, out);
  put_codes(codes.high, 32.0f, high, nullptr, factor, out + 16);
}

template <class Layout>
void unpack_quantized(const EmbedRowsParams& p, int64_t id, float* out) noexcept {
  const int64_t tiles = p.dim / kTileCols * Layout::kTileBytes;
  const int64_t headers = p.dim / kSuperCols * Layout::kHeaderBytes;
  const std::byte* tile = p.weight + id / kStripRows * (tiles + headers);
  const std::byte* header = tile;
  const int64_t row = id % kStripRows;
  const LaneOfStrip at{.row = row, .half = row / 16, .lane = row % 16};
  for (int64_t col = 0; col < p.dim; col += kTileCols, tile += Layout::kTileBytes) {
    if (Layout::kHeaderBytes > 0 && col % kSuperCols == 0) {
      header = tile;
      tile += Layout::kHeaderBytes;
    }
    unpack_tile(Layout{}, header, tile, at, p.scale, out + col);
  }
}

[[gnu::always_inline]] inline float to_f32(float x) noexcept { return x; }
[[gnu::always_inline]] inline float f16_bits_to_f32(uint16_t x) noexcept {
  return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(x)));
}

/// Every column of a float row lies in a line of its own: no vector loads to be had.
template <class T, float (*kToF32)(T) noexcept>
void unpack_floats(const EmbedRowsParams& p, int64_t id, float* out) noexcept {
  const int64_t cols = (p.dim + kTileCols - 1) / kTileCols * kTileCols;
  const T* from =
      reinterpret_cast<const T*>(p.weight) + id / kStripRows * kStripRows * cols + id % kStripRows;
  for (int64_t col = 0; col < p.dim; ++col) {
    out[col] = kToF32(from[col * kStripRows]) * p.scale;
  }
}

void unpack_bf16(const EmbedRowsParams& p, int64_t id, float* out) noexcept {
  const int64_t cols = (p.dim + kTileCols - 1) / kTileCols * kTileCols;
  const std::byte* strip = p.weight + id / kStripRows * kStripRows * cols * 2;
  for (int64_t col = 0; col < p.dim; ++col) {
    uint16_t bits = 0;
    __builtin_memcpy(&bits, strip + bf16_offset(id % kStripRows, col), 2);
    out[col] = __builtin_bit_cast(float, static_cast<uint32_t>(bits) << 16) * p.scale;
  }
}

template <void (*kUnpackRow)(const EmbedRowsParams&, int64_t, float*) noexcept>
void embed_each(const EmbedRowsParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    float* out = p.out + r * p.out_stride;
    const int64_t id = p.ids[r];
    if (id >= 0 && id < p.vocab) {
      kUnpackRow(p, id, out);
      continue;
    }
    for (int64_t i = 0; i < p.dim; ++i) {
      out[i] = __builtin_nanf("");
    }
  }
}

void embed_rows_of(const EmbedRowsParams& p, int64_t begin, int64_t end) noexcept {
  using quant::QuantType;
  switch (p.type) {
    case QuantType::kF32:
      return embed_each<unpack_floats<float, to_f32>>(p, begin, end);
    case QuantType::kF16:
      return embed_each<unpack_floats<uint16_t, f16_bits_to_f32>>(p, begin, end);
    case QuantType::kBF16:
      return embed_each<unpack_bf16>(p, begin, end);
    case QuantType::kQ4_0:
      return embed_each<unpack_quantized<LayoutQ4_0>>(p, begin, end);
    case QuantType::kQ4_1:
      return embed_each<unpack_quantized<LayoutQ4_1>>(p, begin, end);
    case QuantType::kQ8_0:
      return embed_each<unpack_quantized<LayoutQ8_0>>(p, begin, end);
    case QuantType::kQ4_K:
      return embed_each<unpack_quantized<LayoutQ4_K>>(p, begin, end);
    case QuantType::kQ6_K:
      return embed_each<unpack_quantized<LayoutQ6_K>>(p, begin, end);
  }
}

}  // namespace
}  // namespace pio::kernels
