// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "pio/base/error.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/plugin/conformance/check.h"
#include "pio/plugin/load_causal.h"

namespace pio::plugin::conformance {

#define CHECK(function, name, scope) Outcome function(const Subject& subject);
#include "pio/plugin/conformance/checks.inc"
#undef CHECK

namespace {
constexpr Check kChecks[] = {
#define CHECK(function, name, scope) Check{name, Scope::scope, function},
#include "pio/plugin/conformance/checks.inc"
#undef CHECK
};
}  // namespace

std::span<const Check> checks() { return kChecks; }

std::shared_ptr<CausalLMPlugin> Subject::load(LoadOptions options, int threads) const {
  options.device = std::make_shared<kernels::CpuDevice>(std::make_shared<ThreadPool>(threads), isa);
  options.context = static_cast<int64_t>(ids.size()) + plan::kPageSize;
  options.sequences = 8;
  return load_causal(factory, architecture, model, options);
}

CausalLMPlugin& Subject::loaded(plan::KvType cache, int threads) const {
  auto& slot = (*kept)[{cache, threads}];
  if (slot == nullptr) {
    slot = load({.kv_type = cache}, threads);
  }
  return *slot;
}

std::string_view cache_name(plan::KvType type) { return type == plan::KvType::kQ8 ? "q8" : "f16"; }

Logits all_logits(CausalLMPlugin& model, std::span<const int32_t> ids, size_t chunk) {
  Logits out;
  auto session = model.session();
  for (size_t at = 0; at < ids.size(); at += chunk) {
    session.score(
        ids.subspan(at, std::min(chunk, ids.size() - at)),
        [&](int64_t, std::span<const float> row) { out.emplace_back(row.begin(), row.end()); });
  }
  return out;
}

std::optional<size_t> first_difference(const Logits& a, const Logits& b) {
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i >= a.size() || i >= b.size() || a[i].size() != b[i].size() ||
        std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace pio::plugin::conformance
