// SPDX-License-Identifier: Apache-2.0
#include "pio/base/memory_info.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>

namespace pio {
namespace {

std::string text_of(const char* path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The number at the start of `text`, blanks skipped.
std::optional<int64_t> number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? std::optional(value) : std::nullopt;
}

// The number in the line that begins with `key`.
std::optional<int64_t> number_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) {
      return number(line.substr(key.size()));
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

// The line's number of KiB as bytes.
std::optional<int64_t> bytes_of(std::string_view text, std::string_view key) {
  const auto kib = number_of(text, key);
  return kib ? std::optional(*kib * 1024) : std::nullopt;
}

std::optional<int64_t> lesser(std::optional<int64_t> a, std::optional<int64_t> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

MemoryFiles memory_files() {
  return {.meminfo = text_of("/proc/meminfo"),
          .cgroup_max = text_of("/sys/fs/cgroup/memory.max"),
          .cgroup_current = text_of("/sys/fs/cgroup/memory.current"),
          .cgroup_stat = text_of("/sys/fs/cgroup/memory.stat")};
}

std::optional<int64_t> left_in_cgroup(const MemoryFiles& files) {
  const auto limit = number(files.cgroup_max);
  const auto used = number(files.cgroup_current);
  if (!limit || !used) {
    return std::nullopt;
  }
  // `used` counts the page cache, which gives way; "file" itself would count tmpfs too, which does
  // not.
  const int64_t cache = number_of(files.cgroup_stat, "inactive_file ").value_or(0) +
                        number_of(files.cgroup_stat, "active_file ").value_or(0);
  return std::clamp<int64_t>(*limit - *used + cache, 0, *limit);
}

}  // namespace

std::optional<int64_t> available_memory_bytes(const MemoryFiles& files) {
  return lesser(bytes_of(files.meminfo, "MemAvailable:"), left_in_cgroup(files));
}

std::optional<int64_t> total_memory_bytes(const MemoryFiles& files) {
  const auto memory = lesser(bytes_of(files.meminfo, "MemTotal:"), number(files.cgroup_max));
  return memory ? std::optional(*memory + bytes_of(files.meminfo, "SwapTotal:").value_or(0))
                : std::nullopt;
}

std::optional<int64_t> available_memory_bytes() { return available_memory_bytes(memory_files()); }
std::optional<int64_t> total_memory_bytes() { return total_memory_bytes(memory_files()); }

int64_t resident_bytes() { return bytes_of(text_of("/proc/self/status"), "VmRSS:").value_or(0); }

}  // namespace pio
