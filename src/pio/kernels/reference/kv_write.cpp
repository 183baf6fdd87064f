// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "pio/base/half.h"
#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/kv_slot.h"
#include "pio/kernels/reference/rows.h"

namespace pio::kernels {
namespace {

/// Element i of a key or value lies at data[i * step], its block's scale at scales[i / 32 * scale_step].
struct Elements {
  std::byte* data;
  std::byte* scales;
  int64_t step, scale_step;

  [[nodiscard]] float get(KvType type, int64_t i) const noexcept {
    switch (type) {
      case KvType::kF32:
        return reinterpret_cast<const float*>(data)[i * step];
      case KvType::kF16:
        return f16_to_f32(reinterpret_cast<const uint16_t*>(data)[i * step]);
      case KvType::kQ8:
        break;
    }
    return static_cast<float>(reinterpret_cast<const int8_t*>(data)[i * step]) *
           reinterpret_cast<const float*>(scales)[i / kKvBlock * scale_step];
  }

  void set(KvType type, const float* x, int64_t dim) const noexcept {
    for (int64_t i = 0; i < dim; ++i) {
      if (type == KvType::kF32) {
        reinterpret_cast<float*>(data)[i * step] = x[i];
      } else if (type == KvType::kF16) {
        reinterpret_cast<uint16_t*>(data)[i * step] = f32_to_f16(x[i]);
      } else if (i % kKvBlock == 0) {
        set_block(x + i, i, std::min(kKvBlock, dim - i));
      }
    }
  }

 private:
  void set_block(const float* x, int64_t first, int64_t count) const noexcept {
    float padded[kKvBlock] = {};
    std::copy_n(x, count, padded);
    std::byte row[activation_row_bytes(kKvBlock)];
    quant_block(padded, kKvBlock, 0, row);
    ActivationBlock facts;
    std::memcpy(&facts, row + activation_blocks_offset(kKvBlock), sizeof(facts));
    for (int64_t i = 0; i < count; ++i) {
      data[(first + i) * step] = row[i];
    }
    reinterpret_cast<float*>(scales)[first / kKvBlock * scale_step] = facts.scale;
  }
};

Elements key_elements(const KvSlot& s) noexcept {
  const KvHeadLayout layout = kv_head_layout(s.type, s.head_dim, s.value_dim);
  return {.data = s.head + s.slot * kv_element_bytes(s.type),
          .scales = s.head + layout.key_scales + s.slot * 4,
          .step = kPageSize,
          .scale_step = kPageSize};
}

Elements value_elements(const KvSlot& s) noexcept {
  const KvHeadLayout layout = kv_head_layout(s.type, s.head_dim, s.value_dim);
  return {.data = s.head + layout.values + s.slot * s.value_dim * kv_element_bytes(s.type),
          .scales = s.head + layout.value_scales + s.slot * kv_blocks(s.value_dim) * 4,
          .step = 1,
          .scale_step = 1};
}

}  // namespace

void KvSlot::set_key(const float* k) const noexcept { key_elements(*this).set(type, k, head_dim); }
void KvSlot::set_value(const float* v) const noexcept { value_elements(*this).set(type, v, value_dim); }
float KvSlot::key(int64_t i) const noexcept { return key_elements(*this).get(type, i); }
float KvSlot::value(int64_t i) const noexcept { return value_elements(*this).get(type, i); }

KvSlot kv_slot(const KvView& kv, int32_t sequence, int64_t position, int64_t head) noexcept {
  const int32_t page = kv.page_tables[sequence * kv.table_stride + position / kPageSize];
  return {.head = kv.pages + page * kv.page_bytes +
                  head * kv_head_layout(kv.type, kv.head_dim, kv.value_dim).bytes,
          .slot = position % kPageSize,
          .type = kv.type,
          .head_dim = kv.head_dim,
          .value_dim = kv.value_dim};
}

KvSlot kv_slot(const KvView& kv, int64_t row, int64_t head) noexcept {
  return kv_slot(kv, kv.sequence[row], kv.positions[row], head);
}

void kv_write_reference(const KvWriteParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    for (int64_t head = 0; head < p.kv.kv_heads; ++head) {
      const KvSlot slot = kv_slot(p.kv, r, head);
      slot.set_key(p.k + r * p.k_stride + head * p.kv.head_dim);
      slot.set_value(p.v + r * p.v_stride + head * p.kv.value_dim);
    }
  }
}

}  // namespace pio::kernels
