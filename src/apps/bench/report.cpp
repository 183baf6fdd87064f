// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace pio::apps {
namespace {

struct Rates {
  double mean, median, best, deviation;
};

Rates rates_of(std::vector<double> rates) {
  std::ranges::sort(rates);
  const auto count = static_cast<double>(rates.size());
  const double mean = std::accumulate(rates.begin(), rates.end(), 0.0) / count;
  double squares = 0;
  for (const double rate : rates) {
    squares += (rate - mean) * (rate - mean);
  }
  return {mean, rates[rates.size() / 2], rates.back(), std::sqrt(squares / std::max(count - 1, 1.0))};
}

// Of each limit, the share that the test's work takes at its mean rate.
struct Shares {
  double read, reread, dot, fma, bf16;
};

Shares shares_of(const BenchRow& row, double mean, const kernels::Limits& limits) {
  const int64_t tokens = row.shape.parallel * (row.is_prompt ? row.shape.prompt : row.shape.tokens);
  const double seconds = static_cast<double>(tokens) / mean;
  const kernels::Work& work = row.result.work;
  const auto bytes = static_cast<double>(work.weight_bytes + work.cache_bytes);
  return {bytes / seconds / limits.read, bytes / seconds / limits.reread,
          static_cast<double>(work.dot_ops) / seconds / limits.dot,
          static_cast<double>(work.float_ops) / seconds / limits.fma,
          static_cast<double>(work.bf16_ops) / seconds / limits.bf16};
}

json::Object limits_json(const kernels::Limits& limits) {
  return {{"read_gb_s", limits.read / 1e9},
          {"reread_gb_s", limits.reread / 1e9},
          {"reread_bytes", limits.reread_bytes},
          {"int8_gops", limits.dot / 1e9},
          {"f32_gops", limits.fma / 1e9},
          {"bf16_gops", limits.bf16 / 1e9}};
}

}  // namespace

std::string limits_text(const kernels::Limits& limits) {
  char line[200];
  std::snprintf(line, sizeof(line),
                "read %.1f GB/s, reread of %.0f MB %.1f GB/s, integer dots %.0f Gop/s, f32 %.0f Gop/s, "
                "bf16 %.0f Gop/s",
                limits.read / 1e9, static_cast<double>(limits.reread_bytes) / 1e6, limits.reread / 1e9,
                limits.dot / 1e9, limits.fma / 1e9, limits.bf16 / 1e9);
  return line;
}

json::Object bench_json(const BenchRow& row, const std::optional<kernels::Limits>& limits) {
  const Rates rates = rates_of(row.result.rates);
  json::Object out{{"test", row.test},
                   {"n_prompt", row.is_prompt ? row.shape.prompt : int64_t{0}},
                   {"n_gen", row.is_prompt ? int64_t{0} : row.shape.tokens},
                   {"depth", row.shape.depth},
                   {"parallel", row.shape.parallel},
                   {"threads", row.threads},
                   {"tokens_per_s", rates.mean},
                   {"median", rates.median},
                   {"best", rates.best},
                   {"stddev", rates.deviation}};
  if (limits) {
    const Shares shares = shares_of(row, rates.mean, *limits);
    out.emplace_back("limits", limits_json(*limits));
    out.emplace_back("share", json::Object{{"read", shares.read},
                                           {"reread", shares.reread},
                                           {"int8", shares.dot},
                                           {"f32", shares.fma},
                                           {"bf16", shares.bf16}});
    if (row.result.profile.total().calls > 0) {
      out.emplace_back("profile", profile_json(row.result.profile, *limits));
    }
  }
  return out;
}

std::string bench_line(const BenchRow& row, const std::optional<kernels::Limits>& limits) {
  const Rates rates = rates_of(row.result.rates);
  char line[240];
  int length = std::snprintf(line, sizeof(line), "%-14s %10.1f t/s  median %.1f  best %.1f  +- %.1f", row.test.c_str(),
                             rates.mean, rates.median, rates.best, rates.deviation);
  if (limits) {
    const Shares shares = shares_of(row, rates.mean, *limits);
    length += std::snprintf(line + length, sizeof(line) - static_cast<size_t>(length),
                            "   %.0f %% of read, %.0f %% of reread, %.0f %% of int8, %.0f %% of f32, %.0f %% of bf16",
                            shares.read * 100, shares.reread * 100, shares.dot * 100, shares.fma * 100,
                            shares.bf16 * 100);
  }
  return std::string(line, static_cast<size_t>(length)) + "\n";
}

}  // namespace pio::apps
