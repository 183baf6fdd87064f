// SPDX-License-Identifier: Apache-2.0
// Rotary scaling as an argument from Python.
#pragma once

#include <nanobind/nanobind.h>

#include "pio/ops/ops.h"

namespace pio::bindings {

namespace nb = nanobind;

/// `scaling` as config.json's rope_scaling says it, or None. what: names the argument in messages.
/// Errors: kInvalidArgument naming the key and its value.
[[nodiscard]] ops::RopeScaling rope_scaling_argument(nb::handle scaling, const char* what);

}  // namespace pio::bindings
