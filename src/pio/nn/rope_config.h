// SPDX-License-Identifier: Apache-2.0
// Rotary settings as config.json spells them, old and new.
#pragma once

#include "pio/formats/hf_config.h"
#include "pio/ops/ops.h"

namespace pio::nn {

/// The scaling alone, from a section that is rope_scaling. Errors: as read_rope's.
[[nodiscard]] ops::RopeScaling read_rope_scaling(const formats::ConfigSection& section);

/// Reads rope_theta, and rope_scaling or rope_parameters (kinds default, linear, llama3, yarn), of `config`.
/// max_positions stands in for a missing original_max_position_embeddings.
/// Errors: kBadFile naming file, key and value; kUnsupported for another kind.
[[nodiscard]] ops::RopeOptions read_rope(const formats::ConfigSection& config, int64_t max_positions);

}  // namespace pio::nn
