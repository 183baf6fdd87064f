// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/runner.h"

#include <algorithm>

#include "pio/base/buffer.h"
#include "pio/base/checked.h"
#include "pio/base/error.h"

namespace pio::generation {
namespace {

// 1, 8, 64, 512 ... up to the chunk.
std::vector<int64_t> capacities(int64_t chunk) {
  std::vector<int64_t> out;
  for (int64_t rows = 1; rows < chunk; rows *= 8) {
    out.push_back(rows);
  }
  out.push_back(chunk);
  return out;
}

plan::CacheOptions cache_options(const RunnerOptions& o) {
  PIO_CHECK(o.context > 0 && o.sequences > 0 && o.chunk > 0, "[runner] got context ", o.context,
            ", sequences ", o.sequences, ", chunk ", o.chunk, ", expected all above 0");
  plan::CacheOptions out;
  out.capacities = capacities(std::max(o.chunk, o.sequences));
  out.disabled_passes = o.disabled_passes;
  out.taps = o.taps;
  out.kv_type = o.kv_type;
  out.sequences = o.sequences;
  out.table_pages = div_up(o.context, plan::kPageSize);
  out.history = o.sequences * o.context;
  return out;
}

std::string gib(int64_t bytes) {
  const int64_t tenths = bytes * 10 / (int64_t{1} << 30);
  return concat(tenths / 10, ".", tenths % 10, " GiB");
}

// Refuses up front, before anything that grows with the context is allocated, what would be killed later.
const plan::PlanCache& checked_memory(const plan::PlanCache& plans, const RunnerOptions& options) {
  const int64_t free = available_memory_bytes();
  const int64_t page = page_bytes(plans);
  const int64_t weights = plans.weights().size_bytes();
  const int64_t pages = div_up(options.context, plan::kPageSize);
  const int64_t inputs = plans.layout().size_bytes();
  const int64_t needed = weights + pages * page + inputs;
  if (free == 0 || needed <= free) {
    return plans;
  }
  const int64_t per_page = page + inputs / pages;
  const int64_t fitting = per_page > 0 ? (free - weights) / per_page * plan::kPageSize : 0;
  const std::string advice =
      fitting > 0 ? concat("; try --ctx ", std::max<int64_t>(fitting / 256 * 256, plan::kPageSize)) : "";
  fail(ErrorCode::kOutOfMemory, concat("needs ", gib(needed), ", ", gib(free), " free", advice));
}

}  // namespace

Runner::Runner(const nn::Model& model, std::shared_ptr<kernels::Device> device,
               const RunnerOptions& options, const plan::Executor::Progress& progress)
    : options_(options),
      plans_([&](const tensor::Tensor& ids) { return model(ids); }, cache_options(options)),
      inputs_(checked_memory(plans_, options_).layout()) {
  executor_ = std::make_unique<plan::Executor>(device, plans_, progress);
  const int64_t pages = options_.sequences * div_up(options_.context, plan::kPageSize);
  cache_ = std::make_unique<KvCache>(std::move(device), plans_, pages);
  executor_->bind_states(cache_->states());
}

void Runner::run(std::span<const BatchPiece> pieces) noexcept {
  fill(inputs_, pieces);
  executor_->submit(inputs_);
  executor_->wait();
}

}  // namespace pio::generation
