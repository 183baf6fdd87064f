// SPDX-License-Identifier: Apache-2.0
// Kernels that do nothing but reach a limit of the machine: what `bench` measures the others against.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pio::kernels {

/// Bytes of one task of probe_read.
inline constexpr int64_t kProbeBlock = int64_t{1} << 20;

/// out[t] = exclusive or of the 64-bit words of block t. data: [blocks * kProbeBlock] bytes, 64-byte aligned.
/// One task per block.
struct ProbeReadParams {
  const std::byte* data;
  int64_t blocks;
  uint64_t* out;
};

/// Sums that a round of the peak probes adds to, their lanes, and the additions to each.
inline constexpr int64_t kProbeSums = 12;
inline constexpr int64_t kProbeLanes = 16;
inline constexpr int64_t kProbeSteps = 8;

/// Products of unsigned 4-bit codes (3) and signed bytes (-2), four to a lane and step: the exact integer dots
/// of quantized matmuls. out[t] = total of one lane over all sums and rounds. rounds < 2^19. One task each.
struct ProbeDotParams {
  int64_t tasks, rounds;
  int32_t* out;
};
inline constexpr int64_t kProbeDotOps = 2 * 4 * kProbeSums * kProbeLanes * kProbeSteps;  ///< of a round

/// Fused multiply-adds of 1 and 0.5. out[t] = largest sum of one lane. rounds < 2^21. One task each.
struct ProbeFmaParams {
  int64_t tasks, rounds;
  float* out;
};
inline constexpr int64_t kProbeFmaOps = 2 * kProbeSums * kProbeLanes * kProbeSteps;  ///< of a round

/// The same sums as of ProbeFmaParams, by products of bf16: 1 and 0.25 twice to a lane and step.
struct ProbeBf16Params {
  int64_t tasks, rounds;
  float* out;
};
inline constexpr int64_t kProbeBf16Ops = 2 * kProbeFmaOps;  ///< of a round

}  // namespace pio::kernels
