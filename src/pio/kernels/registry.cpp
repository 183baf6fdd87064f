// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/registry.h"

#include <array>

#include "pio/base/cpu_info.h"
#include "pio/base/env.h"
#include "pio/base/error.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

constexpr size_t kIsaCount = std::size(kIsas);
constexpr std::array<std::string_view, kIsaCount> kIsaNames = {"reference", "avx2", "avxvnni", "avx512",
                                                               "avx512_bf16"};

template <class Params, void (*Fn)(const Params&, int64_t, int64_t) noexcept>
void run_thunk(const void* params, int64_t begin, int64_t end) noexcept {
  Fn(*static_cast<const Params*>(params), begin, end);
}

template <class Params, int64_t (*Fn)(const Params&) noexcept>
int64_t tasks_thunk(const void* params) noexcept {
  return Fn(*static_cast<const Params*>(params));
}

constexpr int kKernelCount = 0
#define PIO_KERNEL(id, params) +1
#define PIO_KERNEL_ISA(id, isa)
#include "pio/kernels/kernels.inc"
#undef PIO_KERNEL
#undef PIO_KERNEL_ISA
    ;

using Row = std::array<Kernel, kIsaCount>;

constexpr Isa kIsa_avx2 = Isa::kAvx2;        // NOLINT(readability-identifier-naming): pasted names
constexpr Isa kIsa_avxvnni = Isa::kAvxVnni;  // NOLINT(readability-identifier-naming)
constexpr Isa kIsa_avx512 = Isa::kAvx512;    // NOLINT(readability-identifier-naming)
constexpr Isa kIsa_avx512_bf16 = Isa::kAvx512Bf16;  // NOLINT(readability-identifier-naming)

std::array<Row, kKernelCount> make_table() {
  std::array<Row, kKernelCount> table{};
#define PIO_KERNEL(id, params)                                                                \
  table[static_cast<size_t>(KernelId::k_##id)][0] = {#id, Isa::kReference,                    \
                                                     &run_thunk<params, &id##_reference>,     \
                                                     &tasks_thunk<params, &id##_tasks>};
#define PIO_KERNEL_ISA(id, isa)                                                               \
  table[static_cast<size_t>(KernelId::k_##id)][static_cast<size_t>(kIsa_##isa)] = {           \
      #id, kIsa_##isa, &run_thunk<id##_params, &id##_##isa>, &tasks_thunk<id##_params, &id##_tasks>};
#include "pio/kernels/kernels.inc"
#undef PIO_KERNEL
#undef PIO_KERNEL_ISA
  for (Row& row : table) {
    constexpr std::array<size_t, kIsaCount> kBelow = {0, 0, 1, 1, 3};
    for (size_t isa = 1; isa < kIsaCount; ++isa) {
      if (row[isa].run == nullptr) {
        row[isa] = row[kBelow[isa]];
      }
    }
  }
  return table;
}

const std::array<Row, kKernelCount>& table() {
  static const std::array<Row, kKernelCount> instance = make_table();
  return instance;
}

}  // namespace

std::string_view name(Isa isa) noexcept { return kIsaNames[static_cast<size_t>(isa)]; }

std::optional<Isa> isa_from_name(std::string_view text) noexcept {
  for (size_t i = 0; i < kIsaNames.size(); ++i) {
    if (kIsaNames[i] == text) {
      return static_cast<Isa>(i);
    }
  }
  return std::nullopt;
}

bool is_available(Isa isa) noexcept {
  const CpuInfo& cpu = cpu_info();
  switch (isa) {
    case Isa::kReference:
      return true;
    case Isa::kAvx2:
      return cpu.avx2;
    case Isa::kAvxVnni:
      return cpu.avx_vnni;
    case Isa::kAvx512:
      return cpu.avx512;
    case Isa::kAvx512Bf16:
      return cpu.avx512 && cpu.avx512_bf16;
  }
  return false;
}

// vdpbf16ps does twice the f32 rate on AMD, and half of it on Intel without AMX.
Isa best_isa() noexcept {
  const bool fast_bf16 = cpu_info().vendor == "AuthenticAMD";
  Isa best = Isa::kReference;
  for (const Isa isa : kIsas) {
    if (is_available(isa) && (isa != Isa::kAvx512Bf16 || fast_bf16)) {
      best = isa;
    }
  }
  return best;
}

Isa usable_isa(std::string_view source, std::string_view text) {
  const auto isa = isa_from_name(text);
  PIO_CHECK(isa.has_value(), source, "\"", escaped(text),
            "\": expected reference, avx2, avxvnni, avx512 or avx512_bf16");
  PIO_CHECK(is_available(*isa), source, "\"", text,
            "\": this CPU lacks it; the best it has is ", name(best_isa()));
  return *isa;
}

Isa default_isa() {
  const auto wanted = env_string("PIO_ISA");
  return wanted ? usable_isa("PIO_ISA=", *wanted) : best_isa();
}

const Kernel& kernel(KernelId id, Isa isa) noexcept {
  return table()[static_cast<size_t>(id)][static_cast<size_t>(isa)];
}

std::string_view name(KernelId id) noexcept { return kernel(id, Isa::kReference).name; }

}  // namespace pio::kernels
