// SPDX-License-Identifier: Apache-2.0
#include "pio/base/buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "pio/base/checked.h"
#include "pio/base/error.h"

namespace pio {
namespace {

constexpr int64_t kHugePage = int64_t{2} << 20;

// The number behind `key` in a "/proc"-style file, in kB, as bytes.
int64_t proc_value(const char* path, const std::string& key) {
  std::ifstream in(path);
  for (std::string word; in >> word;) {
    int64_t value = 0;
    if (word == key && in >> value) {
      return value * 1024;
    }
  }
  return 0;
}

int64_t number_in(const char* path) {
  std::ifstream in(path);
  int64_t value = -1;
  return in >> value ? value : -1;
}

}  // namespace

Buffer::Buffer(int64_t size_bytes, bool huge_pages) : size_(size_bytes) {
  if (size_bytes <= 0) {
    size_ = 0;
    return;
  }
  mapping_size_ = static_cast<size_t>(size_bytes + (huge_pages ? kHugePage : 0));
  mapping_ = ::mmap(nullptr, mapping_size_, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    fail(ErrorCode::kOutOfMemory, concat("cannot map ", size_bytes, " bytes"));
  }
  data_ = static_cast<std::byte*>(mapping_);
  if (huge_pages) {
    data_ = reinterpret_cast<std::byte*>(
        align_up(reinterpret_cast<int64_t>(data_), kHugePage));  // NOLINT(performance-no-int-to-ptr)
    ::madvise(data_, static_cast<size_t>(size_bytes), MADV_HUGEPAGE);
  }
}

Buffer::~Buffer() {
  if (mapping_ != nullptr) {
    ::munmap(mapping_, mapping_size_);
  }
}

int64_t available_memory_bytes() {
  int64_t available = proc_value("/proc/meminfo", "MemAvailable:");
  const int64_t limit = number_in("/sys/fs/cgroup/memory.max");
  const int64_t used = number_in("/sys/fs/cgroup/memory.current");
  if (limit > 0 && used >= 0) {
    available = std::min(available, std::max<int64_t>(limit - used, 0));
  }
  return available;
}

int64_t total_memory_bytes() {
  int64_t memory = proc_value("/proc/meminfo", "MemTotal:");
  if (const int64_t limit = number_in("/sys/fs/cgroup/memory.max"); limit > 0) {
    memory = std::min(memory, limit);
  }
  return memory + proc_value("/proc/meminfo", "SwapTotal:");
}

int64_t resident_bytes() { return proc_value("/proc/self/status", "VmRSS:"); }
int64_t peak_resident_bytes() { return proc_value("/proc/self/status", "VmHWM:"); }

}  // namespace pio
