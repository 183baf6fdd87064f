// SPDX-License-Identifier: Apache-2.0
// For kernel benchmarks: the arrays and calls of one, and the list of all. <family>_bench.cpp says
// on what each kernel is measured, kernels_bench.cpp measures.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pio/base/buffer.h"
#include "pio/base/error.h"
#include "pio/kernels/kernel.h"
#include "pio/kernels/layouts/packed.h"

namespace pio::kernels::bench {

/// The arrays of a benchmark, and its calls: the same work each, done in turn.
class BenchSetup {
 public:
  /// `count` zeros.
  template <class T>
  [[nodiscard]] T* zeros(int64_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    // Arrays that all began a page would meet in the same sets of the cache.
    const auto offset = static_cast<int64_t>(arrays_.size() % 16) * 320;
    const int64_t bytes = count * static_cast<int64_t>(sizeof(T)) + offset;
    arrays_.emplace_back(bytes, bytes >= kHugeFrom);
    return reinterpret_cast<T*>(arrays_.back().data() + offset);
  }
  /// Normally distributed numbers.
  [[nodiscard]] float* normals(int64_t count) {
    auto* out = zeros<float>(count);
    std::normal_distribution<float> normal;
    std::generate_n(out, count, [&] { return normal(random_); });
    return out;
  }
  /// 0, 1, 2 ... times `step`.
  [[nodiscard]] int32_t* counted(int64_t count, int32_t step = 1) {
    auto* out = zeros<int32_t>(count);
    for (int64_t i = 0; i < count; ++i) {
      out[i] = static_cast<int32_t>(i) * step;
    }
    return out;
  }
  /// A packed matrix of random bits, whose f16 and bf16 words are small normal numbers: real
  /// weights bring no subnormals either, which some CPUs do slowly.
  [[nodiscard]] const std::byte* weight(quant::QuantType type, int64_t rows, int64_t cols) {
    const uint32_t exponents = type == quant::QuantType::kF32 ? 0x3f000000u : 0x3c003c00u;
    const int64_t words = packed_bytes(type, rows, cols) / 4;
    auto* out = zeros<uint32_t>(words);
    std::generate_n(out, words, [&] { return (random_() & 0x03ff03ffu) | exponents; });
    return reinterpret_cast<const std::byte*>(out);
  }
  [[nodiscard]] std::mt19937& random() noexcept { return random_; }

  /// One more call.
  template <class Params>
  void call(const Params& params) {
    auto* kept = zeros<Params>(1);
    std::memcpy(static_cast<void*>(kept), &params, sizeof(Params));
    calls_.push_back(kept);
  }
  [[nodiscard]] std::span<const void* const> calls() const noexcept { return calls_; }

 private:
  static constexpr int64_t kHugeFrom = int64_t{4} << 20;  // as CpuDevice

  std::vector<Buffer> arrays_;
  std::vector<const void*> calls_;
  std::mt19937 random_{1};
};

/// One benchmark: "3072x1024/rows:8", and what makes its arrays and at least one call.
struct BenchCase {
  std::string name;
  std::function<void(BenchSetup&)> make;
};

/// The benchmarks of a kernel, quick ones first, or the reason why there are none.
struct BenchCases {
  std::vector<BenchCase> list = {};
  std::string_view none = {};
};

// A kernel with a version for an instruction set has <kernel>_cases() somewhere, or the program
// does not link.
#define PIO_KERNEL(id, params)
#define PIO_KERNEL_ISA(id, isa) [[nodiscard]] BenchCases id##_cases();
#include "pio/kernels/kernels.inc"
#undef PIO_KERNEL_ISA

/// A version of a kernel and its benchmarks.
struct BenchKernel {
  KernelId id;
  std::string_view isa;
  BenchCases (*cases)();
};
inline constexpr BenchKernel kBenchKernels[] = {
#define PIO_KERNEL_ISA(id, isa) {KernelId::k_##id, #isa, &id##_cases},
#include "pio/kernels/kernels.inc"
#undef PIO_KERNEL
#undef PIO_KERNEL_ISA
};

/// Rows of a call that answers one sequence, and of one that reads a prompt.
inline constexpr int64_t kBenchRows[] = {1, 512};

/// Benchmarks "<dim>/rows:<rows>" for kernels on rows. make(setup, rows, dim) fills one in.
template <class Make>
[[nodiscard]] BenchCases row_cases(std::initializer_list<int64_t> dims, const Make& make) {
  BenchCases out;
  for (const int64_t rows : kBenchRows) {
    for (const int64_t dim : dims) {
      out.list.push_back(
          {concat(dim, "/rows:", rows), [=](BenchSetup& setup) { make(setup, rows, dim); }});
    }
  }
  return out;
}

}  // namespace pio::kernels::bench
