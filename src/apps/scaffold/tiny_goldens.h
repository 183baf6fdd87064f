// SPDX-License-Identifier: Apache-2.0
// Golden numbers of our own for a tiny checkpoint, until the reference implementation's replace
// them.
#pragma once

#include <filesystem>
#include <string>

namespace pio::apps {

/// Runs the checkpoint in `folder` as an nn::Decoder with the scalar reference kernels, all in f32,
/// and writes golden.json ("source": "self-made") and golden.safetensors beside it. origin: what it
/// was made from, for the file's note. Errors: those of loading and writing.
void write_tiny_goldens(const std::filesystem::path& folder, const std::string& origin);

}  // namespace pio::apps
