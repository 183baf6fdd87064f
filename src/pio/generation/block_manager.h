// SPDX-License-Identifier: Apache-2.0
// Hands out pages of the KV cache. A page holds kPageSize positions in every layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pio::generation {

/// Free list with reference counts, so that sequences can share pages. Lowest pages first: memory that was
/// never used is not touched before it must be.
class BlockManager {
 public:
  /// All `pages` pages are free. pages: at most INT32_MAX.
  explicit BlockManager(int64_t pages);

  /// A page with one reference, or -1 if none is free.
  [[nodiscard]] int32_t allocate() noexcept;
  /// Adds a reference to a page that is in use.
  void share(int32_t page) noexcept { ++references_[static_cast<size_t>(page)]; }
  /// Takes a reference away; without any the page is free, and the next to be handed out.
  void release(int32_t page) noexcept;

  /// Whether a page has several references: it must not be written.
  [[nodiscard]] bool is_shared(int32_t page) const noexcept {
    return references_[static_cast<size_t>(page)] > 1;
  }
  [[nodiscard]] int64_t free_pages() const noexcept { return static_cast<int64_t>(free_.size()); }
  [[nodiscard]] int64_t pages() const noexcept { return static_cast<int64_t>(references_.size()); }

 private:
  std::vector<int32_t> references_;
  std::vector<int32_t> free_;  ///< the next one last
};

}  // namespace pio::generation
