// SPDX-License-Identifier: Apache-2.0
// What a kernel is, and the counts that it reads at run time.
#pragma once

#include <cstdint>
#include <string_view>

namespace pio::kernels {

/// A CPU kernel: computes tasks [task_begin, task_end) of its family's split of the work. `params`
/// points to the family's parameter struct. Pure: reads and writes only through the pointers in it.
using KernelFn = void (*)(const void* params, int64_t task_begin, int64_t task_end) noexcept;

/// How many tasks the live counts in `params` make; 0 when there is nothing to do.
using TaskCountFn = int64_t (*)(const void* params) noexcept;

/// Instruction sets with kernels of their own, each including those before it, but that kAvxVnni and
/// kAvx512 both build on kAvx2 alone.
enum class Isa : uint8_t { kReference, kAvx2, kAvxVnni, kAvx512, kAvx512Bf16 };

/// All of them, in that order.
inline constexpr Isa kIsas[] = {Isa::kReference, Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512,
                                Isa::kAvx512Bf16};

/// Every kernel, by the name of its scalar reference.
enum class KernelId : uint16_t {
#define PIO_KERNEL(id, params) k_##id,
#define PIO_KERNEL_ISA(id, isa)
#include "pio/kernels/kernels.inc"
#undef PIO_KERNEL
#undef PIO_KERNEL_ISA
};

/// A count fixed when planning, or one read from the step's input block: *live * mul / div.
struct Count {
  const int32_t* live = nullptr;
  int64_t fixed = 0;
  int64_t mul = 1;
  int64_t div = 1;

  // Always inlined: an out-of-line copy from an AVX-512 object must not serve the others.
  [[nodiscard, gnu::always_inline]] int64_t get() const noexcept {
    return live != nullptr ? int64_t{*live} * mul / div : fixed;
  }
};

}  // namespace pio::kernels
