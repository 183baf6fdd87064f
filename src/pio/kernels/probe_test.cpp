// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pio/base/buffer.h"
#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

TEST(Probe, ReadsEveryWord) {
  constexpr int64_t kBlocks = 3;
  Buffer buffer(kBlocks * kProbeBlock, false);
  std::mt19937_64 random(1);
  const auto words = kBlocks * kProbeBlock / 8;
  auto* data = reinterpret_cast<uint64_t*>(buffer.data());
  std::generate(data, data + words, random);
  const auto bind = [&](uint64_t* out) {
    return ProbeReadParams{.data = buffer.data(), .blocks = kBlocks, .out = out};
  };
  expect_same<uint64_t>(KernelId::k_probe_read, kBlocks, bind, "random words");
}

TEST(Probe, PeaksDoTheWorkTheyCount) {
  constexpr int64_t kRounds = 37;
  const auto dots = [&](int32_t* out) {
    return ProbeDotParams{.tasks = 4, .rounds = kRounds, .out = out};
  };
  expect_same<int32_t>(KernelId::k_probe_dot, 4, dots, "dots");
  int32_t dot = 0;
  const ProbeDotParams one_dot{.tasks = 1, .rounds = kRounds, .out = &dot};
  run_split(kernel(KernelId::k_probe_dot, Isa::kReference), &one_dot, 0);
  EXPECT_EQ(dot, kRounds * kProbeSums * kProbeSteps * 4 * 3 * -2);

  const auto fmas = [&](float* out) {
    return ProbeFmaParams{.tasks = 4, .rounds = kRounds, .out = out};
  };
  expect_same<float>(KernelId::k_probe_fma, 4, fmas, "fmas");
  float fma = 0;
  const ProbeFmaParams one_fma{.tasks = 1, .rounds = kRounds, .out = &fma};
  run_split(kernel(KernelId::k_probe_fma, Isa::kReference), &one_fma, 0);
  EXPECT_EQ(fma, static_cast<float>(kRounds * kProbeSteps) * 0.5f);

  const auto pairs = [&](float* out) {
    return ProbeBf16Params{.tasks = 4, .rounds = kRounds, .out = out};
  };
  expect_same<float>(KernelId::k_probe_bf16, 4, pairs, "pairs of bf16");
  float sum = 0;
  const ProbeBf16Params one_bf16{.tasks = 1, .rounds = kRounds, .out = &sum};
  run_split(kernel(KernelId::k_probe_bf16, Isa::kReference), &one_bf16, 0);
  EXPECT_EQ(sum, fma);
}

}  // namespace
}  // namespace pio::kernels
