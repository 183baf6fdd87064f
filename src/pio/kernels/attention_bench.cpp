// SPDX-License-Identifier: Apache-2.0
// On what attention is measured: prompts of 512 rows and decode steps at several depths, and whole
// tensors.
#include <cmath>
#include <utility>

#include "pio/kernels/attention_split.h"
#include "pio/kernels/kv_bench_support.h"

namespace pio::kernels::bench {
namespace {

// Layers in turn, so that the cache lies where it would in a run, as far as memory for them is
// cheap.
int64_t layers_in_turn(const BenchModel& model, KvType type, int64_t context) {
  constexpr int64_t kMostBytes = int64_t{64} << 20;
  const int64_t page = kv_page_bytes(type, model.kv_heads, model.head_dim, model.head_dim);
  return std::clamp<int64_t>(kMostBytes / (context / kPageSize * page), 1, model.layers);
}

void make(BenchSetup& setup, const BenchModel& model, KvType type, int64_t rows, int64_t context) {
  const int64_t width = model.heads * model.head_dim;
  const float* q = setup.normals(rows * width);
  auto* out = setup.zeros<float>(rows * width);
  const int64_t layers = layers_in_turn(model, type, context);
  for (int64_t layer = 0; layer < layers; ++layer) {
    const KvView kv = kv_cache(setup, model, type, context, rows);
    fill(setup, kv, context);
    setup.call(AttentionParams{.q = q,
                               .q_stride = width,
                               .rows = {.fixed = rows},
                               .heads = model.heads,
                               .scale = 1.0f / std::sqrt(static_cast<float>(model.head_dim)),
                               .window = 0,
                               .softcap = 0,
                               .sinks = nullptr,
                               .kv = kv,
                               .parts = nullptr,
                               .part_rows = 0,
                               .out = out,
                               .out_stride = width});
  }
}

}  // namespace

BenchCases attention_cases() {
  BenchCases out;
  for (const BenchModel& model : kBenchModels) {
    for (const BenchKvType& cache : kBenchKvTypes) {
      for (const auto& [rows, context] :
           {std::pair<int64_t, int64_t>{1, 128}, {1, 1024}, {1, 4096}, {512, 512}, {512, 2048}}) {
        out.list.push_back(
            {concat(model.name, "/", cache.name, "/rows:", rows, "/context:", context),
             [=, rows = rows, context = context](BenchSetup& setup) {
               make(setup, model, cache.type, rows, context);
             }});
      }
    }
  }
  return out;
}

// Parts of any values: the merge reads no keys.
BenchCases attention_merge_cases() {
  BenchCases out;
  for (const BenchModel& model : kBenchModels) {
    for (const int64_t context : {1024, 16384}) {
      out.list.push_back({concat(model.name, "/context:", context), [=](BenchSetup& setup) {
                            const int64_t width = model.heads * model.head_dim;
                            const int64_t segments = context / kKeySegment;
                            const int64_t part = attention_part_floats(model.head_dim);
                            KvView kv{};
                            kv.kv_heads = model.kv_heads;
                            kv.head_dim = kv.value_dim = model.head_dim;
                            kv.positions = setup.counted(context) + context - 1;
                            setup.call(AttentionParams{.q = nullptr,
                                                       .q_stride = width,
                                                       .rows = {.fixed = 1},
                                                       .heads = model.heads,
                                                       .scale = 1,
                                                       .window = 0,
                                                       .softcap = 0,
                                                       .sinks = nullptr,
                                                       .kv = kv,
                                                       .parts = setup.normals(segments * model.heads * part),
                                                       .part_rows = segments,
                                                       .out = setup.zeros<float>(width),
                                                       .out_stride = width});
                          }});
    }
  }
  return out;
}

BenchCases dense_attention_cases() {
  constexpr int64_t kHeads = 8;
  constexpr int64_t kHeadDim = 64;
  BenchCases out;
  for (const int64_t seq : {64, 512}) {
    out.list.push_back({concat("seq:", seq), [=](BenchSetup& setup) {
                          const int64_t size = seq * kHeads * kHeadDim;
                          setup.call(DenseAttentionParams{.q = setup.normals(size),
                                                          .k = setup.normals(size),
                                                          .v = setup.normals(size),
                                                          .mask = nullptr,
                                                          .sinks = nullptr,
                                                          .batch = {.fixed = 1},
                                                          .seq = {.fixed = seq},
                                                          .keys = {.fixed = seq},
                                                          .heads = kHeads,
                                                          .kv_heads = kHeads,
                                                          .head_dim = kHeadDim,
                                                          .value_dim = kHeadDim,
                                                          .scale = 0.125f,
                                                          .window = 0,
                                                          .softcap = 0,
                                                          .causal = true,
                                                          .out = setup.zeros<float>(size)});
                        }});
  }
  return out;
}

}  // namespace pio::kernels::bench
