// SPDX-License-Identifier: Apache-2.0
// A CPU whose device memory the host cannot touch: a stand-in for devices that have memory of their
// own.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "pio/base/checked.h"
#include "pio/kernels/cpu/cpu_device.h"

namespace pio::test {

/// Its memory is mapped without any access but while it copies or runs launches. Packing writes to
/// staging memory: not even parallel_for opens a buffer.
class ProtectedDevice final : public kernels::CpuDevice {
 public:
  using CpuDevice::CpuDevice;

  [[nodiscard]] std::byte* allocate(int64_t size_bytes, bool sparse) override {
    std::byte* data = CpuDevice::allocate(size_bytes, sparse);
    const auto page = static_cast<int64_t>(::sysconf(_SC_PAGESIZE));
    const std::lock_guard lock(mutex_);
    Region& region = regions_[data];
    region = {.size = align_up(std::max<int64_t>(size_bytes, 1), page), .users = 0};
    protect(data, region);
    return data;
  }
  void free(std::byte* memory) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      regions_.erase(memory);
    }
    CpuDevice::free(memory);
  }
  void fill(std::byte* to, int64_t size_bytes,
            const std::function<void(std::byte* host)>& write) override {
    std::vector<std::byte> staging(static_cast<size_t>(size_bytes));
    write(staging.data());
    upload(to, staging.data(), size_bytes);
  }
  void upload(std::byte* to, const std::byte* from_host, int64_t size_bytes) noexcept override {
    const Access access(*this, to);
    CpuDevice::upload(to, from_host, size_bytes);
  }
  void download(std::byte* to_host, const std::byte* from, int64_t size_bytes) noexcept override {
    const Access access(*this, from);
    CpuDevice::download(to_host, from, size_bytes);
  }
  void submit(std::span<const kernels::Launch> launches) noexcept override {
    const Access access(*this, nullptr);
    CpuDevice::submit(launches);
  }

  /// Whether this process could read the byte at `memory` right now.
  [[nodiscard]] static bool is_readable(const std::byte* memory) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
      return false;
    }
    const bool readable = ::write(ends[1], memory, 1) == 1;  // EFAULT where it is protected
    ::close(ends[0]);
    ::close(ends[1]);
    return readable;
  }
  [[nodiscard]] size_t buffers() {
    const std::lock_guard lock(mutex_);
    return regions_.size();
  }

 private:
  struct Region {
    int64_t size = 0;
    int users = 0;
  };

  // While it lives, the buffer around an address can be used; all of them for no address.
  class Access {
   public:
    Access(ProtectedDevice& device, const std::byte* address) : device_(device), address_(address) {
      change(1);
    }
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;
    ~Access() { change(-1); }

   private:
    void change(int users) noexcept {
      const std::lock_guard lock(device_.mutex_);
      for (auto& [data, region] : device_.regions_) {
        if (address_ == nullptr || (address_ >= data && address_ < data + region.size)) {
          region.users += users;
          protect(data, region);
        }
      }
    }
    ProtectedDevice& device_;
    const std::byte* address_;
  };

  static void protect(std::byte* data, const Region& region) noexcept {
    ::mprotect(data, static_cast<size_t>(region.size),
               region.users > 0 ? PROT_READ | PROT_WRITE : PROT_NONE);
  }

  std::mutex mutex_;
  std::map<std::byte*, Region> regions_;
};

}  // namespace pio::test
