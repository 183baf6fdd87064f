// SPDX-License-Identifier: Apache-2.0
// Lookup of single rows in packed weights (layouts/tiles.h), the bits of unpack_row times the
// scale. Included once per instruction set, after its simd16_<isa>.h.
#pragma once

#include "pio/kernels/kernels.h"
#include "pio/kernels/layouts/packed.h"

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
  const std::byte* from = tile + at.half * 256 + at.lane * 4;
  const __m128i pairs =
      _mm_setr_epi32(static_cast<int>(word_at(from)), static_cast<int>(word_at(from + 64)),
                     static_cast<int>(word_at(from + 128)), static_cast<int>(word_at(from + 192)));
  const __m128i mask = _mm_set1_epi8(15);
  const __m128i even = _mm_and_si128(pairs, mask);
  const __m128i odd = _mm_and_si128(_mm_srli_epi16(pairs, 4), mask);
  return {_mm_unpacklo_epi32(even, odd), _mm_unpackhi_epi32(even, odd)};
}

[[gnu::always_inline]] inline Codes bytes_q8(const std::byte* tile,
                                             const LaneOfStrip& at) noexcept {
  const std::byte* from = tile + at.half * 512 + at.lane * 4;
  alignas(16) uint32_t words[8];
  for (int g = 0; g < 8; ++g) {
    words[g] = word_at(from + 64 * g);
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
  const std::byte* from = tile + 512 + at.half * 128 + at.lane * 4;
  out.low = _mm_or_si128(out.low, high_bits(from));
  out.high = _mm_or_si128(out.high, high_bits(from + 64));
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

/// One tile of a quantized row.
template <quant::QuantType kType>
[[gnu::always_inline]] inline void unpack_tile(const std::byte* header, const std::byte* tile,
                                               const LaneOfStrip& at, float factor,
                                               float* out) noexcept {
  using quant::QuantType;
  if constexpr (kType == QuantType::kQ6_K) {
    const Codes codes = codes_q6(tile, at);
    const float d = half_of(header, at.row);
    for (int part = 0; part < 2; ++part) {
      const auto sub_scale = static_cast<int8_t>(tile[768 + part * 32 + at.row]);
      put_codes(part == 0 ? codes.low : codes.high, 32.0f, d * static_cast<float>(sub_scale),
                nullptr, factor, out + 16 * part);
    }
    return;
  }
  Codes codes{};
  float scale = 0;
  float min = 0;
  float offset = 0;
  if constexpr (kType == QuantType::kQ8_0) {
    codes = bytes_q8(tile, at);
    scale = half_of(tile + 1024, at.row);
    offset = 128.0f;
  } else {
    codes = nibbles(tile, at);
    if constexpr (kType == QuantType::kQ4_K) {
      scale = half_of(header, at.row) * number(tile[512 + at.row]);
      min = -(half_of(header + 64, at.row) * number(tile[544 + at.row]));
    } else {
      scale = half_of(tile + 512, at.row);
      offset = kType == QuantType::kQ4_0 ? 8.0f : 0.0f;
      min = kType == QuantType::kQ4_1 ? half_of(tile + 576, at.row) : 0.0f;
    }
  }
  constexpr bool kMins = kType == QuantType::kQ4_1 || kType == QuantType::kQ4_K;
  put_codes(codes.low, offset, scale, kMins ? &min : nullptr, factor, out);
  put_codes(codes.high, offset, scale, kMins ? &min : nullptr, factor, out + 16);
}

template <quant::QuantType kType, int64_t kTileBytes, int64_t kHeaderBytes>
void unpack_quantized(const EmbedRowsParams& p, int64_t id, float* out) noexcept {
  const int64_t headers = kHeaderBytes > 0 ? p.dim / 256 * kHeaderBytes : 0;
  const std::byte* tile = p.weight + id / kStripRows * (p.dim / kTileCols * kTileBytes + headers);
  const std::byte* header = tile;
  const LaneOfStrip at{.row = id % 32, .half = id % 32 / 16, .lane = id % 16};
  for (int64_t col = 0; col < p.dim; col += kTileCols, tile += kTileBytes) {
    if (kHeaderBytes > 0 && col % 256 == 0) {
      header = tile;
      tile += kHeaderBytes;
    }
    unpack_tile<kType>(header, tile, at, p.scale, out + col);
  }
}

/// Every column of a float row lies in a line of its own: no vector loads to be had.
template <class T, class ToFloat>
void unpack_floats(const EmbedRowsParams& p, int64_t id, float* out,
                   const ToFloat& to_float) noexcept {
  const int64_t cols = (p.dim + kTileCols - 1) / kTileCols * kTileCols;
  const T* from =
      reinterpret_cast<const T*>(p.weight) + id / kStripRows * kStripRows * cols + id % 32;
  for (int64_t col = 0; col < p.dim; ++col) {
    out[col] = to_float(from[col * kStripRows]) * p.scale;
  }
}

void embed_row(const EmbedRowsParams& p, int64_t id, float* out) noexcept {
  using quant::QuantType;
  switch (p.type) {
    case QuantType::kF32:
      return unpack_floats<float>(p, id, out, [](float x) { return x; });
    case QuantType::kF16:
      return unpack_floats<uint16_t>(
          p, id, out, [](uint16_t x) { return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(x))); });
    case QuantType::kBF16:
      return unpack_floats<uint16_t>(p, id, out, [](uint16_t x) {
        return __builtin_bit_cast(float, static_cast<uint32_t>(x) << 16);
      });
    case QuantType::kQ4_0:
      return unpack_quantized<QuantType::kQ4_0, 576, 0>(p, id, out);
    case QuantType::kQ4_1:
      return unpack_quantized<QuantType::kQ4_1, 640, 0>(p, id, out);
    case QuantType::kQ8_0:
      return unpack_quantized<QuantType::kQ8_0, 1088, 0>(p, id, out);
    case QuantType::kQ4_K:
      return unpack_quantized<QuantType::kQ4_K, 576, 128>(p, id, out);
    case QuantType::kQ6_K:
      return unpack_quantized<QuantType::kQ6_K, 832, 64>(p, id, out);
  }
}

void embed_rows_of(const EmbedRowsParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    float* out = p.out + r * p.out_stride;
    const int64_t id = p.ids[r];
    if (id >= 0 && id < p.vocab) {
      embed_row(p, id, out);
      continue;
    }
    for (int64_t i = 0; i < p.dim; ++i) {
      out[i] = __builtin_nanf("");
    }
  }
}

}  // namespace
}  // namespace pio::kernels
