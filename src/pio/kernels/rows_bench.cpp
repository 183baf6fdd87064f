// SPDX-License-Identifier: Apache-2.0
// On what kernels on rows are measured: lookups, norms, quantization, softmax.
#include "pio/kernels/kernel_bench_support.h"
#include "pio/kernels/params.h"

namespace pio::kernels::bench {
namespace {

RmsNormParams norm(BenchSetup& setup, int64_t rows, int64_t dim) {
  return {.x = setup.normals(rows * dim),
          .x_stride = dim,
          .weight = setup.normals(dim),
          .eps = 1e-6f,
          .rows = {.fixed = rows},
          .dim = dim,
          .out = nullptr,
          .out_stride = dim};
}

// make(setup, format, rows, dim) for both formats of rows.
template <class Make>
BenchCases format_cases(const Make& make) {
  BenchCases out;
  for (const RowFormat format : {RowFormat::kQ8, RowFormat::kBF16}) {
    const std::string name = format == RowFormat::kQ8 ? "q8/" : "bf16/";
    for (BenchCase& one : row_cases({576, 1024}, [=](BenchSetup& setup, int64_t rows, int64_t dim) {
                            make(setup, format, rows, dim);
                          }).list) {
      out.list.push_back({name + one.name, std::move(one.make)});
    }
  }
  return out;
}

}  // namespace

BenchCases embed_rows_cases() {
  using quant::QuantType;
  constexpr int64_t kVocab = 16384;
  constexpr int64_t kDim = 1024;
  BenchCases out;
  for (const int64_t rows : kBenchRows) {
    for (const QuantType type :
         {QuantType::kF16, QuantType::kQ8_0, QuantType::kQ4_1, QuantType::kQ6_K}) {
      out.list.push_back(
          {concat(quant::traits(type).name, "/", kDim, "/rows:", rows), [=](BenchSetup& setup) {
             setup.call(EmbedRowsParams{.weight = setup.weight(type, kVocab, kDim),
                                        .type = type,
                                        .ids = setup.counted(rows, 31),
                                        .rows = {.fixed = rows},
                                        .vocab = kVocab,
                                        .dim = kDim,
                                        .scale = 1.0f,
                                        .out = setup.zeros<float>(rows * kDim),
                                        .out_stride = kDim});
           }});
    }
  }
  return out;
}

BenchCases rms_norm_cases() {
  return row_cases({576, 1024}, [](BenchSetup& setup, int64_t rows, int64_t dim) {
    RmsNormParams p = norm(setup, rows, dim);
    p.out = setup.zeros<float>(rows * dim);
    setup.call(p);
  });
}

BenchCases rms_norm_quant_cases() {
  return format_cases([](BenchSetup& setup, RowFormat format, int64_t rows, int64_t dim) {
    const int64_t stride = row_bytes(format, dim);
    setup.call(RmsNormQuantParams{.format = format,
                                  .norm = norm(setup, rows, dim),
                                  .out = setup.zeros<std::byte>(rows * stride),
                                  .out_stride_bytes = stride});
  });
}

BenchCases quant_rows_cases() {
  return format_cases([](BenchSetup& setup, RowFormat format, int64_t rows, int64_t dim) {
    const int64_t stride = row_bytes(format, dim);
    setup.call(QuantRowsParams{.format = format,
                               .x = setup.normals(rows * dim),
                               .x_stride = dim,
                               .rows = {.fixed = rows},
                               .dim = dim,
                               .out = setup.zeros<std::byte>(rows * stride),
                               .out_stride_bytes = stride});
  });
}

BenchCases softmax_cases() {
  return row_cases({512, 4096}, [](BenchSetup& setup, int64_t rows, int64_t dim) {
    setup.call(SoftmaxParams{.x = setup.normals(rows * dim),
                             .x_stride = dim,
                             .rows = {.fixed = rows},
                             .dim = dim,
                             .out = setup.zeros<float>(rows * dim),
                             .out_stride = dim});
  });
}

}  // namespace pio::kernels::bench
