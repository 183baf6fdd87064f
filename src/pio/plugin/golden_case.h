// SPDX-License-Identifier: Apache-2.0
// One golden case of a model folder: a checkpoint, prompts, and the reference implementation's numbers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pio/formats/safetensors.h"
#include "pio/plugin/model_factory.h"

namespace pio::plugin {

/// How far a model is from a golden case.
struct GoldenDifference {
  double worst = 0;     ///< largest difference of one number
  std::string where;    ///< the tensor that has it
  int64_t tensors = 0;  ///< how many were compared
};

/// Reads golden.json and golden.safetensors of a folder: prompts by name, "<prompt>.logits" [1, vocab] F32,
/// "<prompt>.hidden.<tap>" [rows, hidden] F32 for each tap of the model, greedy ids.
class GoldenCase {
 public:
  /// Errors: kBadFile, kNotFound.
  explicit GoldenCase(const std::filesystem::path& folder);

  /// The checkpoint.
  [[nodiscard]] const std::filesystem::path& model() const noexcept { return model_; }
  [[nodiscard]] std::vector<std::string> prompts() const;
  [[nodiscard]] std::vector<int32_t> prompt(const std::string& name) const;

  /// Compares logits and every hidden state of every prompt; `model` must have been loaded with taps and a chunk
  /// that holds the longest prompt. Errors: kBadFile naming file and tensor: missing, of another shape or dtype.
  [[nodiscard]] GoldenDifference compare(CausalLMPlugin& model) const;
  /// |logits - golden| / |golden|, Euclidean lengths over the last rows of all prompts. Errors: as compare.
  [[nodiscard]] double logit_drift(CausalLMPlugin& model) const;
  /// Whether greedy generation gives the recorded ids.
  [[nodiscard]] bool greedy_agrees(CausalLMPlugin& model) const;

 private:
  // The tensor as floats. Errors: kBadFile unless it is there, F32 and [rows, cols].
  [[nodiscard]] std::vector<float> numbers(const std::string& name, int64_t rows, int64_t cols) const;
  // Rows of a prompt whose hidden states are recorded.
  [[nodiscard]] std::vector<int32_t> rows(const std::string& prompt, int64_t length) const;

  formats::SafetensorsFile numbers_;
  json::Value facts_;
  std::filesystem::path model_;
};

/// The golden cases of `folder`, by name: its subfolders, or itself where it holds a golden.json.
[[nodiscard]] std::vector<std::filesystem::path> golden_cases(const std::filesystem::path& folder);

}  // namespace pio::plugin
