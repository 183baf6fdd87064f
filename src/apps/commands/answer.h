// SPDX-License-Identifier: Apache-2.0
// One answer of run and chat: step by step, so that Ctrl-C and a closed stdout end it.
#pragma once

#include "../command.h"
#include "pio/plugin/model_plugin.h"

namespace pio::apps {

/// Answers `request` in the engine, or in the loop of its own that `model` has, its text printed as it comes if
/// `streamed`. Ctrl-C ends it, as kCancelled.
/// Errors: kInvalidArgument as Generator::submit; kInternal with what happened to the request; ModelError for a
/// loop that answers nothing; OutputError.
[[nodiscard]] generation::GenerationResult answer(plugin::ModelPluginInterface& model,
                                                  generation::Request request, bool streamed);

/// Says on stderr that the context ended an answer, if it did.
void note_full_context(plugin::CausalLMPlugin& model, const generation::GenerationResult& result);

}  // namespace pio::apps
