// SPDX-License-Identifier: Apache-2.0
// The memory of cached states: for each, all its pages in a row.
#pragma once

#include <vector>

#include "pio/generation/block_manager.h"
#include "pio/kernels/device.h"
#include "pio/plan/plan_cache.h"

namespace pio::generation {

/// Pages of every state of a model on one device. Memory that no sequence used costs nothing.
class KvCache {
 public:
  /// pages: number of pages, the same for all states. Errors: kOutOfMemory.
  KvCache(std::shared_ptr<kernels::Device> device, const plan::PlanCache& plans, int64_t pages);

  [[nodiscard]] BlockManager& blocks() noexcept { return blocks_; }
  /// Start of each state's pages, by number.
  [[nodiscard]] std::vector<std::byte*> states() const;
  /// Bytes of one page over all states of a model.
  [[nodiscard]] static int64_t page_bytes(const plan::PlanCache& plans) noexcept;
  /// Copies page `from` to page `to` in every state.
  void copy_page(int32_t from, int32_t to);

 private:
  struct State {
    int64_t page_bytes;
    kernels::DeviceBuffer pages;
  };
  std::shared_ptr<kernels::Device> device_;
  BlockManager blocks_;
  std::vector<State> states_;
};

}  // namespace pio::generation
