// SPDX-License-Identifier: Apache-2.0
// Where attention's keys and values come from, a paged cache or dense tensors, and the loops over
// tasks. Included once per instruction set, after attention.inl.h.
#pragma once

#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

/// f32 copies of a chunk: keys [head_dim][64], then values [64][padded value_dim].
[[gnu::always_inline]] inline Chunk<float> widened_chunk(const AttentionRule& rule,
                                                         float* buffer) noexcept {
  Chunk<float> out{};
  for (int64_t v = 0; v < kVectorsInChunk; ++v) {
    out.key[v] = buffer + 16 * v;
    out.value[v] = nullptr;
    out.next[v] = nullptr;
  }
  out.value[0] = buffer + kKeyChunk * rule.head_dim;
  out.key_stride = kKeyChunk;
  out.value_stride = rule.padded();
  out.run = kKeyChunk;
  return out;
}

/// One value row, its last vector filled up with zeros.
template <class T>
[[gnu::always_inline]] inline void copy_value(const AttentionRule& rule, const T* from,
                                              float* to) noexcept {
  const int64_t value_dim = rule.value_dim;
  int64_t i = 0;
  for (; i + 16 <= value_dim; i += 16) {
    store(to + i, load(from + i));
  }
  if (i < value_dim) {
    store(to + i, load_part(from + i, value_dim - i));
  }
}

/// One KV head of one sequence.
struct PagedSource {
  const AttentionRule& rule;
  const int32_t* table;
  const std::byte* pages;  ///< of the KV head
  int64_t page_bytes;
  KvType type;
  KvHeadLayout layout;

  [[nodiscard]] bool is_compact() const noexcept { return type != KvType::kF32; }

  [[nodiscard]] const std::byte* part(int64_t position) const noexcept {
    return pages + table[position / kPageSize] * page_bytes;
  }
  template <class T>
  [[nodiscard]] const T* page(int64_t position) const noexcept {
    return reinterpret_cast<const T*>(part(position));
  }

  template <class T>
  [[nodiscard]] Chunk<T> pages_of(const KeyRange& keys) const noexcept {
    Chunk<T> out{};
    for (int64_t v = keys.lo / kPageSize; v * kPageSize < keys.hi; ++v) {
      const int64_t position = keys.base + v * kPageSize;
      out.key[v] = page<T>(position);
      out.value[v] = out.key[v] + kPageSize * rule.head_dim;
      out.next[v] = position + kKeyChunk < keys.end ? page<T>(position + kKeyChunk) : out.key[v];
    }
    out.key_stride = kPageSize;
    out.value_stride = rule.value_dim;
    out.run = kPageSize;
    if constexpr (sizeof(T) == 1) {
      for (int64_t v = keys.lo / kPageSize; v * kPageSize < keys.hi; ++v) {
        const std::byte* head = part(keys.base + v * kPageSize);
        out.key_scale[v] = reinterpret_cast<const float*>(head + layout.key_scales);
        out.value_scale[v] = reinterpret_cast<const float*>(head + layout.value_scales);
      }
      out.value_blocks = kv_blocks(rule.value_dim);
    }
    return out;
  }

  template <class T>
  void widen(const Chunk<T>& from, int64_t lo, int64_t hi, float* buffer) const noexcept {
    const int64_t head_dim = rule.head_dim;
    for (int64_t v = lo / kPageSize; v * kPageSize < hi; ++v) {
      const T* key = from.key[v];
      float* to = buffer + 16 * v;
      for (int64_t i = 0; i < head_dim; ++i) {
        store(to + i * kKeyChunk, load(key + i * kPageSize));
      }
    }
    float* values = buffer + kKeyChunk * head_dim;
    for (int64_t j = lo; j < hi; ++j) {
      copy_value(rule, from.value[j / kPageSize] + j % kPageSize * rule.value_dim,
                 values + j * rule.padded());
    }
  }

  /// One value of 8-bit codes, its last vector filled up with zeros.
  void widen_value(const int8_t* from, const float* scales, float* to) const noexcept {
    int64_t i = 0;
    for (; i + 16 <= rule.value_dim; i += 16) {
      store(to + i, mul(load(from + i), broadcast(scales[i / kKvBlock])));
    }
    if (i < rule.value_dim) {
      const int64_t n = rule.value_dim - i;
      store(to + i, mul(load_part(from + i, n), broadcast(scales[i / kKvBlock])));
    }
  }

  void widen(const Chunk<int8_t>& from, int64_t lo, int64_t hi, float* buffer) const noexcept {
    const int64_t head_dim = rule.head_dim;
    for (int64_t v = lo / kPageSize; v * kPageSize < hi; ++v) {
      for (int64_t i = 0; i < head_dim; ++i) {
        const V16 scale = load(from.key_scale[v] + i / kKvBlock * kPageSize);
        store(buffer + 16 * v + i * kKeyChunk, mul(load(from.key[v] + i * kPageSize), scale));
      }
    }
    float* values = buffer + kKeyChunk * head_dim;
    for (int64_t j = lo; j < hi; ++j) {
      const int64_t v = j / kPageSize;
      const int64_t row = j % kPageSize;
      widen_value(from.value[v] + row * rule.value_dim,
                  from.value_scale[v] + row * from.value_blocks, values + j * rule.padded());
    }
  }

  template <class T, class Body>
  void for_chunk_of(const KeyRange& keys, float* buffer, const Body& body) const noexcept {
    const Chunk<T> chunk = pages_of<T>(keys);
    if (buffer == nullptr) {
      return body(chunk);
    }
    widen(chunk, keys.lo, keys.hi, buffer);
    body(widened_chunk(rule, buffer));
  }

  template <class Body>
  void for_chunk(const KeyRange& keys, float* buffer, const Body& body) const noexcept {
    if (type == KvType::kQ8) {
      for_chunk_of<int8_t>(keys, buffer, body);
    } else if (type == KvType::kF16) {
      for_chunk_of<uint16_t>(keys, buffer, body);
    } else {
      for_chunk_of<float>(keys, buffer, body);
    }
  }
};

/// One KV head of one batch entry: key j at k + j * k_stride.
struct DenseSource {
  const AttentionRule& rule;
  const float* k;
  const float* v;
  int64_t k_stride, v_stride;

  [[nodiscard]] static bool is_compact() noexcept { return false; }

  template <class Body>
  void for_chunk(const KeyRange& keys, float* buffer, const Body& body) const noexcept {
    float* values = buffer + kKeyChunk * rule.head_dim;
    for (int64_t j = keys.lo; j < keys.hi; ++j) {
      const float* key = k + (keys.base + j) * k_stride;
      for (int64_t i = 0; i < rule.head_dim; ++i) {
        buffer[i * kKeyChunk + j] = key[i];
      }
      copy_value(rule, v + (keys.base + j) * v_stride, values + j * rule.padded());
    }
    body(widened_chunk(rule, buffer));
  }
};

[[gnu::always_inline]] inline int64_t first_key(int64_t position, int64_t window) noexcept {
  return window > 0 && position >= window ? position - window + 1 : 0;
}

/// Runs `count` queries, which `query(n)` describes, in passes of at most pass.queries.
template <class Source, class MakeQuery>
void attend_all(const Source& source, const AttentionRule& rule, const Pass& pass, int64_t count,
                bool widen_all, const MakeQuery& make_query) noexcept {
  alignas(64) float arena[kArenaFloats];
  Query queries[kPassQueries];
  for (int64_t at = 0; at < count; at += pass.queries) {
    const int64_t n = count - at < pass.queries ? count - at : pass.queries;
    for (int64_t i = 0; i < n; ++i) {
      queries[i] = make_query(at + i);
    }
    // Up to two tiles widen f16 and codes on the fly, beside the multiplications.
    const bool widen = widen_all || (source.is_compact() && pass.can_widen && n > 2 * kTileQueries);
    attend_pass(source, rule, queries, n, widen, arena);
  }
}

/// Whether the tiles cannot read the cache in place.
[[gnu::always_inline]] inline bool must_widen(const KvView& kv) noexcept {
  return kv.value_dim % 16 != 0;
}

/// Rows [row, row + count) of one sequence and one KV head.
void attend_rows(const AttentionParams& p, const AttentionRule& rule, const Pass& pass,
                 int64_t kv_head, int64_t row, int64_t count) noexcept {
  const KvView& kv = p.kv;
  const int64_t group = p.heads / kv.kv_heads;
  const KvHeadLayout layout = kv_head_layout(kv.type, kv.head_dim, kv.value_dim);
  const PagedSource source{.rule = rule,
                           .table = kv.page_tables + kv.sequence[row] * kv.table_stride,
                           .pages = kv.pages + kv_head * layout.bytes,
                           .page_bytes = kv.page_bytes,
                           .type = kv.type,
                           .layout = layout};
  attend_all(source, rule, pass, count * group, must_widen(kv), [&](int64_t n) {
    const int64_t r = row + n / group;
    const int64_t h = kv_head * group + n % group;
    return Query{.q = p.q + r * p.q_stride + h * kv.head_dim,
                 .mask = nullptr,
                 .sink = p.sinks != nullptr ? p.sinks + h : nullptr,
                 .out = p.out + r * p.out_stride + h * kv.value_dim,
                 .first = first_key(kv.positions[r], p.window),
                 .end = int64_t{kv.positions[r]} + 1};
  });
}

/// Rows handled together: their keys are read and widened once.
constexpr int64_t kBlockRows = 32;

void attention_tasks_in(const AttentionParams& p, int64_t begin, int64_t end) noexcept {
  const AttentionRule rule{.head_dim = p.kv.head_dim,
                           .value_dim = p.kv.value_dim,
                           .scale = p.scale,
                           .softcap = p.softcap};
  const Pass pass = plan_pass(rule, must_widen(p.kv));
  if (pass.queries == 0) {
    return attention_reference(p, begin, end);
  }
  const int64_t rows = p.rows.get();
  const int64_t task_rows = attention_task_rows(rows);
  const int64_t blocks = (rows + task_rows - 1) / task_rows;
  while (begin < end) {
    const int64_t kv_head = begin / blocks;
    const int64_t stop = (kv_head + 1) * blocks < end ? (kv_head + 1) * blocks : end;
    int64_t row = (begin - kv_head * blocks) * task_rows;
    const int64_t all = (stop - kv_head * blocks) * task_rows;
    const int64_t last = all < rows ? all : rows;
    while (row < last) {
      int64_t count = 1;
      while (count < kBlockRows && row + count < last &&
             p.kv.sequence[row + count] == p.kv.sequence[row]) {
        ++count;
      }
      attend_rows(p, rule, pass, kv_head, row, count);
      row += count;
    }
    begin = stop;
  }
}

/// Queries [i, i + count) of batch entry b, all heads.
void attend_dense(const DenseAttentionParams& p, const AttentionRule& rule, const Pass& pass,
                  int64_t b, int64_t i, int64_t count) noexcept {
  const int64_t group = p.heads / p.kv_heads;
  const int64_t seq = p.seq.get();
  const int64_t keys = p.keys.get();
  for (int64_t kv_head = 0; kv_head < p.kv_heads; ++kv_head) {
    const DenseSource source{.rule = rule,
                             .k = p.k + (b * keys * p.kv_heads + kv_head) * p.head_dim,
                             .v = p.v + (b * keys * p.kv_heads + kv_head) * p.value_dim,
                             .k_stride = p.kv_heads * p.head_dim,
                             .v_stride = p.kv_heads * p.value_dim};
    attend_all(source, rule, pass, count * group, true, [&](int64_t n) {
      const int64_t row = i + n / group;
      const int64_t h = kv_head * group + n % group;
      const int64_t position = p.causal ? row + keys - seq : keys - 1;
      return Query{.q = p.q + ((b * seq + row) * p.heads + h) * p.head_dim,
                   .mask = p.mask != nullptr ? p.mask + row * keys : nullptr,
                   .sink = p.sinks != nullptr ? p.sinks + h : nullptr,
                   .out = p.out + ((b * seq + row) * p.heads + h) * p.value_dim,
                   .first = p.causal ? first_key(position, p.window) : 0,
                   .end = position + 1};
    });
  }
}

void dense_attention_tasks_in(const DenseAttentionParams& p, int64_t begin, int64_t end) noexcept {
  const AttentionRule rule{
      .head_dim = p.head_dim, .value_dim = p.value_dim, .scale = p.scale, .softcap = p.softcap};
  const Pass pass = plan_pass(rule, true);
  if (pass.queries == 0) {
    return dense_attention_reference(p, begin, end);
  }
  const int64_t seq = p.seq.get();
  while (begin < end) {
    const int64_t i = begin % seq;
    int64_t count = seq - i < end - begin ? seq - i : end - begin;
    count = count < kBlockRows ? count : kBlockRows;
    attend_dense(p, rule, pass, begin / seq, i, count);
    begin += count;
  }
}

}  // namespace
}  // namespace pio::kernels
