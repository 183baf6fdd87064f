// SPDX-License-Identifier: Apache-2.0
// What this machine can do at most, probed with the workers and the instruction set that the model runs on.
#pragma once

#include <cstdint>
#include <string>

#include "pio/base/json.h"
#include "pio/kernels/work.h"

namespace pio::apps {

/// Limits of a device; each is the best of several tries. 1 GB = 1e9 bytes, 1 Gop = 1e9 operations.
struct Limits {
  double read = 0;           ///< bytes/s out of a buffer that no cache holds
  double reread = 0;         ///< bytes/s over and over out of one of the model's size
  int64_t reread_bytes = 0;  ///< that size
  double dot = 0;            ///< integer operations/s, exact dots of 4-bit codes and bytes
  double fma = 0;            ///< f32 operations/s

  /// Seconds that `work` takes at least. Its values are taken to stay in a cache.
  [[nodiscard]] double seconds_for(const kernels::Work& work) const noexcept;
  [[nodiscard]] json::Object to_json() const;
  /// "read 32.5 GB/s, reread of 97 MB 57.1 GB/s, integer dots 1493 Gop/s, f32 352 Gop/s"
  [[nodiscard]] std::string to_string() const;
};

/// Probes `device` for about two seconds. model_bytes: what is read at each step. Needs 2 GiB for a moment, or what
/// there is. Errors: kOutOfMemory.
[[nodiscard]] Limits probe_limits(const std::shared_ptr<kernels::Device>& device, int64_t model_bytes);

}  // namespace pio::apps
