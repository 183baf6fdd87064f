// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/limits.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "pio/base/checked.h"
#include "pio/base/memory_info.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"

namespace pio::kernels {
namespace {

constexpr int kTries = 5;

// Seconds of one call of `id`, split evenly among the workers.
template <class Params>
double seconds_of(Device& device, KernelId id, const Params& params) {
  const Kernel& best = kernel(id, device.isa());
  const Launch launch{
      .run = best.run, .tasks = best.tasks, .params = &params, .kernel = id};
  const auto begin = std::chrono::steady_clock::now();
  device.submit({&launch, 1});
  device.wait();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Operations/s of a peak probe, with as many rounds as take 20 ms.
template <class Params>
double peak(Device& device, KernelId id, Params params, int64_t round_ops) {
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
double read_rate(Device& device, ProbeReadParams params, int64_t blocks, int64_t times) {
  params.blocks = blocks;
  double best = 0;
  for (int tries = 0; tries < kTries; ++tries) {
    double seconds = 0;
    for (int64_t i = 0; i < times; ++i) {
      seconds += seconds_of(device, KernelId::k_probe_read, params);
    }
    best = std::max(best, static_cast<double>(times * blocks * kProbeBlock) / seconds);
  }
  return best;
}

int64_t buffer_blocks(int64_t wanted_bytes) {
  const int64_t free = available_memory_bytes().value_or(2 * wanted_bytes);
  return std::max<int64_t>(std::min(wanted_bytes, free / 2) / kProbeBlock, 1);
}

}  // namespace

double Limits::seconds_for(const Work& work) const noexcept {
  return std::max({static_cast<double>(work.weight_bytes + work.cache_bytes) / reread,
                   static_cast<double>(work.dot_ops) / dot,
                   static_cast<double>(work.float_ops) / fma +
                       (work.bf16_ops > 0 ? static_cast<double>(work.bf16_ops) / bf16 : 0)});
}

LimitProbe::LimitProbe(std::shared_ptr<Device> device, int64_t buffer_bytes)
    : device_(std::move(device)),
      buffer_(device_, buffer_blocks(buffer_bytes) * kProbeBlock),
      sums_(static_cast<size_t>(buffer_.size_bytes() / kProbeBlock)) {
  // Pages that nobody has written are one page of zeros.
  device_->parallel_for(buffer_.size_bytes() / kProbeBlock, [&](int64_t block) {
    device_->fill(buffer_.data() + block * kProbeBlock, kProbeBlock,
                  [](std::byte* host) { std::fill_n(host, kProbeBlock, std::byte{1}); });
  });
}

int64_t LimitProbe::readable(int64_t bytes) const noexcept {
  return std::clamp<int64_t>(div_up(bytes, kProbeBlock) * kProbeBlock, kProbeBlock,
                             buffer_.size_bytes());
}

double LimitProbe::read() {
  return read_rate(*device_, {.data = buffer_.data(), .blocks = 0, .out = sums_.data()},
                   buffer_.size_bytes() / kProbeBlock, 1);
}

double LimitProbe::reread(int64_t bytes) {
  constexpr int64_t kBlocksOfATry = 512;
  const int64_t blocks = readable(bytes) / kProbeBlock;
  return read_rate(*device_, {.data = buffer_.data(), .blocks = 0, .out = sums_.data()}, blocks,
                   std::max<int64_t>(kBlocksOfATry / blocks, 1));
}

double LimitProbe::dot() {
  std::vector<int32_t> out(static_cast<size_t>(device_->workers()));
  return peak(*device_, KernelId::k_probe_dot,
              ProbeDotParams{.tasks = 0, .rounds = 0, .out = out.data()}, kProbeDotOps);
}

double LimitProbe::fma() {
  std::vector<float> out(static_cast<size_t>(device_->workers()));
  return peak(*device_, KernelId::k_probe_fma,
              ProbeFmaParams{.tasks = 0, .rounds = 0, .out = out.data()}, kProbeFmaOps);
}

double LimitProbe::bf16() {
  if (kernel(KernelId::k_probe_bf16, device_->isa()).isa == Isa::kReference) {
    return fma();
  }
  std::vector<float> out(static_cast<size_t>(device_->workers()));
  return peak(*device_, KernelId::k_probe_bf16,
              ProbeBf16Params{.tasks = 0, .rounds = 0, .out = out.data()}, kProbeBf16Ops);
}

Limits probe_limits(const std::shared_ptr<Device>& device, int64_t model_bytes) {
  LimitProbe probe(device);
  Limits out;
  out.read = probe.read();
  out.reread_bytes = probe.readable(model_bytes);
  out.reread = probe.reread(model_bytes);
  out.dot = probe.dot();
  out.fma = probe.fma();
  out.bf16 = probe.bf16();
  return out;
}

}  // namespace pio::kernels
