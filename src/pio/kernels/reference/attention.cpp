// SPDX-License-Identifier: Apache-2.0
// The definition of attention's arithmetic. Per query row and head: keys in segments of 512, each in chunks
// of 64. In a chunk: scores, the running maximum, p = exp(s - max), the sum of p in 16 lanes; then sum and
// output are rescaled once and every value is fused in, in key order. Segments are merged in order.
#include <algorithm>
#include <array>
#include <limits>

#include "pio/base/checked.h"
#include "pio/kernels/attention_split.h"
#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/kv_slot.h"
#include "pio/kernels/scalar_math.h"

namespace pio::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Partial {
  float max = -kInfinity;
  float sum = 0;
  std::array<float, kMaxHeadDim> out{};
};

struct Rule {
  float scale;
  float softcap;
  int64_t first;  // first key seen
  int64_t end;    // one past the last
  int64_t value_dim;
};

// Keys: score(j) -> float dot product, mask(j) -> float to add, value(j, i) -> float.
template <class Keys>
void attend_chunk(const Keys& keys, const Rule& rule, int64_t begin, int64_t end, Partial& part) {
  std::array<float, kKeyChunk> p{};
  const int64_t base = begin / kKeyChunk * kKeyChunk;
  float max = part.max;
  for (int64_t j = begin; j < end; ++j) {
    float s = keys.score(j) * rule.scale;
    if (rule.softcap != 0) {
      s = rule.softcap * tanh_f32(s / rule.softcap);
    }
    s += keys.mask(j);
    p[static_cast<size_t>(j - base)] = s;
    max = s > max ? s : max;
  }
  if (max == -kInfinity) {
    return;
  }
  const float alpha = part.max == -kInfinity ? 0.0f : exp_f32(part.max - max);
  Lanes sums;
  for (int64_t j = begin; j < end; ++j) {
    float& s = p[static_cast<size_t>(j - base)];
    s = s == -kInfinity ? 0.0f : exp_f32(s - max);
    sums.lane[static_cast<size_t>((j - base) % 16)] += s;
  }
  part.max = max;
  part.sum = std::fma(part.sum, alpha, sums.sum());
  for (int64_t i = 0; i < rule.value_dim; ++i) {
    float o = part.out[static_cast<size_t>(i)] * alpha;
    for (int64_t j = begin; j < end; ++j) {
      o = std::fma(p[static_cast<size_t>(j - base)], keys.value(j, i), o);
    }
    part.out[static_cast<size_t>(i)] = o;
  }
}

void merge(Partial& total, const Partial& part, int64_t value_dim) {
  if (part.max == -kInfinity) {
    return;
  }
  if (total.max == -kInfinity) {
    total = part;
    return;
  }
  const float max = part.max > total.max ? part.max : total.max;
  const float a = exp_f32(total.max - max);
  const float b = exp_f32(part.max - max);
  total.max = max;
  total.sum = std::fma(total.sum, a, part.sum * b);
  for (int64_t i = 0; i < value_dim; ++i) {
    float& o = total.out[static_cast<size_t>(i)];
    o = std::fma(o, a, part.out[static_cast<size_t>(i)] * b);
  }
}

// Keys of the segment that begins at `segment`.
template <class Keys>
Partial attend_segment(const Keys& keys, const Rule& rule, int64_t segment) {
  Partial part;
  const int64_t last = std::min(rule.end, segment + kKeySegment);
  for (int64_t chunk = segment; chunk < last; chunk += kKeyChunk) {
    const int64_t begin = std::max(chunk, rule.first);
    const int64_t end = std::min(chunk + kKeyChunk, last);
    if (begin < end) {
      attend_chunk(keys, rule, begin, end, part);
    }
  }
  return part;
}

// part_of(segment) -> Partial, for each segment in order.
template <class PartOf>
void attend(const Rule& rule, const float* sink, float* out, const PartOf& part_of) {
  Partial total;
  for (int64_t segment = rule.first / kKeySegment * kKeySegment; segment < rule.end;
       segment += kKeySegment) {
    merge(total, part_of(segment), rule.value_dim);
  }
  if (sink != nullptr) {
    Partial extra;
    extra.max = *sink;
    extra.sum = 1;
    merge(total, extra, rule.value_dim);
  }
  for (int64_t i = 0; i < rule.value_dim; ++i) {
    out[i] = total.out[static_cast<size_t>(i)] / total.sum;
  }
}

struct CachedKeys {
  const KvView& kv;
  int32_t sequence;
  int64_t head;
  const float* q;

  [[nodiscard]] float score(int64_t j) const {
    const KvSlot slot = kv_slot(kv, sequence, j, head);
    float s = 0;
    for (int64_t i = 0; i < kv.head_dim; ++i) {
      s = std::fma(q[i], slot.key(i), s);
    }
    return s;
  }
  [[nodiscard]] static float mask(int64_t /*j*/) { return 0; }
  [[nodiscard]] float value(int64_t j, int64_t i) const {
    return kv_slot(kv, sequence, j, head).value(i);
  }
};

struct DenseKeys {
  const DenseAttentionParams& p;
  const float* q;
  const float* k;
  const float* v;
  const float* mask_row;

  [[nodiscard]] float score(int64_t j) const {
    float s = 0;
    for (int64_t i = 0; i < p.head_dim; ++i) {
      s = std::fma(q[i], k[j * p.kv_heads * p.head_dim + i], s);
    }
    return s;
  }
  [[nodiscard]] float mask(int64_t j) const { return mask_row != nullptr ? mask_row[j] : 0; }
  [[nodiscard]] float value(int64_t j, int64_t i) const {
    return v[j * p.kv_heads * p.value_dim + i];
  }
};

Rule rule_of(const AttentionParams& p, int64_t row) {
  const int64_t position = p.kv.positions[row];
  return {.scale = p.scale,
          .softcap = p.softcap,
          .first = first_key(position, p.window),
          .end = position + 1,
          .value_dim = p.kv.value_dim};
}

CachedKeys keys_of(const AttentionParams& p, int64_t row, int64_t head) {
  return {p.kv, p.kv.sequence[row], head / (p.heads / p.kv.kv_heads),
          p.q + row * p.q_stride + head * p.kv.head_dim};
}

void finish(const AttentionParams& p, int64_t row, int64_t head, const auto& part_of) {
  attend(rule_of(p, row), p.sinks != nullptr ? p.sinks + head : nullptr,
         p.out + row * p.out_stride + head * p.kv.value_dim, part_of);
}

// One task of attention cut by segments: the parts of a KV head's query heads.
void attend_part(const AttentionParams& p, const AttentionSplit& split, int64_t task) {
  const int64_t rows = p.rows.get();
  const int64_t row = task % rows;
  const int64_t segment = split.first + task / rows % split.count;
  const int64_t kv_head = task / rows / split.count;
  const int64_t group = p.heads / p.kv.kv_heads;
  for (int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
    const Partial part = attend_segment(keys_of(p, row, head), rule_of(p, row), segment * kKeySegment);
    float* const slot = attention_part(p, split, segment, row, head);
    slot[0] = part.max;
    slot[1] = part.sum;
    std::copy_n(part.out.begin(), p.kv.value_dim, slot + kPartValues);
  }
}

}  // namespace

void attention_reference(const AttentionParams& p, int64_t begin, int64_t end) noexcept {
  const AttentionSplit split = attention_split(p);
  if (split.count > 1) {
    for (int64_t task = begin; task < end; ++task) {
      attend_part(p, split, task);
    }
    return;
  }
  const int64_t group = p.heads / p.kv.kv_heads;
  const int64_t task_rows = attention_task_rows(p.rows.get());
  const int64_t blocks = div_up(p.rows.get(), task_rows);
  for (int64_t task = begin; task < end; ++task) {
    const int64_t kv_head = task / blocks;
    const int64_t first_row = task % blocks * task_rows;
    const int64_t last_row = std::min(first_row + task_rows, p.rows.get());
    for (int64_t row = first_row; row < last_row; ++row) {
      for (int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
        finish(p, row, head, [&](int64_t segment) {
          return attend_segment(keys_of(p, row, head), rule_of(p, row), segment);
        });
      }
    }
  }
}

void attention_merge_reference(const AttentionParams& p, int64_t begin, int64_t end) noexcept {
  const AttentionSplit split = attention_split(p);
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t head = 0; head < p.heads; ++head) {
      finish(p, row, head, [&](int64_t segment) {
        const float* slot = attention_part(p, split, segment / kKeySegment, row, head);
        Partial part{.max = slot[0], .sum = slot[1], .out = {}};
        std::copy_n(slot + kPartValues, p.kv.value_dim, part.out.begin());
        return part;
      });
    }
  }
}

void dense_attention_reference(const DenseAttentionParams& p, int64_t begin, int64_t end) noexcept {
  const int64_t group = p.heads / p.kv_heads;
  const int64_t seq = p.seq.get();
  const int64_t keys_count = p.keys.get();
  for (int64_t task = begin; task < end; ++task) {
    const int64_t b = task / seq;
    const int64_t i = task % seq;
    const int64_t position = p.causal ? i + keys_count - seq : keys_count - 1;
    const Rule rule{.scale = p.scale,
                    .softcap = p.softcap,
                    .first = p.causal ? first_key(position, p.window) : 0,
                    .end = position + 1,
                    .value_dim = p.value_dim};
    for (int64_t h = 0; h < p.heads; ++h) {
      const int64_t kv_head = h / group;
      const DenseKeys keys{p, p.q + (task * p.heads + h) * p.head_dim,
                           p.k + (b * keys_count * p.kv_heads + kv_head) * p.head_dim,
                           p.v + (b * keys_count * p.kv_heads + kv_head) * p.value_dim,
                           p.mask != nullptr ? p.mask + i * keys_count : nullptr};
      attend(rule, p.sinks != nullptr ? p.sinks + h : nullptr, p.out + (task * p.heads + h) * p.value_dim,
             [&](int64_t segment) { return attend_segment(keys, rule, segment); });
    }
  }
}

}  // namespace pio::kernels
