// SPDX-License-Identifier: Apache-2.0
#include "pio/base/cpu_info.h"

#include <cpuid.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>

namespace pio {
namespace {

constexpr size_t kMaskBits = 8 * sizeof(unsigned long);  // NOLINT(google-runtime-int)

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  Registers r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) {
    return {};
  }
  return r;
}

uint64_t xgetbv0() {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
}

bool bit(uint32_t value, int index) { return ((value >> index) & 1u) != 0; }

CpuInfo read_cpu() {
  CpuInfo info;
  const Registers zero = cpuid(0);
  std::array<char, 13> vendor{};
  std::memcpy(vendor.data(), &zero.ebx, 4);
  std::memcpy(vendor.data() + 4, &zero.edx, 4);
  std::memcpy(vendor.data() + 8, &zero.ecx, 4);
  info.vendor = vendor.data();
  if (cpuid(0x80000000u).eax >= 0x80000004u) {
    std::array<Registers, 3> parts = {cpuid(0x80000002u), cpuid(0x80000003u), cpuid(0x80000004u)};
    std::array<char, 49> brand{};
    std::memcpy(brand.data(), parts.data(), 48);
    info.brand = brand.data();
  }
  const Registers one = cpuid(1);
  const int base_family = static_cast<int>((one.eax >> 8) & 0xf);
  info.family = base_family == 0xf ? base_family + static_cast<int>((one.eax >> 20) & 0xff) : base_family;
  info.model = static_cast<int>(((one.eax >> 4) & 0xf) | ((one.eax >> 12) & 0xf0));

  const bool os_saves = bit(one.ecx, 27);
  const uint64_t saved = os_saves ? xgetbv0() : 0;
  const bool ymm = (saved & 0x6) == 0x6;
  const bool zmm = (saved & 0xe6) == 0xe6;
  const Registers seven = cpuid(7);
  const Registers seven_one = seven.eax >= 1 ? cpuid(7, 1) : Registers{};
  info.avx2 = ymm && bit(seven.ebx, 5) && bit(one.ecx, 12) && bit(one.ecx, 29) && bit(seven.ebx, 8);
  info.avx_vnni = info.avx2 && bit(seven_one.eax, 4);
  info.avx512 = info.avx2 && zmm && bit(seven.ebx, 16) && bit(seven.ebx, 17) && bit(seven.ebx, 30) &&
                bit(seven.ebx, 31) && bit(seven.ecx, 11);
  info.avx512_bf16 = info.avx512 && bit(seven_one.eax, 5);
  return info;
}

// Whole CPUs of the cgroup's quota, or a large number without one.
int quota_cpus() {
  std::ifstream in("/sys/fs/cgroup/cpu.max");
  int64_t quota = 0;
  int64_t period = 0;
  if (in >> quota >> period && quota > 0 && period > 0) {
    return static_cast<int>(std::max<int64_t>(1, quota / period));
  }
  return 1 << 20;
}

}  // namespace

const CpuInfo& cpu_info() {
  static const CpuInfo info = read_cpu();
  return info;
}

std::vector<int> affinity_cpus() {
  std::vector<int> cpus;
  // The kernel refuses a mask shorter than its own, with EINVAL.
  for (size_t bits = 1024; bits <= size_t{1} << 20; bits *= 2) {
    std::vector<unsigned long> mask(bits / kMaskBits);  // NOLINT(google-runtime-int)
    if (::sched_getaffinity(0, bits / 8, reinterpret_cast<cpu_set_t*>(mask.data())) == 0) {
      for (size_t cpu = 0; cpu < bits; ++cpu) {
        if ((mask[cpu / kMaskBits] >> cpu % kMaskBits & 1u) != 0) {
          cpus.push_back(static_cast<int>(cpu));
        }
      }
      break;
    }
    if (errno != EINVAL) {
      break;
    }
  }
  return cpus;
}

std::vector<unsigned long> cpu_mask(int cpu) {  // NOLINT(google-runtime-int)
  const auto at = static_cast<size_t>(cpu);
  std::vector<unsigned long> mask(at / kMaskBits + 1);  // NOLINT(google-runtime-int)
  mask[at / kMaskBits] = 1ul << at % kMaskBits;
  return mask;
}

int usable_cpus() {
  return std::max(1, std::min(static_cast<int>(affinity_cpus().size()), quota_cpus()));
}

bool has_whole_affinity_mask() {
  return static_cast<int64_t>(affinity_cpus().size()) == ::sysconf(_SC_NPROCESSORS_ONLN);
}

}  // namespace pio
