// SPDX-License-Identifier: Apache-2.0
// The tables of methods, one group a file.
#pragma once

#include <span>

#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {

/// str methods that give text or lists of text: strip, split, replace, join, format ...
[[nodiscard]] std::span<const Named<Method>> text_methods();
/// str methods that give numbers and truths: find, count, startswith, isdigit ...
[[nodiscard]] std::span<const Named<Method>> text_query_methods();
[[nodiscard]] std::span<const Named<Method>> dict_methods();
/// list, tuple and range.
[[nodiscard]] std::span<const Named<Method>> sequence_methods();

}  // namespace pio::text::jinja
