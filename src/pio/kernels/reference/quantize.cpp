// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstring>

#include "pio/base/half.h"
#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/rows.h"

namespace pio::kernels {
namespace {

int8_t saturate_s8(int32_t value) noexcept {
  return static_cast<int8_t>(std::clamp(value, -128, 127));
}

}  // namespace

void quant_block(const float* x, int64_t dim, int64_t block, std::byte* out) noexcept {
  uint32_t max_bits = 0;  // as integers, so that a NaN is the largest
  for (int64_t i = 0; i < 32; ++i) {
    max_bits = std::max(max_bits, std::bit_cast<uint32_t>(x[i]) & 0x7fffffffu);
  }
  const float max = std::bit_cast<float>(max_bits);
  const float inverse = max == 0.0f ? 0.0f : 127.0f / max;
  auto* values = reinterpret_cast<int8_t*>(out) + block * 32;
  ActivationBlock facts{.scale = max / 127.0f, .scale_sum = 0, .offset = 0, .offset_low = 0};
  int32_t sum = 0;
  for (int64_t i = 0; i < 32; ++i) {
    const int8_t q = saturate_s8(round_to_int32(x[i] * inverse));
    values[i] = q;
    sum += q;
    facts.offset_low -= i < 16 ? 8 * q : 0;
  }
  facts.scale_sum = facts.scale * static_cast<float>(sum);
  facts.offset = -8 * sum;
  std::memcpy(out + activation_blocks_offset(dim) + block * int64_t{sizeof(ActivationBlock)}, &facts, sizeof(facts));
}

void round_pairs(const float* x, int64_t count, std::byte* out) noexcept {
  const auto rounded = [&](int64_t i) { return uint32_t{i < count ? f32_to_bf16(x[i]) : uint16_t{0}}; };
  for (int64_t i = 0; i < count; i += 32) {
    for (int64_t pair = 0; pair < 16; ++pair) {
      const uint32_t word = rounded(i + 2 * pair) << 16 | rounded(i + 2 * pair + 1);
      std::memcpy(out + i * 2 + pair * 4, &word, sizeof(word));
    }
  }
}

void put_block(RowFormat format, const float* x, int64_t dim, int64_t block, std::byte* out) noexcept {
  if (format == RowFormat::kQ8) {
    quant_block(x, dim, block, out);
  } else {
    round_pairs(x, 32, out + block * 64);
  }
}

void quant_rows_reference(const QuantRowsParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    if (p.format == RowFormat::kBF16) {
      round_pairs(p.x + r * p.x_stride, p.dim, p.out + r * p.out_stride_bytes);
      continue;
    }
    for (int64_t b = 0; b < p.dim / 32; ++b) {
      quant_block(p.x + r * p.x_stride + b * 32, p.dim, b, p.out + r * p.out_stride_bytes);
    }
  }
}

void rms_norm_quant_reference(const RmsNormQuantParams& p, int64_t begin, int64_t end) noexcept {
  float normed[32];
  for (int64_t r = begin; r < end; ++r) {
    const float inverse = row_inverse_rms(p.norm, r);
    for (int64_t b = 0; b < p.norm.dim / 32; ++b) {
      rms_norm_part(p.norm, r, inverse, b * 32, 32, normed);
      put_block(p.format, normed, p.norm.dim, b, p.out + r * p.out_stride_bytes);
    }
  }
}

}  // namespace pio::kernels
