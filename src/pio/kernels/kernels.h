// SPDX-License-Identifier: Apache-2.0
// Declarations of every kernel and its task counts, generated from kernels.inc.
#pragma once

#include "pio/kernels/params.h"

namespace pio::kernels {

#define PIO_KERNEL(id, params)                                                                    \
  int64_t id##_tasks(const params& p) noexcept;                                                   \
  void id##_reference(const params& p, int64_t task_begin, int64_t task_end) noexcept;            \
  using id##_params = params;
#define PIO_KERNEL_ISA(id, isa)                                                                   \
  void id##_##isa(const id##_params& p, int64_t task_begin, int64_t task_end) noexcept;
#include "pio/kernels/kernels.inc"
#undef PIO_KERNEL
#undef PIO_KERNEL_ISA

}  // namespace pio::kernels
