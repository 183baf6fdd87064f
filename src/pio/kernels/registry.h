// SPDX-License-Identifier: Apache-2.0
// The kernel table: per instruction set, the best version of every kernel.
#pragma once

#include <optional>
#include <string_view>

#include "pio/kernels/kernel.h"

namespace pio::kernels {

/// One row of the table.
struct Kernel {
  std::string_view name;  ///< "matmul_q8_0"
  Isa isa;                ///< the instruction set of `run`
  KernelFn run;
  TaskCountFn tasks;
};

/// "reference", "avx2", "avxvnni" or "avx512".
[[nodiscard]] std::string_view name(Isa isa) noexcept;
/// The instruction set called `text`, or nothing.
[[nodiscard]] std::optional<Isa> isa_from_name(std::string_view text) noexcept;

/// Whether this CPU runs `isa`.
[[nodiscard]] bool is_available(Isa isa) noexcept;
/// The best instruction set of this CPU: a function of CPUID alone.
[[nodiscard]] Isa best_isa() noexcept;
/// The instruction set called `text`, which this CPU must have; "avx512_bf16" takes the kernels of avx512.
/// source: put before the name in messages. Errors: kInvalidArgument: unknown, or not to be had on this CPU.
[[nodiscard]] Isa usable_isa(std::string_view source, std::string_view text);
/// The set that PIO_ISA names, else best_isa(). Errors: kInvalidArgument naming PIO_ISA's value when it
/// is unknown or not to be had on this CPU.
[[nodiscard]] Isa default_isa();

/// The kernel to use on `isa`: its own version, else that of the nearest lower set that has one.
[[nodiscard]] const Kernel& kernel(KernelId id, Isa isa) noexcept;
/// The name of `id`.
[[nodiscard]] std::string_view name(KernelId id) noexcept;

}  // namespace pio::kernels
