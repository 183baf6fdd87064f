// SPDX-License-Identifier: Apache-2.0
// Requests and load options from Python's arguments.
#pragma once

#include <nanobind/nanobind.h>

#include "pio/plugin/model_plugin.h"

namespace pio::bindings {

namespace nb = nanobind;

/// A request from a text, a list of ids, or a dict with prompt, messages or ids and the fields that `sampling` may
/// have too: max_tokens temperature top_k top_p min_p repetition_penalty frequency_penalty presence_penalty seed stop
/// ignore_eos. Errors: TypeError for another field; kInvalidArgument for values that do not fit; kUnsupported for
/// text without a tokenizer, messages without a chat template.
[[nodiscard]] generation::Request to_request(nb::handle input, nb::kwargs sampling, const plugin::TextParts& text);

/// Options of a load by keyword: weights, kv, ctx, chunk, threads, parallel, allow_extra, disable_pass, isa, as the
/// command line has them. Takes what it knows out of `given`.
[[nodiscard]] plugin::LoadOptions take_load_options(nb::dict given);

}  // namespace pio::bindings
