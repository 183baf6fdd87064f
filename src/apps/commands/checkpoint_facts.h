// SPDX-License-Identifier: Apache-2.0
// What inspect says about a checkpoint.
#pragma once

#include "pio/base/json.h"
#include "pio/formats/open.h"

namespace pio::apps {

/// {"path", "format", "architecture", "reason", "parameters", "file_bytes", "metadata", "tensors"}.
/// architecture: the one that opens it, or "" with the reason. metadata: config.json, or a GGUF's
/// pairs, an array as {"type", "length", "first"} with its first items. tensors: {"name", "type",
/// "shape", "bytes"} each.
[[nodiscard]] json::Object checkpoint_facts(const formats::Checkpoint& checkpoint);

/// The same to be read by people: a line per fact, pair and tensor. Long texts are cut.
[[nodiscard]] std::string checkpoint_text(const formats::Checkpoint& checkpoint);

}  // namespace pio::apps
