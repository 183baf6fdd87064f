// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/memory_planner.h"

#include <algorithm>
#include <numeric>

#include "pio/base/checked.h"

namespace pio::plan {

Placement place(const std::vector<Lifetime>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return values[a].size_bytes > values[b].size_bytes; });
  Placement out{.offsets = std::vector<int64_t>(values.size(), 0), .size_bytes = 0};
  std::vector<size_t> placed;  // by rising offset
  for (const size_t i : order) {
    int64_t at = 0;
    for (const size_t other : placed) {
      const bool together =
          values[other].first <= values[i].last && values[i].first <= values[other].last;
      if (together && out.offsets[other] < at + values[i].size_bytes) {
        at = std::max(at, align_up(out.offsets[other] + values[other].size_bytes, 64));
      }
    }
    out.offsets[i] = at;
    out.size_bytes = std::max(out.size_bytes, align_up(at + values[i].size_bytes, 64));
    const auto behind = std::upper_bound(placed.begin(), placed.end(), at, [&](int64_t offset, size_t p) {
      return offset < out.offsets[p];
    });
    placed.insert(behind, i);
  }
  return out;
}

}  // namespace pio::plan
