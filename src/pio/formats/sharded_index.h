// SPDX-License-Identifier: Apache-2.0
// The weights of a Hugging Face folder: one safetensors file, or shards named by an index.
#pragma once

#include <filesystem>
#include <memory>

#include "pio/formats/weight_source.h"

namespace pio::formats {

/// Opens `model.safetensors`, or else the shards of `model.safetensors.index.json`, in `folder`.
/// A shard must be a plain file name: an index cannot lead out of the folder. Shards are mapped,
/// not read. Errors: kNotFound if the folder has neither file; kUnsupported, with what to do, if it
/// has only pickle files (never opened); kBadFile naming the shard, tensor and byte for all that is
/// wrong inside: missing shard, tensor in two shards or not in its shard, more than 4096 shards.
[[nodiscard]] std::unique_ptr<WeightSource> open_weights_folder(
    const std::filesystem::path& folder);

}  // namespace pio::formats
