// SPDX-License-Identifier: Apache-2.0
// The loops over attention's tasks. Included once per instruction set, after attention_sources.inl.h.
#pragma once

#include "pio/kernels/attention_split.h"
#include "pio/kernels/cpu/attention_sources.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

/// Runs `count` queries, which make_query(n) describes, by run() in passes of at most pass.queries.
template <class Source, class MakeQuery, class Run = WholePass>
void attend_all(const Source& source, const AttentionRule& rule, const Pass& pass, int64_t count,
                bool widen_all, const MakeQuery& make_query, const Run& run = {}) noexcept {
  alignas(64) float arena[kArenaFloats];
  Query queries[kPassQueries];
  for (int64_t at = 0; at < count; at += pass.queries) {
    const int64_t n = count - at < pass.queries ? count - at : pass.queries;
    for (int64_t i = 0; i < n; ++i) {
      queries[i] = make_query(at + i);
    }
    // Up to two tiles widen f16 and codes on the fly, beside the multiplications.
    const bool widen = widen_all || (source.is_compact() && pass.can_widen && n > 2 * kTileQueries);
    run(source, rule, queries, n, widen, arena);
  }
}

/// Whether the tiles cannot read the cache in place.
[[gnu::always_inline]] inline bool must_widen(const KvView& kv) noexcept {
  return kv.value_dim % 16 != 0;
}

/// How the kernels see the parameters.
[[gnu::always_inline]] inline AttentionRule rule_of(const AttentionParams& p) noexcept {
  return {.head_dim = p.kv.head_dim, .value_dim = p.kv.value_dim, .scale = p.scale, .softcap = p.softcap};
}

/// Row `row`, head `head`, without a place for its states.
[[gnu::always_inline]] inline Query query_of(const AttentionParams& p, int64_t row, int64_t head) noexcept {
  const int64_t position = p.kv.positions[row];
  return {.q = p.q + row * p.q_stride + head * p.kv.head_dim,
          .mask = nullptr,
          .sink = p.sinks != nullptr ? p.sinks + head : nullptr,
          .out = p.out + row * p.out_stride + head * p.kv.value_dim,
          .first = first_key(position, p.window),
          .end = position + 1};
}

/// Rows [row, row + count) of one sequence and one KV head.
struct RowRange {
  int64_t kv_head, row, count;
};

/// Runs the queries of a range; place(query, row, head) may give each a place for its part.
template <class Run, class Place>
void attend_rows(const AttentionParams& p, const Pass& pass, const RowRange& range, const Run& run,
                 const Place& place) noexcept {
  const KvView& kv = p.kv;
  const AttentionRule rule = rule_of(p);
  const int64_t group = p.heads / kv.kv_heads;
  const KvHeadLayout layout = kv_head_layout(kv.type, kv.head_dim, kv.value_dim);
  const PagedSource source{.rule = rule,
                           .table = kv.page_tables + kv.sequence[range.row] * kv.table_stride,
                           .pages = kv.pages + range.kv_head * layout.bytes,
                           .page_bytes = kv.page_bytes,
                           .type = kv.type,
                           .layout = layout};
  const auto make_query = [&](int64_t n) {
    const int64_t row = range.row + n / group;
    const int64_t head = range.kv_head * group + n % group;
    Query query = query_of(p, row, head);
    place(query, row, head);
    return query;
  };
  attend_all(source, rule, pass, range.count * group, must_widen(kv), make_query, run);
}

/// How many of `most` rows from `row` on belong to one sequence.
[[gnu::always_inline]] inline int64_t rows_of_sequence(const KvView& kv, int64_t row, int64_t most) noexcept {
  int64_t count = 1;
  while (count < most && kv.sequence[row + count] == kv.sequence[row]) {
    ++count;
  }
  return count;
}

/// Rows handled together: their keys are read and widened once.
constexpr int64_t kBlockRows = 32;

/// Tasks of whole rows.
void attend_whole(const AttentionParams& p, const Pass& pass, int64_t begin, int64_t end) noexcept {
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
      const int64_t most = last - row < kBlockRows ? last - row : kBlockRows;
      const int64_t count = rows_of_sequence(p.kv, row, most);
      attend_rows(p, pass, {.kv_head = kv_head, .row = row, .count = count}, WholePass{},
                  [](Query&, int64_t, int64_t) {});
      row += count;
    }
    begin = stop;
  }
}

/// Tasks of one segment each, see AttentionParams.
void attend_split(const AttentionParams& p, const AttentionSplit& split, const Pass& pass, int64_t begin,
                  int64_t end) noexcept {
  const int64_t rows = p.rows.get();
  while (begin < end) {
    const int64_t row = begin % rows;
    const int64_t segment = split.first + begin / rows % split.count;
    const int64_t most = end - begin < rows - row ? end - begin : rows - row;
    const int64_t count = rows_of_sequence(p.kv, row, most);
    attend_rows(p, pass, {.kv_head = begin / rows / split.count, .row = row, .count = count},
                SegmentPass{segment * kKeySegment}, [&](Query& query, int64_t r, int64_t head) {
                  query.part = attention_part(p, split, segment, r, head) + kPartValues;
                });
    begin += count;
  }
}

void attention_tasks_in(const AttentionParams& p, int64_t begin, int64_t end) noexcept {
  const Pass pass = plan_pass(rule_of(p), must_widen(p.kv));
  if (pass.queries == 0) {
    return attention_reference(p, begin, end);
  }
  const AttentionSplit split = attention_split(p);
  if (split.count > 1) {
    attend_split(p, split, pass, begin, end);
  } else {
    attend_whole(p, pass, begin, end);
  }
}

/// Rows [begin, end): the parts of each head in order of their segments.
void attention_merge_tasks_in(const AttentionParams& p, int64_t begin, int64_t end) noexcept {
  const AttentionSplit split = attention_split(p);
  const AttentionRule rule = rule_of(p);
  alignas(64) float total[kMaxHeadDim];
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t head = 0; head < p.heads; ++head) {
      Query query = query_of(p, row, head);
      query.total = total;
      const int64_t last = (query.end - 1) / kKeySegment;
      for (int64_t segment = query.first / kKeySegment; segment <= last; ++segment) {
        float* const slot = attention_part(p, split, segment, row, head);
        query.max = slot[0];
        query.sum = slot[1];
        query.part = slot + kPartValues;
        merge_part(query, rule.padded());
      }
      finish_query(rule, query);
    }
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
