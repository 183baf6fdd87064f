// SPDX-License-Identifier: Apache-2.0
// A checkpoint of a few hundred kilobytes with weights of our own.
#pragma once

#include <filesystem>

#include "pio/base/json.h"

namespace pio::apps {

/// Writes config.json, model.safetensors (BF16), tokenizer.json and tokenizer_config.json for
/// `config`, one of tiny_config()'s, into `folder`. The weights are the same on every machine.
/// Errors: kBadFile if nn::Decoder cannot be made from it; those of writing.
void write_tiny_checkpoint(const std::filesystem::path& folder, const json::Object& config);

}  // namespace pio::apps
