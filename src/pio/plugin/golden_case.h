// SPDX-License-Identifier: Apache-2.0
// One golden case of a model folder: a checkpoint, prompts, and the reference implementation's numbers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pio/formats/safetensors.h"
#include "pio/plugin/model_factory.h"

namespace pio::plugin {

/// How far one tensor of a model is from its golden numbers.
struct TensorDifference {
  std::string name;    ///< "hidden.embed", "hidden.<i>", "hidden.final" or "logits"
  double worst = 0;    ///< largest difference of one number over all prompts
  std::string prompt;  ///< the prompt that has it
};

/// How far a model is from a golden case.
struct GoldenDifference {
  std::vector<TensorDifference> tensors;  ///< in the order in which they are computed
  int64_t compared = 0;                   ///< tensors times prompts

  /// The tensor that is furthest off. Errors: kInternal if there is none.
  [[nodiscard]] const TensorDifference& worst() const;
  /// The first that is more than `most` off, or null.
  [[nodiscard]] const TensorDifference* first_above(double most) const;
};

/// The tokens of greedy generation beside the recorded ones.
struct GreedyIds {
  std::vector<int32_t> expected, got;
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
  /// Greedy generation behind the recorded prompt.
  [[nodiscard]] GreedyIds greedy(CausalLMPlugin& model) const;

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
