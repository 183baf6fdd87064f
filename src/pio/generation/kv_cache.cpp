// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/kv_cache.h"

namespace pio::generation {

KvCache::KvCache(std::shared_ptr<kernels::Device> device, const plan::PlanCache& plans, int64_t pages)
    : device_(std::move(device)), blocks_(pages) {
  for (const ops::StateSpec& spec : plans.states()) {
    const int64_t bytes = plans.page_bytes(spec);
    states_.push_back({bytes, kernels::DeviceBuffer(device_, bytes * pages, /*sparse=*/true)});
  }
}

std::vector<std::byte*> KvCache::states() const {
  std::vector<std::byte*> out;
  for (const State& state : states_) {
    out.push_back(state.pages.data());
  }
  return out;
}

void KvCache::copy_page(int32_t from, int32_t to) {
  std::vector<std::byte> host;
  for (const State& state : states_) {
    host.resize(static_cast<size_t>(state.page_bytes));
    device_->download(host.data(), state.pages.data() + from * state.page_bytes, state.page_bytes);
    device_->upload(state.pages.data() + to * state.page_bytes, host.data(), state.page_bytes);
  }
}

int64_t KvCache::page_bytes(const plan::PlanCache& plans) noexcept {
  int64_t bytes = 0;
  for (const ops::StateSpec& spec : plans.states()) {
    bytes += plans.page_bytes(spec);
  }
  return bytes;
}

}  // namespace pio::generation
