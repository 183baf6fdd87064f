// SPDX-License-Identifier: Apache-2.0
// On what rotations and writes into the cache are measured.
#include <cmath>

#include "pio/kernels/kv_bench_support.h"

namespace pio::kernels::bench {
namespace {

const float* table(BenchSetup& setup, int64_t rows, int64_t half) {
  auto* out = setup.zeros<float>(rows * 2 * half);
  for (int64_t i = 0; i < rows * half; ++i) {
    const int64_t row = i / half;
    const auto angle = static_cast<float>(i);
    out[row * 2 * half + i % half] = std::cos(angle);
    out[row * 2 * half + half + i % half] = std::sin(angle);
  }
  return out;
}

// Heads side by side, rotated into an array of their own.
RopeParams rotation(BenchSetup& setup, int64_t rows, int64_t heads, int64_t head_dim,
                    const float* angles) {
  const int64_t width = heads * head_dim;
  return {.x = setup.normals(rows * width),
          .x_stride = width,
          .norm = nullptr,
          .eps = 1e-6f,
          .table = angles,
          .rows = {.fixed = rows},
          .heads = heads,
          .head_dim = head_dim,
          .half = head_dim / 2,
          .interleaved = false,
          .out = setup.zeros<float>(rows * width),
          .out_stride = width};
}

// One benchmark for each model, cache and count of rows. make(setup, model, kv, rows) fills one in.
template <class Make>
BenchCases cache_cases(const Make& make) {
  constexpr int64_t kContext = 1024;
  BenchCases out;
  for (const int64_t rows : kBenchRows) {
    for (const BenchModel& model : kBenchModels) {
      for (const BenchKvType& cache : kBenchKvTypes) {
        out.list.push_back(
            {concat(model.name, "/", cache.name, "/rows:", rows), [=](BenchSetup& setup) {
               make(setup, model, kv_cache(setup, model, cache.type, kContext, rows), rows);
             }});
      }
    }
  }
  return out;
}

}  // namespace

BenchCases rope_cases() {
  BenchCases out;
  for (const int64_t rows : kBenchRows) {
    for (const BenchModel& m : kBenchModels) {
      for (const bool interleaved : {false, true}) {
        out.list.push_back(
            {concat(m.name, interleaved ? "/interleaved" : "/halves", "/rows:", rows),
             [=](BenchSetup& setup) {
               RopeParams p =
                   rotation(setup, rows, m.heads, m.head_dim, table(setup, rows, m.head_dim / 2));
               p.interleaved = interleaved;
               setup.call(p);
             }});
      }
    }
  }
  return out;
}

BenchCases kv_write_cases() {
  return cache_cases(
      [](BenchSetup& setup, const BenchModel& model, const KvView& kv, int64_t rows) {
        const int64_t width = model.kv_heads * model.head_dim;
        setup.call(KvWriteParams{.k = setup.normals(rows * width),
                                 .k_stride = width,
                                 .v = setup.normals(rows * width),
                                 .v_stride = width,
                                 .rows = {.fixed = rows},
                                 .kv = kv});
      });
}

BenchCases rope_kv_cases() {
  return cache_cases(
      [](BenchSetup& setup, const BenchModel& model, const KvView& kv, int64_t rows) {
        const float* angles = table(setup, rows, model.head_dim / 2);
        const int64_t width = model.kv_heads * model.head_dim;
        RopeKvParams p{.q = rotation(setup, rows, model.heads, model.head_dim, angles),
                       .k = rotation(setup, rows, model.kv_heads, model.head_dim, angles),
                       .v = setup.normals(rows * width),
                       .v_stride = width,
                       .kv = kv};
        if (model.norm) {
          p.q.norm = setup.normals(model.head_dim);
          p.k.norm = setup.normals(model.head_dim);
        }
        setup.call(p);
      });
}

}  // namespace pio::kernels::bench
