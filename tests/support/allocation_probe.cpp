// SPDX-License-Identifier: Apache-2.0
// Replaces operator new and delete of a test program to count live bytes. CMakeLists.txt says of which.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "support/allocation_probe.h"

namespace pio::test {
namespace {

std::atomic<size_t> g_live{0};
std::atomic<size_t> g_peak{0};
std::atomic<size_t> g_start{0};

void* try_allocate(size_t size) noexcept {
  void* out = std::malloc(size);
  if (out != nullptr) {
    const size_t live = g_live += malloc_usable_size(out);
    g_peak = std::max(g_peak.load(), live);
  }
  return out;
}

void* allocate(size_t size) {
  void* out = try_allocate(size);
  if (out == nullptr) {
    throw std::bad_alloc();
  }
  return out;
}

void release(void* data) noexcept {
  if (data != nullptr) {
    g_live -= malloc_usable_size(data);
    std::free(data);
  }
}

}  // namespace

void reset_allocation_peak() {
  g_start = g_live.load();
  g_peak = g_live.load();
}

size_t allocation_peak() { return g_peak - g_start; }

}  // namespace pio::test

void* operator new(size_t size) { return pio::test::allocate(size); }
void* operator new[](size_t size) { return pio::test::allocate(size); }
void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return pio::test::try_allocate(size);
}
void* operator new[](size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return pio::test::try_allocate(size);
}
void operator delete(void* data) noexcept { pio::test::release(data); }
void operator delete[](void* data) noexcept { pio::test::release(data); }
void operator delete(void* data, size_t /*size*/) noexcept { pio::test::release(data); }
void operator delete[](void* data, size_t /*size*/) noexcept { pio::test::release(data); }
