// SPDX-License-Identifier: Apache-2.0
// The border between plans and the machine that runs them: memory, copies, launches. Code on the far side
// never assumes that a device's memory is the host's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "pio/kernels/kernel.h"

namespace pio::kernels {

/// One kernel call of a plan.
struct Launch {
  KernelFn run;
  TaskCountFn tasks;
  const void* params;  ///< in memory that the device's kernels can read
  KernelId kernel{};
};

/// Told how long a launch took, from the end of the one before it to its own.
using LaunchObserver = std::function<void(const Launch& launch, std::chrono::nanoseconds took)>;

/// A place where plans run. Memory is zero when allocated and belongs to the device: the host reaches it
/// through fill, upload and download only.
class Device {
 public:
  virtual ~Device() = default;

  /// "cpu", "cuda:0" ...
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// The instruction set whose kernels this device runs.
  [[nodiscard]] virtual Isa isa() const noexcept = 0;
  /// How many workers share a launch.
  [[nodiscard]] virtual int workers() const noexcept = 0;

  /// sparse: small pieces of it are used, so no huge pages. Errors: kOutOfMemory.
  [[nodiscard]] virtual std::byte* allocate(int64_t size_bytes, bool sparse) = 0;
  /// Gives back what allocate() gave; null is allowed.
  virtual void free(std::byte* memory) noexcept = 0;

  /// Has `write` produce size_bytes bytes at `to`: directly where the host can, else through a staging
  /// area. Callable from several threads at once for disjoint ranges.
  virtual void fill(std::byte* to, int64_t size_bytes,
                    const std::function<void(std::byte* host)>& write) = 0;
  /// Copies into device memory, in order with what was submitted before. from_host may be reused on return.
  virtual void upload(std::byte* to, const std::byte* from_host, int64_t size_bytes) noexcept = 0;
  /// Copies out of device memory once all that was submitted before is done.
  virtual void download(std::byte* to_host, const std::byte* from, int64_t size_bytes) noexcept = 0;

  /// Starts the launches in order on the device's one stream, each complete before the next begins.
  virtual void submit(std::span<const Launch> launches) noexcept = 0;
  /// Returns when everything submitted is done.
  virtual void wait() noexcept = 0;
  /// From now on every submit() is timed launch by launch and told to `observer`, before wait() returns; null ends
  /// it. Not while something is submitted.
  virtual void observe(LaunchObserver observer) = 0;

  /// Runs body(i) for i in [0, count) on the workers, for host work such as packing: each from the part of [0, count)
  /// that it has of a launch of as many tasks, and then what others have left. body may throw; the first error is
  /// thrown on when all have stopped.
  virtual void parallel_for(int64_t count, const std::function<void(int64_t)>& body) = 0;
};

/// Owns memory of a device.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(std::shared_ptr<Device> device, int64_t size_bytes, bool sparse = false)
      : device_(std::move(device)), size_(size_bytes), data_(device_->allocate(size_bytes, sparse)) {}
  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  ~DeviceBuffer() {
    if (data_ != nullptr) {
      device_->free(data_);
    }
  }
  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] int64_t size_bytes() const noexcept { return size_; }

 private:
  void swap(DeviceBuffer& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
  }
  std::shared_ptr<Device> device_;
  int64_t size_ = 0;
  std::byte* data_ = nullptr;
};

}  // namespace pio::kernels
