// SPDX-License-Identifier: Apache-2.0
// Places values in one arena so that those alive at the same time never overlap.
#pragma once

#include <cstdint>
#include <vector>

namespace pio::plan {

/// A value and the steps, first to last inclusive, during which its bytes must stay.
struct Lifetime {
  int64_t size_bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
};

/// Offsets in the order of `values`, each a multiple of 64, and the bytes needed in all.
struct Placement {
  std::vector<int64_t> offsets;
  int64_t size_bytes = 0;
};

/// Largest first, each at the lowest offset free during its life.
[[nodiscard]] Placement place(const std::vector<Lifetime>& values);

}  // namespace pio::plan
