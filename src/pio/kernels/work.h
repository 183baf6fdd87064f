// SPDX-License-Identifier: Apache-2.0
// How much a kernel call has to do at least: what its time is compared with.
#pragma once

#include <cstdint>
#include <string>

#include "pio/kernels/device.h"

namespace pio::kernels {

/// Bytes that must come from memory and operations of one call or of several; a multiply-add is two.
struct Work {
  int64_t weight_bytes = 0;  ///< weights in their file's format, each read once
  int64_t cache_bytes = 0;   ///< cached keys and values
  int64_t value_bytes = 0;   ///< activations read and written
  int64_t dot_ops = 0;       ///< on integers
  int64_t float_ops = 0;
  int64_t bf16_ops = 0;      ///< on bf16 weights and activations

  Work& operator+=(const Work& other) noexcept;
  [[nodiscard]] int64_t bytes() const noexcept { return weight_bytes + cache_bytes + value_bytes; }
};

/// The work of `launch` at its live counts, which the host must be able to read. Zero for kernels that
/// only move or combine few values.
[[nodiscard]] Work work_of(const Launch& launch) noexcept;

/// The kernel and what tells its calls apart: "matmul_q4_0 1536x576", "attention".
[[nodiscard]] std::string describe(const Launch& launch);

}  // namespace pio::kernels
