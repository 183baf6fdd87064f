// SPDX-License-Identifier: Apache-2.0
// For benchmarks on the cache of keys and values: shapes of real models, and caches that hold
// numbers.
#pragma once

#include <algorithm>

#include "pio/kernels/kernel_bench_support.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"

namespace pio::kernels::bench {

/// What of a model its attention needs.
struct BenchModel {
  std::string_view name;
  int64_t layers, heads, kv_heads, head_dim;
  bool norm;  ///< of the heads of q and k
};
inline constexpr BenchModel kBenchModels[] = {{"SmolLM2-135M", 30, 9, 3, 64, false},
                                              {"Qwen3-0.6B", 28, 16, 8, 128, true}};

/// A format of the cache as benchmarks are called by it.
struct BenchKvType {
  std::string_view name;
  KvType type;
};
inline constexpr BenchKvType kBenchKvTypes[] = {{"f16", KvType::kF16}, {"q8", KvType::kQ8}};

/// One layer's empty cache of one sequence of `context` positions, pages in random order. rows: the
/// last of them are those of a call.
[[nodiscard]] inline KvView kv_cache(BenchSetup& setup, const BenchModel& model, KvType type,
                                     int64_t context, int64_t rows) {
  const int64_t pages = (context + kPageSize - 1) / kPageSize;
  const int64_t bytes = kv_page_bytes(type, model.kv_heads, model.head_dim, model.head_dim);
  int32_t* table = setup.counted(pages);
  std::shuffle(table, table + pages, setup.random());
  return {.pages = setup.zeros<std::byte>(pages * bytes),
          .page_bytes = bytes,
          .type = type,
          .kv_heads = model.kv_heads,
          .head_dim = model.head_dim,
          .value_dim = model.head_dim,
          .page_tables = table,
          .table_stride = pages,
          .positions = setup.counted(context) + context - rows,
          .sequence = setup.counted(context, 0)};
}

/// Writes keys and values at positions [0, context) of a cache made by kv_cache.
inline void fill(BenchSetup& setup, KvView kv, int64_t context) {
  constexpr int64_t kDistinct = 64;
  const int64_t dim = kv.kv_heads * kv.head_dim;
  const float* k = setup.normals(kDistinct * dim);
  const float* v = setup.normals(kDistinct * dim);
  const Kernel& write = kernel(KernelId::k_kv_write, best_isa());
  const int32_t* positions = setup.counted(context);
  for (int64_t begin = 0; begin < context; begin += kDistinct) {
    kv.positions = positions + begin;
    const KvWriteParams p{.k = k,
                          .k_stride = dim,
                          .v = v,
                          .v_stride = dim,
                          .rows = {.fixed = std::min(kDistinct, context - begin)},
                          .kv = kv};
    write.run(&p, 0, write.tasks(&p));
  }
}

}  // namespace pio::kernels::bench
