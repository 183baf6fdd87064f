// SPDX-License-Identifier: Apache-2.0
// Requests and load options from Python's arguments.
#pragma once

#include <nanobind/nanobind.h>

#include "pio/plugin/model_plugin.h"

namespace pio::bindings {

namespace nb = nanobind;

/// A request from a text, a list of ids, or a dict with prompt, messages or ids and the fields that `sampling` may
/// have too: max_tokens temperature top_k top_p min_p repetition_penalty frequency_penalty presence_penalty seed stop
/// ignore_eos. text: null for a plugin without, whose prompts stay texts. Errors: TypeError for another field;
/// kInvalidArgument for values that do not fit; kUnsupported for text without a tokenizer, messages without a template.
[[nodiscard]] generation::Request to_request(nb::handle input, nb::kwargs sampling, const plugin::TextParts* text);

/// The text parts of a loaded language model; null for any other plugin.
[[nodiscard]] const plugin::TextParts* text_of(plugin::ModelPluginInterface& plugin);

/// A request as the dict that a plugin's own infer() takes: prompt, ids and the fields above.
[[nodiscard]] nb::dict to_fields(const generation::Request& request);

/// `input` and `sampling` as that dict, for the loop of `plugin`: without text parts it takes messages as they are.
/// Errors: as to_request.
[[nodiscard]] nb::dict own_loop_fields(plugin::ModelPluginInterface& plugin, nb::handle input, nb::kwargs sampling);

/// Errors: TypeError naming what is left in `rest`: `what` has no such argument.
void reject_rest(const nb::dict& rest, const char* what);

/// Options of a load by keyword, over those in `out`: weights, kv, ctx, chunk, threads, parallel, allow_extra,
/// disable_pass, isa, as the command line has them. Takes what it knows out of `given`. Errors: kInvalidArgument.
void take_load_options(nb::dict given, plugin::LoadOptions& out);

}  // namespace pio::bindings
