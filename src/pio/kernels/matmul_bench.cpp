// SPDX-License-Identifier: Apache-2.0
// Speed of every matmul on one thread: GMAC/s and, for the weights, GB/s; best of many short
// rounds, since other load only ever slows a round down. Usage: matmul_bench [name filter] [isa]
// [rounds].
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "pio/kernels/kernels.h"
#include "pio/kernels/layouts/packed.h"
#include "pio/kernels/registry.h"

namespace pio::kernels {
namespace {

using quant::QuantType;

struct Bench {
  KernelId id;
  QuantType type;
};
constexpr Bench kBenches[] = {
    {KernelId::k_matmul_q4_0, QuantType::kQ4_0}, {KernelId::k_matmul_q4_1, QuantType::kQ4_1},
    {KernelId::k_matmul_q8_0, QuantType::kQ8_0}, {KernelId::k_matmul_q4_k, QuantType::kQ4_K},
    {KernelId::k_matmul_q6_k, QuantType::kQ6_K}, {KernelId::k_matmul_f32, QuantType::kF32},
    {KernelId::k_matmul_f16, QuantType::kF16},   {KernelId::k_matmul_bf16, QuantType::kBF16},
};

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Seconds of the fastest of `rounds` rounds, each long enough for the clock.
double best_seconds(const Kernel& kernel, const MatmulParams& p, int rounds) {
  const int64_t tasks = kernel.tasks(&p);
  double best = 1e9;
  int repeats = 1;
  for (int round = 0; round < rounds; ++round) {
    const double begin = seconds();
    for (int i = 0; i < repeats; ++i) {
      kernel.run(&p, 0, tasks);
    }
    const double took = seconds() - begin;
    best = std::min(best, took / repeats);
    if (took < 1e-3) {
      repeats *= 2;
    }
  }
  return best;
}

// Packed weights of random bits, whose f16 and bf16 words are small normal numbers (as are all of
// x): no arithmetic on subnormals, which real weights do not bring either and some CPUs do slowly.
void fill_weight(QuantType type, std::byte* weight, int64_t bytes, std::mt19937& random) {
  const bool f32 = type == QuantType::kF32;
  for (int64_t i = 0; i < bytes; i += 4) {
    const uint32_t bits = (random() & 0x03ff03ffu) | (f32 ? 0x3f000000u : 0x3c003c00u);
    std::memcpy(weight + i, &bits, 4);
  }
}

std::vector<std::byte> random_rows(bool is_float, int64_t rows, int64_t dim, std::mt19937& random) {
  std::vector<float> x(static_cast<size_t>(rows * dim));
  std::normal_distribution<float> normal;
  for (float& value : x) {
    value = normal(random);
  }
  std::vector<std::byte> out(
      static_cast<size_t>(rows * (is_float ? dim * 4 : activation_row_bytes(dim))));
  if (is_float) {
    std::memcpy(out.data(), x.data(), out.size());
    return out;
  }
  const QuantRowsParams p = {.x = x.data(),
                             .x_stride = dim,
                             .rows = {.fixed = rows},
                             .dim = dim,
                             .out = out.data(),
                             .out_stride_bytes = activation_row_bytes(dim)};
  quant_rows_reference(p, 0, rows);
  return out;
}

void bench(const Bench& b, const Kernel& kernel, int64_t out_features, int64_t in_features,
           int64_t rows, int rounds) {
  const bool is_float = quant::traits(b.type).block_weights == 1;
  std::mt19937 random(1);
  const int64_t weight_bytes = packed_bytes(b.type, out_features, in_features);
  std::vector<std::byte> room(static_cast<size_t>(weight_bytes) + 8192);  // 64-byte alignment
  std::byte* weight = room.data() + (64 - reinterpret_cast<uintptr_t>(room.data()) % 64) % 64;
  fill_weight(b.type, weight, weight_bytes, random);
  const int64_t stride = is_float ? in_features * 4 : activation_row_bytes(in_features);
  const std::vector<std::byte> x = random_rows(is_float, rows, in_features, random);
  std::vector<float> out(static_cast<size_t>(rows * out_features));
  MatmulParams p{};
  p.weight = weight;
  p.out_features = out_features;
  p.in_features = in_features;
  p.x = x.data();
  p.x_stride_bytes = stride;
  p.rows = {.fixed = rows};
  p.out = out.data();
  p.out_stride = out_features;
  const double best = best_seconds(kernel, p, rounds);
  std::printf("%-12s %-9s %4ldx%-4ld rows %4ld %8.1f us %7.1f GMAC/s %6.1f GB/s\n",
              std::string(kernel.name).c_str(), std::string(name(kernel.isa)).c_str(),
              static_cast<long>(out_features), static_cast<long>(in_features),
              static_cast<long>(rows), best * 1e6,
              static_cast<double>(rows * out_features * in_features) / best * 1e-9,
              static_cast<double>(weight_bytes) / best * 1e-9);
}

void bench_all(const std::string& filter, const std::string& isa_name, int rounds) {
  for (const Isa isa : {Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512}) {
    for (const Bench& b : kBenches) {
      const Kernel& fast = kernel(b.id, isa);
      if (fast.isa != isa || !is_available(isa) || (!isa_name.empty() && isa_name != name(isa)) ||
          fast.name.find(filter) == std::string_view::npos) {
        continue;
      }
      for (const int64_t rows : {1, 8, 64, 512}) {
        bench(b, fast, 1536, b.type == QuantType::kQ4_K || b.type == QuantType::kQ6_K ? 512 : 576,
              rows, rounds);
        bench(b, fast, 3072, 1024, rows, rounds);
      }
    }
  }
}

}  // namespace
}  // namespace pio::kernels

int main(int argc, char** argv) {
  pio::kernels::bench_all(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "",
                          argc > 3 ? std::atoi(argv[3]) : 100);
  return 0;
}
