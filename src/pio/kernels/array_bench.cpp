// SPDX-License-Identifier: Apache-2.0
// On what kernels on plain arrays are measured, and sampling.
#include <utility>

#include "pio/kernels/kernel_bench_support.h"
#include "pio/kernels/params.h"

namespace pio::kernels::bench {

BenchCases element_cases() {
  constexpr int64_t kDim = 1536;
  constexpr std::pair<std::string_view, ElementOp> kOps[] = {{"add", ElementOp::kAdd},
                                                             {"silu_mul", ElementOp::kSiluMul},
                                                             {"exp", ElementOp::kExp},
                                                             {"gelu", ElementOp::kGelu}};
  BenchCases out;
  for (const int64_t rows : kBenchRows) {
    for (const auto& [name, op] : kOps) {
      const bool two = op == ElementOp::kAdd || op == ElementOp::kSiluMul;
      out.list.push_back({concat(name, "/", kDim, "/rows:", rows), [=, op = op](BenchSetup& setup) {
                            setup.call(
                                ElementParams{.op = op,
                                              .a = setup.normals(rows * kDim),
                                              .a_stride = kDim,
                                              .b = two ? setup.normals(rows * kDim) : nullptr,
                                              .b_stride = kDim,
                                              .rows = {.fixed = rows},
                                              .dim = kDim,
                                              .out = setup.zeros<float>(rows * kDim),
                                              .out_stride = kDim});
                          }});
    }
  }
  return out;
}

BenchCases batch_matmul_cases() {
  constexpr int64_t kBatch = 8;
  constexpr int64_t kInner = 64;
  BenchCases out;
  for (const int64_t m : {1, 128}) {
    out.list.push_back({concat(kBatch, "x", m, "x", kInner, "x256"), [=](BenchSetup& setup) {
                          constexpr int64_t kWidth = 256;
                          setup.call(
                              BatchMatmulParams{.a = setup.normals(kBatch * m * kInner),
                                                .a_stride = kInner,
                                                .a_batch_stride = m * kInner,
                                                .b = setup.normals(kBatch * kInner * kWidth),
                                                .b_stride = kWidth,
                                                .b_batch_stride = kInner * kWidth,
                                                .batch = {.fixed = kBatch},
                                                .m = {.fixed = m},
                                                .k = kInner,
                                                .n = kWidth,
                                                .out = setup.zeros<float>(kBatch * m * kWidth)});
                        }});
  }
  return out;
}

BenchCases sample_cases() {
  const SampleRule greedy{.temperature = 0,
                          .top_k = 0,
                          .top_p = 1,
                          .min_p = 0,
                          .repetition_penalty = 1,
                          .frequency_penalty = 0,
                          .presence_penalty = 0,
                          .seed = 1,
                          .counter = 0,
                          .history_begin = 0,
                          .history_size = 0,
                          .answer_begin = 0};
  SampleRule drawn = greedy;
  drawn.temperature = 0.8f;
  drawn.top_k = 40;
  drawn.top_p = 0.95f;
  BenchCases out;
  for (const int64_t vocab : {49152, 151936}) {
    for (const auto& [name, rule] : {std::pair("greedy", greedy), std::pair("top_k:40", drawn)}) {
      out.list.push_back({concat(vocab, "/", name), [=, rule = rule](BenchSetup& setup) {
                            auto* kept = setup.zeros<SampleRule>(1);
                            *kept = rule;
                            setup.call(SampleParams{.logits = setup.normals(vocab),
                                                    .logits_stride = vocab,
                                                    .rules = kept,
                                                    .history = nullptr,
                                                    .rows = {.fixed = 1},
                                                    .vocab = vocab,
                                                    .scratch = setup.zeros<std::byte>(vocab * 8),
                                                    .out = setup.zeros<int32_t>(1)});
                          }});
    }
  }
  return out;
}

BenchCases probe_read_cases() { return {.none = "the limit of bytes is measured with it"}; }
BenchCases probe_dot_cases() { return {.none = "the limit of integer dots is measured with it"}; }
BenchCases probe_bf16_cases() { return {.none = "the limit of bf16 is measured with it"}; }
BenchCases probe_fma_cases() { return {.none = "the limit of f32 is measured with it"}; }

}  // namespace pio::kernels::bench
