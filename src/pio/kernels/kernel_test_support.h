// SPDX-License-Identifier: Apache-2.0
// For kernel tests: runs a kernel on every instruction set of this machine, its tasks split in
// several ways, and compares whole output buffers, gaps and guards included, with the scalar
// reference's.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "pio/kernels/registry.h"

namespace pio::kernels::testing_support {

/// Kernels of `id` for this CPU besides the reference; isa_coverage_test.cpp reports the sets it lacks.
inline std::vector<Kernel> versions(KernelId id) {
  std::vector<Kernel> out;
  for (const Isa isa : kIsas) {
    if (is_available(isa) && kernel(id, isa).isa == isa) {
      out.push_back(kernel(id, isa));
    }
  }
  return out;
}

/// Runs all tasks in ranges of `step` (0: one range), last range first.
inline void run_split(const Kernel& k, const void* params, int64_t step) {
  const int64_t tasks = k.tasks(params);
  step = step > 0 ? step : std::max<int64_t>(tasks, 1);
  for (int64_t begin = (tasks - 1) / step * step; begin >= 0 && tasks > 0; begin -= step) {
    k.run(params, begin, std::min(begin + step, tasks));
  }
}

/// Random floats: mostly normal, some zero, tiny or large.
inline std::vector<float> random_floats(size_t count, uint32_t seed, float scale = 1.0f) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> out(count);
  for (float& x : out) {
    const uint32_t kind = random() % 64;
    x = kind == 0 ? 0.0f : kind == 1 ? -0.0f : normal(random) * (kind == 2 ? 20.0f : 1.0f);
  }
  return out;
}

template <class T>
bool is_nan(T value) {
  if constexpr (std::is_same_v<T, float>) {
    return value != value;
  } else if constexpr (std::is_same_v<T, uint16_t>) {
    return (value & 0x7fffu) > 0x7c00u;
  }
  return false;
}

/// The same bits, but that any NaN equals any other: payload and sign depend on operand order.
template <class T>
testing::AssertionResult same_bits(const std::vector<T>& expected, const std::vector<T>& got) {
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::memcmp(&expected[i], &got[i], sizeof(T)) != 0 &&
        !(is_nan(expected[i]) && is_nan(got[i]))) {
      return testing::AssertionFailure() << "element " << i << " of " << expected.size()
                                         << ": expected " << +expected[i] << ", got " << +got[i];
    }
  }
  return testing::AssertionSuccess();
}

constexpr size_t kGuard = 32;  // elements before and after an output

/// Runs `id` by the reference and by every version. `bind(out)` gives the parameters that write
/// `size` elements at out; the buffer starts as `initial` (or a pattern), with guards around it.
template <class T, class Bind>
void expect_same(KernelId id, size_t size, const Bind& bind, const std::string& what,
                 const std::vector<T>& initial = {}) {
  std::vector<T> blank(size + 2 * kGuard);
  std::memset(static_cast<void*>(blank.data()), 0x5a, blank.size() * sizeof(T));
  std::copy(initial.begin(), initial.end(), blank.begin() + kGuard);
  std::vector<T> expected = blank;
  const auto reference_params = bind(expected.data() + kGuard);
  run_split(kernel(id, Isa::kReference), &reference_params, 0);
  for (const Kernel& k : versions(id)) {
    for (const int64_t step : {0, 1, 3}) {
      std::vector<T> got = blank;
      const auto params = bind(got.data() + kGuard);
      run_split(k, &params, step);
      ASSERT_TRUE(same_bits(expected, got))
          << k.name << " " << name(k.isa) << " step " << step << ": " << what;
    }
  }
}

/// "a=1 b=2" for failure messages.
template <class... Values>
std::string text(const Values&... values) {
  std::string out;
  ((out += std::to_string(values) + " "), ...);
  return out;
}

}  // namespace pio::kernels::testing_support
