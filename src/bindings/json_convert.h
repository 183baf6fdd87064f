// SPDX-License-Identifier: Apache-2.0
// JSON values as Python objects and back.
#pragma once

#include <nanobind/nanobind.h>

#include "pio/base/json.h"

namespace pio::bindings {

namespace nb = nanobind;

/// None, bool, int, float, str, list or dict.
[[nodiscard]] nb::object to_python(const json::Value& value);
[[nodiscard]] nb::dict to_python(const json::Object& members);

/// what: names the value in messages. Errors: kInvalidArgument for an object that JSON has no form for.
[[nodiscard]] json::Value to_json(nb::handle object, std::string_view what);
[[nodiscard]] json::Object to_json_object(nb::handle mapping, std::string_view what);

}  // namespace pio::bindings
