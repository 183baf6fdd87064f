// SPDX-License-Identifier: Apache-2.0
// Fills a module's parameters from a checkpoint, whatever its files, without copying weights.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pio/formats/open.h"
#include "pio/nn/module.h"

namespace pio::plugin {

/// Formats that weights may be kept in: "auto" leaves each as the file has it.
enum class WeightFormat : uint8_t { kAuto, kF32, kF16, kBF16, kQ8, kQ4 };

/// "auto", "f32" ... as an enumerator. Errors: kInvalidArgument listing the names.
[[nodiscard]] WeightFormat weight_format(std::string_view name);

/// What an architecture says about its checkpoints' tensors.
struct LoadRules {
  /// Name in the file of a parameter; the parameter's own name by default.
  std::function<std::string(const std::string& parameter)> file_name;
  /// Row i of parameter is row order[i] of the file's tensor; empty: as it lies.
  std::function<std::vector<int32_t>(const std::string& parameter, int64_t rows)> row_order;
  /// Endings of names that may be in a file and are not used, each for a reason that the model's README gives.
  std::vector<std::string> ignored_parameters;
  bool allow_extra = false;  ///< unexpected tensors are a warning
  WeightFormat format = WeightFormat::kAuto;
};

/// An opened checkpoint: its config, its tensors, and how they get into a module.
class CustomModelLoader {
 public:
  /// Opens a Hugging Face folder or a .gguf file. Errors: those of formats::open_checkpoint.
  explicit CustomModelLoader(const std::filesystem::path& path);
  /// Takes files that were opened.
  explicit CustomModelLoader(formats::Checkpoint checkpoint);

  [[nodiscard]] const formats::Checkpoint& checkpoint() const noexcept { return checkpoint_; }
  [[nodiscard]] bool is_gguf() const noexcept { return checkpoint_.gguf != nullptr; }
  /// config.json, or GGUF metadata under its names.
  [[nodiscard]] const formats::ConfigSection& config() const noexcept { return config_; }
  /// Names of all tensors as the files have them.
  [[nodiscard]] std::vector<std::string> names() const;
  /// One tensor as a parameter that was loaded. Errors: kBadFile if there is none of that name.
  [[nodiscard]] nn::Tensor tensor(const std::string& name) const;

  /// Points every parameter of `module` at its tensor. Errors: kBadFile listing all that are missing ("name [a, b]"),
  /// of another shape ("expected [a, b], file has [c, d]") or unexpected. Returns the names of
  /// the tensors that are ignored or allowed, and not read.
  std::vector<std::string> load_into(nn::Module& module, const LoadRules& rules) const;

  /// Bytes of all tensors in the files.
  [[nodiscard]] int64_t weight_bytes() const;

 private:
  formats::Checkpoint checkpoint_;
  formats::ConfigSection config_;
};

}  // namespace pio::plugin
