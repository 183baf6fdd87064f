// SPDX-License-Identifier: Apache-2.0
#include "pio/base/memory_info.h"

#include <gtest/gtest.h>

#include <string>

namespace pio {
namespace {

constexpr const char* kMeminfo = "MemTotal:  8000 kB\nMemFree: 1 kB\nMemAvailable:    4000 kB\n";

TEST(MemoryInfo, TheMachineAlone) {
  EXPECT_EQ(available_memory_bytes({.meminfo = kMeminfo}), 4000 * 1024);
  EXPECT_EQ(
      available_memory_bytes({.meminfo = kMeminfo, .cgroup_max = "max\n", .cgroup_current = "5\n"}),
      4000 * 1024);
}

// A file just read fills the page cache up to the limit, and is no reason to refuse a model.
TEST(MemoryInfo, PageCacheOfTheCgroupCountsAsFree) {
  MemoryFiles files{.meminfo = kMeminfo,
                    .cgroup_max = "1000000\n",
                    .cgroup_current = "950000\n",
                    .cgroup_stat =
                        "anon 90000\nfile 860000\ninactive_anon 7\nactive_anon 8\n"
                        "inactive_file 800000\nactive_file 50000\n"};
  EXPECT_EQ(available_memory_bytes(files), 900000);
  files.cgroup_stat.clear();
  EXPECT_EQ(available_memory_bytes(files), 50000);
}

TEST(MemoryInfo, NothingLeftDiffersFromUnknown) {
  EXPECT_EQ(
      available_memory_bytes({.meminfo = kMeminfo, .cgroup_max = "100", .cgroup_current = "200"}),
      0);
  EXPECT_EQ(available_memory_bytes(MemoryFiles{}), std::nullopt);
  EXPECT_EQ(available_memory_bytes(
                {.meminfo = "MemAvailable: x kB", .cgroup_max = "", .cgroup_current = ""}),
            std::nullopt);
}

TEST(MemoryInfo, TotalIsMemoryWithinTheLimitAndSwap) {
  const std::string meminfo = std::string(kMeminfo) + "SwapTotal: 1000 kB\n";
  EXPECT_EQ(total_memory_bytes({.meminfo = meminfo}), 9000 * 1024);
  EXPECT_EQ(total_memory_bytes({.meminfo = meminfo, .cgroup_max = "max\n"}), 9000 * 1024);
  EXPECT_EQ(total_memory_bytes({.meminfo = meminfo, .cgroup_max = "5000\n"}), 5000 + 1000 * 1024);
  EXPECT_EQ(total_memory_bytes(MemoryFiles{}), std::nullopt);
}

TEST(MemoryInfo, ThisProcessHasAndMayTakeSome) {
  EXPECT_GT(available_memory_bytes().value_or(0), 1 << 20);
  EXPECT_GE(total_memory_bytes(), available_memory_bytes());
  EXPECT_GT(resident_bytes(), 1 << 20);
}

}  // namespace
}  // namespace pio
