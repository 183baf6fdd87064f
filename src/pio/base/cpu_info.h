// SPDX-License-Identifier: Apache-2.0
// What this CPU is and which instruction sets it and the kernel offer.
#pragma once

#include <string>
#include <vector>

namespace pio {

/// Facts from CPUID and XGETBV; the numeric path depends on these alone.
struct CpuInfo {
  std::string vendor;  ///< "GenuineIntel", "AuthenticAMD"
  std::string brand;   ///< the marketing name
  int family = 0;      ///< display family
  int model = 0;       ///< display model
  bool avx2 = false;         ///< AVX2, FMA, F16C and BMI2
  bool avx_vnni = false;     ///< VEX vpdpbusd
  bool avx512 = false;       ///< AVX-512 F, BW, VL, DQ and VNNI
  bool avx512_bf16 = false;  ///< vdpbf16ps
};

/// Read once per process.
[[nodiscard]] const CpuInfo& cpu_info();

/// Numbers of the CPUs in this process's affinity mask, rising; any number of them. Empty if unknown.
[[nodiscard]] std::vector<int> affinity_cpus();

/// An affinity mask of `cpu` alone, for sched_setaffinity and its kin.
[[nodiscard]] std::vector<unsigned long> cpu_mask(int cpu);  // NOLINT(google-runtime-int): the kernel's

/// CPUs that this process may run on: its affinity mask, cut by the cgroup's CPU quota; at least 1.
[[nodiscard]] int usable_cpus();

/// Whether the affinity mask holds every CPU of the machine (then pinning harms nobody's choice).
[[nodiscard]] bool has_whole_affinity_mask();

}  // namespace pio
