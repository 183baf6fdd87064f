// SPDX-License-Identifier: Apache-2.0
// Names that a model folder may have: they become a C++ namespace and a Python package.
#pragma once

#include <string>
#include <string_view>

namespace pio::apps {

/// Why `name` cannot name a model folder, or "": not [a-z][a-z0-9_]* of at most 64 characters, a
/// word of C++ or Python, or a name of the engine's own.
[[nodiscard]] std::string why_not_a_model_name(std::string_view name);

/// The name's class: "my_model" gives "MyModel".
[[nodiscard]] std::string class_name(std::string_view name);
/// The class of its model: the same with "Model" behind it, once.
[[nodiscard]] std::string model_class_name(std::string_view name);

}  // namespace pio::apps
