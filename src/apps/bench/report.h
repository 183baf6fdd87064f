// SPDX-License-Identifier: Apache-2.0
// What `bench` says of a test.
#pragma once

#include <optional>
#include <string>

#include "bencher.h"
#include "pio/kernels/limits.h"

namespace pio::apps {

/// A test with what it is compared with.
struct BenchRow {
  std::string test;      ///< "pp512", "tg128@d4096"
  bool is_prompt;
  BenchShape shape;
  int threads;
  BenchResult result;
};

/// "read 32.5 GB/s, reread of 97 MB 57.1 GB/s, integer dots 1493 Gop/s, f32 352 Gop/s"; 1 GB = 1e9 bytes,
/// 1 Gop = 1e9 operations.
[[nodiscard]] std::string limits_text(const kernels::Limits& limits);

/// One object of bench --json: test, counts, rates; with limits also `limits` and the shares reached of them.
[[nodiscard]] json::Object bench_json(const BenchRow& row, const std::optional<kernels::Limits>& limits);
/// The same as a line.
[[nodiscard]] std::string bench_line(const BenchRow& row, const std::optional<kernels::Limits>& limits);

}  // namespace pio::apps
