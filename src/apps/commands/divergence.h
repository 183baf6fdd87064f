// SPDX-License-Identifier: Apache-2.0
// How far logits are from saved ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pio/base/json.h"
#include "pio/formats/safetensors.h"

namespace pio::apps {

/// Key, in a file of saved logits, of windows_hash of the ids that they are the logits of.
inline constexpr const char* kWindowsHashKey = "pio.windows_fnv1a";

/// FNV-1a of the ids as 16 hex digits.
[[nodiscard]] std::string windows_hash(std::span<const int32_t> ids);

/// log(sum(exp(logits))).
[[nodiscard]] double log_sum_exp(std::span<const float> logits);

/// Kullback-Leibler divergence of our distributions from those saved in a file.
class Divergence {
 public:
  /// The logits at `path`: [windows, context, vocab] F32. ids: [ours, context], the ids to be
  /// scored. A file with a hash must be of these very ids. One without, by another tool, is taken
  /// to be of our first windows, with a warning. Errors: those of SafetensorsFile; kInvalidArgument
  /// for logits of another shape, of other ids, or of more windows than ours.
  Divergence(const std::string& path, std::span<const int32_t> ids, int64_t context, int64_t vocab);

  /// Compares one position. logits: [vocab]; log_sum: their log_sum_exp. Windows that the file
  /// lacks are left out.
  void add(int64_t window, int64_t position, std::span<const float> logits, double log_sum);

  /// Adds kl_mean, kl_max, same_top and kl_tokens.
  void add_to(json::Object& out) const;

 private:
  formats::SafetensorsFile file_;
  int64_t context_;
  int64_t windows_ = 0;
  std::span<const std::byte> bytes_;
  std::vector<float> reference_;
  double sum_ = 0;
  double max_ = 0;
  int64_t same_ = 0;
  int64_t count_ = 0;
};

}  // namespace pio::apps
