// SPDX-License-Identifier: Apache-2.0
// Configuration of the Llama family.
#pragma once

#include "pio/plugin/decoder_config.h"

namespace pio::models::llama {

/// Fields of LlamaForCausalLM's and MistralForCausalLM's config.json.
struct LlamaConfig : plugin::DecoderConfig {};

}  // namespace pio::models::llama
