// SPDX-License-Identifier: Apache-2.0
#include "pio/base/cpu_info.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>

namespace pio {
namespace {

TEST(CpuInfo, FeaturesBuildOnEachOther) {
  const CpuInfo& cpu = cpu_info();
  EXPECT_FALSE(cpu.vendor.empty());
  EXPECT_GT(cpu.family, 0);
  EXPECT_TRUE(cpu.avx2 || !cpu.avx_vnni);
  EXPECT_TRUE(cpu.avx2 || !cpu.avx512);
  EXPECT_TRUE(cpu.avx512 || !cpu.avx512_bf16);
}

TEST(CpuInfo, AffinityIsThatOfTheSystem) {
  const std::vector<int> cpus = affinity_cpus();
  ASSERT_FALSE(cpus.empty());
  EXPECT_TRUE(std::is_sorted(cpus.begin(), cpus.end()));
  EXPECT_NE(std::find(cpus.begin(), cpus.end(), ::sched_getcpu()), cpus.end());
  EXPECT_GE(usable_cpus(), 1);
  EXPECT_LE(usable_cpus(), static_cast<int>(cpus.size()));
}

TEST(CpuInfo, AMaskHoldsItsCpuAlone) {
  for (const int cpu : {0, 63, 64, 1024, 4000}) {
    const auto mask = cpu_mask(cpu);
    for (size_t at = 0; at < mask.size(); ++at) {
      EXPECT_EQ(mask[at], at == static_cast<size_t>(cpu) / 64 ? 1ul << cpu % 64 : 0ul);
    }
    EXPECT_EQ(mask.size(), static_cast<size_t>(cpu) / 64 + 1);
  }
}

}  // namespace
}  // namespace pio
