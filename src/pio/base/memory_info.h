// SPDX-License-Identifier: Apache-2.0
// How much memory this process has and may still take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pio {

/// Texts of the kernel's files about memory; empty where a file is missing.
struct MemoryFiles {
  std::string meminfo;         ///< /proc/meminfo
  std::string cgroup_max;      ///< memory.max of the cgroup: bytes or "max"
  std::string cgroup_current;  ///< its memory.current
  std::string cgroup_stat;     ///< its memory.stat
};

/// Bytes that a process may still take by these files: the lesser of what the machine has available
/// and what the cgroup leaves, pages of files counted as free. Nothing if neither is known.
[[nodiscard]] std::optional<int64_t> available_memory_bytes(const MemoryFiles& files);

/// Bytes of memory and swap that the machine has by these files, or less where the cgroup limits memory.
/// Nothing if unknown.
[[nodiscard]] std::optional<int64_t> total_memory_bytes(const MemoryFiles& files);

/// The same for this process, now.
[[nodiscard]] std::optional<int64_t> available_memory_bytes();
[[nodiscard]] std::optional<int64_t> total_memory_bytes();

/// Resident set of this process in bytes; 0 if unknown.
[[nodiscard]] int64_t resident_bytes();

}  // namespace pio
