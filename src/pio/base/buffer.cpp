// SPDX-License-Identifier: Apache-2.0
#include "pio/base/buffer.h"

#include <sys/mman.h>

#include "pio/base/checked.h"
#include "pio/base/error.h"

namespace pio {
namespace {

constexpr int64_t kHugePage = int64_t{2} << 20;

}  // namespace

Buffer::Buffer(int64_t size_bytes, bool huge_pages) : size_(size_bytes) {
  PIO_CHECK(size_bytes >= 0, "[buffer] got ", size_bytes, " bytes, expected at least 0");
  if (size_bytes == 0) {
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

}  // namespace pio
