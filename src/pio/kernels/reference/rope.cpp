// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include "pio/base/half.h"
#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/rows.h"

namespace pio::kernels {

void rope_table_reference(const RopeTableParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    float* out = p.out + r * 2 * p.half;
    const auto position = static_cast<float>(p.positions[r]);
    for (int64_t i = 0; i < p.half; ++i) {
      const float angle = position * p.inv_freq[i];
      out[i] = static_cast<float>(std::cos(static_cast<double>(angle))) * p.factor;
      out[p.half + i] = static_cast<float>(std::sin(static_cast<double>(angle))) * p.factor;
    }
  }
}

void rope_row(const RopeParams& p, int64_t row, const float* x, float* out) noexcept {
  const float* cosines = p.table + row * 2 * p.half;
  const float* sines = cosines + p.half;
  for (int64_t h = 0; h < p.heads; ++h, x += p.head_dim, out += p.head_dim) {
    for (int64_t i = 0; i < p.half; ++i) {
      const int64_t first = p.interleaved ? 2 * i : i;
      const int64_t second = p.interleaved ? 2 * i + 1 : i + p.half;
      const float a = x[first];
      const float b = x[second];
      out[first] = std::fma(a, cosines[i], -(b * sines[i]));
      out[second] = std::fma(b, cosines[i], a * sines[i]);
    }
    for (int64_t i = 2 * p.half; i < p.head_dim; ++i) {
      out[i] = x[i];
    }
  }
}

void rope_reference(const RopeParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    rope_row(p, r, p.x + r * p.x_stride, p.out + r * p.out_stride);
  }
}

namespace {

void store(std::byte* out, int64_t index, KvType type, float value) noexcept {
  if (type == KvType::kF16) {
    reinterpret_cast<uint16_t*>(out)[index] = f32_to_f16(value);
  } else {
    reinterpret_cast<float*>(out)[index] = value;
  }
}

std::byte* cached_page(const KvView& kv, int64_t row) noexcept {
  const int32_t* pages = kv.page_tables + kv.sequence[row] * kv.table_stride;
  return kv.pages + pages[kv.positions[row] / kPageSize] * kv.page_bytes;
}

void write_key(const KvView& kv, int64_t row, int64_t head, const float* k) noexcept {
  const int64_t head_bytes = kPageSize * (kv.head_dim + kv.value_dim) * kv_element_bytes(kv.type);
  std::byte* page = cached_page(kv, row) + head * head_bytes;
  const int64_t slot = kv.positions[row] % kPageSize;
  for (int64_t i = 0; i < kv.head_dim; ++i) {
    store(page, i * kPageSize + slot, kv.type, k[i]);
  }
}

void write_value(const KvView& kv, int64_t row, int64_t head, const float* v) noexcept {
  const int64_t head_bytes = kPageSize * (kv.head_dim + kv.value_dim) * kv_element_bytes(kv.type);
  std::byte* values = cached_page(kv, row) + head * head_bytes +
                      kPageSize * kv.head_dim * kv_element_bytes(kv.type);
  const int64_t slot = kv.positions[row] % kPageSize;
  for (int64_t i = 0; i < kv.value_dim; ++i) {
    store(values, slot * kv.value_dim + i, kv.type, v[i]);
  }
}

}  // namespace

void kv_write_row(const KvView& kv, int64_t row, const float* k, const float* v) noexcept {
  for (int64_t head = 0; head < kv.kv_heads; ++head) {
    write_key(kv, row, head, k + head * kv.head_dim);
    write_value(kv, row, head, v + head * kv.value_dim);
  }
}

void kv_write_reference(const KvWriteParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    kv_write_row(p.kv, r, p.k + r * p.k_stride, p.v + r * p.v_stride);
  }
}

void rope_kv_reference(const RopeKvParams& p, int64_t begin, int64_t end) noexcept {
  constexpr int64_t kMaxHeadDim = 1024;
  float rotated[kMaxHeadDim];
  RopeParams one_head = p.k;
  one_head.heads = 1;
  for (int64_t r = begin; r < end; ++r) {
    rope_row(p.q, r, p.q.x + r * p.q.x_stride, p.q.out + r * p.q.out_stride);
    for (int64_t head = 0; head < p.kv.kv_heads; ++head) {
      rope_row(one_head, r, p.k.x + r * p.k.x_stride + head * p.k.head_dim, rotated);
      write_key(p.kv, r, head, rotated);
      write_value(p.kv, r, head, p.v + r * p.v_stride + head * p.kv.value_dim);
    }
  }
}

}  // namespace pio::kernels
