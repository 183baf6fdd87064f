// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/runner.h"

#include <algorithm>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/base/memory_info.h"

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
  constexpr int64_t kMaxContext = int64_t{1} << 31, kMaxSequences = 1 << 16, kMaxChunk = 1 << 20;
  const auto check = [](std::string_view what, int64_t got, int64_t max) {
    PIO_CHECK(got > 0 && got <= max, "[runner] got ", what, " ", got, ", expected 1 to ", max);
  };
  check("context", o.context, kMaxContext);
  check("sequences", o.sequences, kMaxSequences);
  check("chunk", o.chunk, kMaxChunk);
  plan::CacheOptions out;
  out.capacities = capacities(std::max(o.chunk, o.sequences));
  out.disabled_passes = o.disabled_passes;
  out.taps = o.taps;
  out.kv_type = o.kv_type;
  out.sequences = o.sequences;
  out.table_pages = div_up(o.context, plan::kPageSize);
  out.history = o.sequences * o.context;  // within 2^47
  return out;
}

std::string gib(int64_t bytes) {
  const int64_t tenths = bytes * 10 / (int64_t{1} << 30);
  return concat(tenths / 10, ".", tenths % 10, " GiB");
}

// a * b; what does not fit is more than any machine has.
int64_t product(int64_t a, int64_t b) {
  int64_t out = 0;
  return __builtin_mul_overflow(a, b, &out) ? INT64_MAX / 4 : std::min(out, INT64_MAX / 4);
}

// Refuses up front, before anything that grows with the context is allocated, what would be killed later.
void check_fits(const plan::PlanCache& plans, int64_t context, int64_t sequences,
                std::optional<int64_t> memory, std::string_view kind) {
  const int64_t fixed = plans.weights().size_bytes() + plans.arena_bytes();
  const int64_t pages = product(sequences, div_up(context, plan::kPageSize));
  const int64_t page = KvCache::page_bytes(plans);
  const int64_t inputs = product(2, plans.layout().size_bytes());  // the host's and the device's
  const int64_t needed = fixed + product(pages, page) + inputs;
  if (!memory || needed <= *memory) {
    return;
  }
  const int64_t per_position = std::max<int64_t>(1, (needed - fixed) / context);
  const int64_t fitting = (*memory - fixed) / per_position;
  const std::string advice =
      fitting < plan::kPageSize ? ""
                                : concat("; try --ctx ", fitting < 256 ? fitting : fitting / 256 * 256);
  const std::string many = sequences > 1 ? concat(" for ", sequences, " sequences") : "";
  fail(ErrorCode::kOutOfMemory, concat("needs ", gib(needed), many, ", ", gib(*memory), " ", kind, advice));
}

const plan::PlanCache& checked_memory(const plan::PlanCache& plans, const RunnerOptions& o) {
  check_fits(plans, o.context, 1, available_memory_bytes(), "free");
  check_fits(plans, o.context, o.sequences, total_memory_bytes(), "of memory and swap");
  return plans;
}

}  // namespace

Runner::Runner(const nn::Module& model, std::shared_ptr<kernels::Device> device,
               const RunnerOptions& options, const LoadHooks& hooks)
    : options_(options),
      plans_([&](const tensor::Tensor& ids) { return model.call(ids); }, cache_options(options)),
      inputs_(checked_memory(plans_, options_).layout()) {
  if (hooks.planned) {
    hooks.planned(plans_.plans().front().output("logits").view.cols);
  }
  executor_ = std::make_unique<plan::Executor>(device, plans_, hooks.progress);
  const int64_t pages = options_.sequences * div_up(options_.context, plan::kPageSize);
  PIO_CHECK(pages <= INT32_MAX, "[runner] got ", pages, " pages of the cache, expected at most ", INT32_MAX);
  cache_ = std::make_unique<KvCache>(std::move(device), plans_, pages);
  executor_->bind_states(cache_->states());
}

void Runner::run(std::span<const BatchPiece> pieces) noexcept {
  fill(inputs_, pieces);
  executor_->submit(inputs_);
  executor_->wait();
}

}  // namespace pio::generation
