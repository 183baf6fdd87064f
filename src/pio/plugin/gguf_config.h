// SPDX-License-Identifier: Apache-2.0
// GGUF metadata in the vocabulary of config.json, so that one reader serves both.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pio/formats/gguf.h"
#include "pio/formats/hf_config.h"

namespace pio::plugin {

/// The keys of the file's architecture under their config.json names: hidden_size, num_hidden_layers,
/// rope_scaling ... Facts that GGUF leaves to the tensors (vocabulary, biases, tied head) are read off them.
/// Errors: kBadFile naming the key: missing, of the wrong type or out of range; kUnsupported for a
/// rope.dimension_count other than the head's (no architecture here has partial rotary positions) and for
/// rope.scaling keys that would change the positions and that no config field takes.
[[nodiscard]] formats::ConfigSection gguf_config(const formats::GgufFile& file);

/// GGUF name of a parameter that decoders share, named as in Hugging Face checkpoints: "blk.3.attn_q.weight" for
/// "model.layers.3.self_attn.q_proj.weight". Empty if there is none.
[[nodiscard]] std::string gguf_name(const std::string& parameter);

/// Row orders of q and k in GGUF files of Llama's kind, which store them so that rotated pairs are neighbours:
/// file row (head, i, j) is row (head, j, i). The result suits LoadRules::row_order.
[[nodiscard]] std::function<std::vector<int32_t>(const std::string& parameter, int64_t rows)> paired_qk_rows(
    int64_t heads, int64_t kv_heads);

}  // namespace pio::plugin
