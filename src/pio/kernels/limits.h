// SPDX-License-Identifier: Apache-2.0
// What a machine can do at most, probed with a device's workers and instruction set.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pio/kernels/device.h"
#include "pio/kernels/work.h"

namespace pio::kernels {

/// Limits of a device, in bytes and operations a second.
struct Limits {
  double read = 0;           ///< bytes/s out of a buffer that no cache holds
  double reread = 0;         ///< bytes/s over and over out of one of reread_bytes
  int64_t reread_bytes = 0;  ///< the size of what a step or a call reads
  double dot = 0;            ///< integer operations/s, exact dots of 4-bit codes and bytes
  double fma = 0;            ///< f32 operations/s
  double bf16 = 0;           ///< operations/s on bf16, by f32 ones where those are as fast

  /// Seconds that `work` takes at least. Its values are taken to stay in a cache.
  [[nodiscard]] double seconds_for(const Work& work) const noexcept;
};

/// Measures limits; each is the best of several tries.
class LimitProbe {
 public:
  /// buffer_bytes: what reads may go over; half of what is free if that is less. The device's
  /// memory and what its kernels write must be the host's. Errors: kOutOfMemory.
  explicit LimitProbe(std::shared_ptr<Device> device, int64_t buffer_bytes = int64_t{2} << 30);

  /// `bytes` as they are read: in whole blocks of kProbeBlock, at least one, at most the buffer.
  [[nodiscard]] int64_t readable(int64_t bytes) const noexcept;
  /// Bytes/s out of the whole buffer.
  [[nodiscard]] double read();
  /// Bytes/s over and over out of readable(bytes) bytes.
  [[nodiscard]] double reread(int64_t bytes);
  /// Operations/s on integers, f32 and bf16.
  [[nodiscard]] double dot();
  [[nodiscard]] double fma();
  [[nodiscard]] double bf16();

 private:
  std::shared_ptr<Device> device_;
  DeviceBuffer buffer_;
  std::vector<uint64_t> sums_;
};

/// All limits of `device`, in about two seconds. model_bytes: what is read at each step. Needs 2
/// GiB for a moment, or what there is. Errors: kOutOfMemory.
[[nodiscard]] Limits probe_limits(const std::shared_ptr<Device>& device, int64_t model_bytes);

}  // namespace pio::kernels
