// SPDX-License-Identifier: Apache-2.0
// On what matmuls are measured: matrices of SmolLM2-135M and Qwen3-0.6B.
#include <utility>

#include "pio/kernels/kernel_bench_support.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"

namespace pio::kernels::bench {
namespace {

using quant::QuantType;

const std::byte* activations(BenchSetup& setup, RowFormat format, int64_t rows, int64_t dim) {
  const int64_t stride = row_bytes(format, dim);
  auto* out = setup.zeros<std::byte>(rows * stride);
  const QuantRowsParams p{.format = format,
                          .x = setup.normals(rows * dim),
                          .x_stride = dim,
                          .rows = {.fixed = rows},
                          .dim = dim,
                          .out = out,
                          .out_stride_bytes = stride};
  kernel(KernelId::k_quant_rows, best_isa()).run(&p, 0, rows);
  return out;
}

void make(BenchSetup& setup, QuantType type, int64_t out_features, int64_t in_features,
          int64_t rows) {
  MatmulParams p{};
  p.weight = setup.weight(type, out_features, in_features);
  p.out_features = out_features;
  p.in_features = in_features;
  if (type == QuantType::kF32 || type == QuantType::kF16) {
    p.x = reinterpret_cast<const std::byte*>(setup.normals(rows * in_features));
    p.x_stride_bytes = in_features * 4;
  } else {
    const RowFormat format = type == QuantType::kBF16 ? RowFormat::kBF16 : RowFormat::kQ8;
    p.x = activations(setup, format, rows, in_features);
    p.x_stride_bytes = row_bytes(format, in_features);
  }
  p.rows = {.fixed = rows};
  p.out = setup.zeros<float>(rows * out_features);
  p.out_stride = out_features;
  setup.call(p);
}

BenchCases matmul_cases(QuantType type) {
  const int64_t narrow = quant::traits(type).block_weights > 32 ? 512 : 576;
  BenchCases out;
  for (const int64_t rows : {1, 8, 64, 512}) {
    for (const auto& [n, k] : {std::pair<int64_t, int64_t>{1536, narrow}, {3072, 1024}}) {
      out.list.push_back({concat(n, "x", k, "/rows:", rows),
                          [=, n = n, k = k](BenchSetup& setup) { make(setup, type, n, k, rows); }});
    }
  }
  return out;
}

}  // namespace

BenchCases matmul_f32_cases() { return matmul_cases(QuantType::kF32); }
BenchCases matmul_f16_cases() { return matmul_cases(QuantType::kF16); }
BenchCases matmul_bf16_cases() { return matmul_cases(QuantType::kBF16); }
BenchCases matmul_q8_0_cases() { return matmul_cases(QuantType::kQ8_0); }
BenchCases matmul_q4_0_cases() { return matmul_cases(QuantType::kQ4_0); }
BenchCases matmul_q4_1_cases() { return matmul_cases(QuantType::kQ4_1); }
BenchCases matmul_q4_k_cases() { return matmul_cases(QuantType::kQ4_K); }
BenchCases matmul_q6_k_cases() { return matmul_cases(QuantType::kQ6_K); }

}  // namespace pio::kernels::bench
