// SPDX-License-Identifier: Apache-2.0
#include "limits.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/base/memory_info.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"

namespace pio::apps {
namespace {

using kernels::KernelId;

constexpr int kTries = 5;

// Seconds of one call of `id`, split evenly among the workers.
template <class Params>
double seconds_of(kernels::Device& device, KernelId id, const Params& params) {
  const kernels::Kernel& kernel = kernels::kernel(id, device.isa());
  const kernels::Launch launch{
      .run = kernel.run, .tasks = kernel.tasks, .params = &params, .grain = 0, .kernel = id};
  const auto begin = std::chrono::steady_clock::now();
  device.submit({&launch, 1});
  device.wait();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Operations/s of a peak probe, with as many rounds as take 20 ms.
template <class Params>
double peak(kernels::Device& device, KernelId id, Params params, int64_t round_ops) {
  constexpr double kLongEnough = 0.02;
  constexpr int64_t kMostRounds = int64_t{1} << 18;
  params.tasks = device.workers();
  params.rounds = 64;
  double best = 0;
  for (int tries = 0; tries < kTries;) {
    const double seconds = seconds_of(device, id, params);
    if (seconds < kLongEnough && params.rounds < kMostRounds) {
      params.rounds *= 2;
      continue;
    }
    best = std::max(best, static_cast<double>(params.tasks * params.rounds * round_ops) / seconds);
    ++tries;
  }
  return best;
}

// Bytes/s of reading the first `blocks` blocks `times` times.
double read_rate(kernels::Device& device, kernels::ProbeReadParams params, int64_t blocks, int64_t times) {
  params.blocks = blocks;
  double best = 0;
  for (int tries = 0; tries < kTries; ++tries) {
    double seconds = 0;
    for (int64_t i = 0; i < times; ++i) {
      seconds += seconds_of(device, KernelId::k_probe_read, params);
    }
    best = std::max(best, static_cast<double>(times * blocks * kernels::kProbeBlock) / seconds);
  }
  return best;
}

// 2 GiB, or half of what is free.
int64_t buffer_blocks() {
  constexpr int64_t kWanted = int64_t{2} << 30;
  const int64_t free = available_memory_bytes().value_or(2 * kWanted);
  return std::max<int64_t>(std::min(kWanted, free / 2) / kernels::kProbeBlock, 1);
}

}  // namespace

double Limits::seconds_for(const kernels::Work& work) const noexcept {
  return std::max({static_cast<double>(work.weight_bytes + work.cache_bytes) / reread,
                   static_cast<double>(work.dot_ops) / dot, static_cast<double>(work.float_ops) / fma});
}

json::Object Limits::to_json() const {
  return {{"read_gb_s", read / 1e9},
          {"reread_gb_s", reread / 1e9},
          {"reread_bytes", reread_bytes},
          {"int8_gops", dot / 1e9},
          {"f32_gops", fma / 1e9}};
}

std::string Limits::to_string() const {
  char line[200];
  std::snprintf(line, sizeof(line),
                "read %.1f GB/s, reread of %.0f MB %.1f GB/s, integer dots %.0f Gop/s, f32 %.0f Gop/s",
                read / 1e9, static_cast<double>(reread_bytes) / 1e6, reread / 1e9, dot / 1e9, fma / 1e9);
  return line;
}

Limits probe_limits(const std::shared_ptr<kernels::Device>& device, int64_t model_bytes) {
  const int64_t blocks = buffer_blocks();
  const kernels::DeviceBuffer buffer(device, blocks * kernels::kProbeBlock);
  // Pages that nobody has written are one page of zeros.
  device->parallel_for(blocks, [&](int64_t block) {
    device->fill(buffer.data() + block * kernels::kProbeBlock, kernels::kProbeBlock,
                 [](std::byte* host) { std::fill_n(host, kernels::kProbeBlock, std::byte{1}); });
  });
  std::vector<uint64_t> sums(static_cast<size_t>(blocks));
  std::vector<int32_t> dots(static_cast<size_t>(device->workers()));
  std::vector<float> fmas(dots.size());
  const kernels::ProbeReadParams read{.data = buffer.data(), .blocks = blocks, .out = sums.data()};
  const int64_t model_blocks = std::min(blocks, std::max<int64_t>(div_up(model_bytes, kernels::kProbeBlock), 1));
  Limits out;
  out.read = read_rate(*device, read, blocks, 1);
  out.reread_bytes = model_blocks * kernels::kProbeBlock;
  out.reread = read_rate(*device, read, model_blocks, std::max<int64_t>(blocks / model_blocks / 4, 1));
  out.dot = peak(*device, KernelId::k_probe_dot, kernels::ProbeDotParams{.out = dots.data()}, kernels::kProbeDotOps);
  out.fma = peak(*device, KernelId::k_probe_fma, kernels::ProbeFmaParams{.out = fmas.data()}, kernels::kProbeFmaOps);
  return out;
}

}  // namespace pio::apps
