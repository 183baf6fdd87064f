// SPDX-License-Identifier: Apache-2.0
// What `bench` says of a test.
#pragma once

#include <optional>
#include <string>

#include "bencher.h"
#include "limits.h"

namespace pio::apps {

/// A test with what it is compared with.
struct BenchRow {
  std::string test;      ///< "pp512", "tg128@d4096"
  bool is_prompt;
  BenchShape shape;
  int threads;
  BenchResult result;
};

/// One object of bench --json: test, counts, rates; with limits also `limits` and the shares reached of them.
[[nodiscard]] json::Object bench_json(const BenchRow& row, const std::optional<Limits>& limits);
/// The same as a line.
[[nodiscard]] std::string bench_line(const BenchRow& row, const std::optional<Limits>& limits);

}  // namespace pio::apps
