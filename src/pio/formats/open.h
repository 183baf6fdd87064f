// SPDX-License-Identifier: Apache-2.0
// Opens a checkpoint, whatever it is: a Hugging Face folder or a GGUF file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "pio/formats/gguf.h"
#include "pio/formats/hf_config.h"
#include "pio/formats/weight_source.h"

namespace pio::formats {

enum class CheckpointKind : uint8_t { kHuggingFace, kGguf };

/// An opened checkpoint: weights mapped, configuration read.
struct Checkpoint {
  CheckpointKind kind;
  std::filesystem::path path;
  std::shared_ptr<const WeightSource> weights;  ///< never null; for a GGUF the same object as gguf
  std::shared_ptr<const GgufFile> gguf;         ///< null for a Hugging Face folder
  std::shared_ptr<const HfConfig> config;       ///< null for a GGUF
};

/// Opens the folder (config.json and safetensors) or .gguf file at `path`. Never blocks on a FIFO
/// or device. Errors: kNotFound if there is nothing there, or no config.json or weights in the
/// folder; kUnsupported for pickle weights and split GGUF files; kBadFile for all else.
[[nodiscard]] Checkpoint open_checkpoint(const std::filesystem::path& path);

}  // namespace pio::formats
