// SPDX-License-Identifier: Apache-2.0
// Speed of every matmul on one thread: GMAC/s and, for the weights, GB/s; best of many short rounds, since
// other load only ever slows a round down. Usage: matmul_bench [name filter] [isa] [rounds].
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
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

void bench(const Bench& b, const Kernel& kernel, int64_t out_features, int64_t in_features,
           int64_t rows, int rounds) {
  const bool is_float = quant::traits(b.type).block_weights == 1;
  std::mt19937 random(1);
  const int64_t weight_bytes = packed_bytes(b.type, out_features, in_features);
  std::vector<std::byte> room(static_cast<size_t>(weight_bytes) + 8192);  // 64-byte alignment
  std::byte* weight = room.data() + (64 - reinterpret_cast<uintptr_t>(room.data()) % 64) % 64;
  for (int64_t i = 0; i < weight_bytes; ++i) {
    weight[i] = static_cast<std::byte>(random() & 0x33u);  // f16, bf16 and f32 alike stay small
  }
  const int64_t stride = is_float ? in_features * 4 : activation_row_bytes(in_features);
  std::vector<std::byte> x(static_cast<size_t>(rows * stride));
  for (auto& byte : x) {
    byte = static_cast<std::byte>(random() & 0x33u);
  }
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
