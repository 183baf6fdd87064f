// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/plan_cache.h"

#include <algorithm>

#include "pio/base/error.h"

namespace pio::plan {

PlanCache::PlanCache(const Forward& forward, const CacheOptions& options)
    : kv_type_(options.kv_type),
      lowerer_({.kv_type = options.kv_type, .table_pages = options.table_pages}),
      layout_({.rows = options.capacities.empty() ? 0 : options.capacities.back(),
               .sequences = options.sequences,
               .table_pages = options.table_pages,
               .history = options.history}) {
  const bool rising = std::ranges::adjacent_find(options.capacities, std::greater_equal()) ==
                      options.capacities.end();
  PIO_CHECK(!options.capacities.empty() && rising && options.capacities.front() > 0,
            "[plan] got capacities that are not rising and above 0");
  for (const int64_t rows : options.capacities) {
    const Graph traced = trace(forward, {.rows = rows, .taps = options.taps});
    std::vector<PassTiming> timings;
    plans_.push_back(lowerer_.lower(run_passes(traced, options.disabled_passes, &timings), rows));
    timings_.resize(timings.size());
    for (size_t i = 0; i < timings.size(); ++i) {
      timings_[i].name = timings[i].name;
      timings_[i].milliseconds += timings[i].milliseconds;
    }
  }
}

size_t PlanCache::index_for(int64_t rows) const noexcept {
  size_t i = 0;
  while (i + 1 < plans_.size() && plans_[i].capacity < rows) {
    ++i;
  }
  return i;
}

int64_t PlanCache::arena_bytes() const noexcept {
  int64_t bytes = 0;
  for (const Plan& plan : plans_) {
    bytes = std::max(bytes, plan.placement.size_bytes);
  }
  return bytes;
}

}  // namespace pio::plan
