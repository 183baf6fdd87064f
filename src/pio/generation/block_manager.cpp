// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/block_manager.h"

namespace pio::generation {

BlockManager::BlockManager(int64_t pages) : references_(static_cast<size_t>(pages), 0) {
  free_.reserve(references_.size());
  for (int64_t page = pages - 1; page >= 0; --page) {
    free_.push_back(static_cast<int32_t>(page));
  }
}

int32_t BlockManager::allocate() noexcept {
  if (free_.empty()) {
    return -1;
  }
  const int32_t page = free_.back();
  free_.pop_back();
  references_[static_cast<size_t>(page)] = 1;
  return page;
}

void BlockManager::release(int32_t page) noexcept {
  if (--references_[static_cast<size_t>(page)] == 0) {
    free_.push_back(page);  // never more than reserved
  }
}

}  // namespace pio::generation
