// SPDX-License-Identifier: Apache-2.0
// One golden case of a model folder: a checkpoint, prompts, and the reference implementation's numbers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pio/formats/safetensors.h"
#include "pio/plugin/model_factory.h"

namespace pio::plugin {

/// Reads golden.json and golden.safetensors of a folder: prompts by name, "<prompt>.logits" [1, vocab],
/// "<prompt>.hidden.<i>" [rows, hidden], greedy ids.
class GoldenCase {
 public:
  /// Errors: kBadFile, kNotFound.
  explicit GoldenCase(const std::filesystem::path& folder);

  /// The checkpoint.
  [[nodiscard]] const std::filesystem::path& model() const noexcept { return model_; }
  [[nodiscard]] std::vector<std::string> prompts() const;
  [[nodiscard]] std::vector<int32_t> prompt(const std::string& name) const;

  /// Largest difference of logits and hidden states over all prompts; `model` must have been loaded with taps.
  /// where: the tensor with that difference.
  [[nodiscard]] double worst_difference(CausalLMPlugin& model, std::string& where) const;
  /// Whether greedy generation gives the recorded ids.
  [[nodiscard]] bool greedy_agrees(CausalLMPlugin& model) const;

 private:
  formats::SafetensorsFile numbers_;
  json::Value facts_;
  std::filesystem::path model_;
};

/// The golden cases under `folder`, by name.
[[nodiscard]] std::vector<std::filesystem::path> golden_cases(const std::filesystem::path& folder);

}  // namespace pio::plugin
