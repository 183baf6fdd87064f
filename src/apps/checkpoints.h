// SPDX-License-Identifier: Apache-2.0
// From the MODEL argument to files: checkpoints by name, and opening them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pio/base/error.h"
#include "pio/formats/open.h"

namespace pio::apps {

/// An error that concerns MODEL: it cannot be found, read or run.
class ModelError : public Error {
 public:
  explicit ModelError(const Error& error) : Error(error.code(), error.what()) {}
};

/// Folder of checkpoints that are found by name first, then those of INFERENCE_PIO_MODELS.
/// Errors: kInvalidArgument naming INFERENCE_PIO_MODELS and what in it is no folder.
[[nodiscard]] std::vector<std::filesystem::path> checkpoint_folders();

/// A checkpoint that `models` lists.
struct FoundCheckpoint {
  std::string name;
  std::filesystem::path path;
};
/// By name. Of several with one name, the first found is there.
[[nodiscard]] std::vector<FoundCheckpoint> find_checkpoints();

/// Name of the checkpoint that `run` takes without arguments.
inline constexpr const char* kDefaultCheckpoint = "SmolLM2-135M-Instruct.Q4_1";

/// The path that MODEL stands for: itself, or a checkpoint by name. Errors: ModelError.
[[nodiscard]] std::filesystem::path resolve_model(const std::string& model);

/// Opens a checkpoint's files alone. Errors: ModelError.
[[nodiscard]] formats::Checkpoint open_model(const std::string& model);

}  // namespace pio::apps
