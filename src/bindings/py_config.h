// SPDX-License-Identifier: Apache-2.0
// A config written in Python, a dataclass, as the engine's loaders see it.
#pragma once

#include <nanobind/nanobind.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pio/plugin/base_config.h"

namespace pio::bindings {

namespace nb = nanobind;

/// The fields of a BaseConfig subclass with their defaults, ready to take a file's values and a caller's. Holds no
/// Python object: filled without the GIL.
class PyConfig final : public plugin::BaseConfig {
 public:
  /// Needs the GIL. Errors: kInvalidArgument for a field without a default.
  explicit PyConfig(nb::handle config_class);

  void fields(plugin::FieldVisitor& visitor) override;
  [[nodiscard]] std::string known_fields() override;
  [[nodiscard]] bool* tied_head() noexcept override { return has_tied_ ? &tied_ : nullptr; }

  /// The value of a whole-number field of the class's own; none if it is null or there is no such field.
  [[nodiscard]] std::optional<int64_t> whole_number(std::string_view name) const;
  /// The values that are not the class's defaults: the keyword arguments that make an equal config.
  [[nodiscard]] json::Object changed() const;
  /// The same for a config object of the class. Needs the GIL.
  [[nodiscard]] json::Object changed(nb::handle config) const;

 private:
  struct Field {
    std::string name;
    std::string wanted;
    std::function<bool(const json::Value&)> fits;
    json::Value value;
  };
  std::vector<Field> own_;
  std::set<std::string> opaque_;  // fields whose default is no JSON: its text stands for it here
  bool is_base_ = false;          // BaseConfig itself
  bool has_tied_ = false;
  bool tied_ = false;
  json::Object defaults_;
};

}  // namespace pio::bindings
