// SPDX-License-Identifier: Apache-2.0
// Attributes of a graph node: a few named values, comparable and printable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pio::tensor {

using AttrValue = std::variant<int64_t, double, std::string>;

/// Named values in the order in which the op sets them.
class Attrs {
 public:
  Attrs() = default;
  Attrs(std::initializer_list<std::pair<std::string, AttrValue>> values) : values_(values) {}

  /// The value called `name`. Errors: kInternal if the op never set it or as another kind.
  [[nodiscard]] int64_t get_int(std::string_view name) const;
  [[nodiscard]] double get_double(std::string_view name) const;
  [[nodiscard]] const std::string& get_string(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// A copy with `name` set or replaced.
  [[nodiscard]] Attrs with(std::string name, AttrValue value) const;

  [[nodiscard]] const std::vector<std::pair<std::string, AttrValue>>& values() const { return values_; }
  bool operator==(const Attrs&) const = default;

  /// "eps=1e-05 scale=1".
  [[nodiscard]] std::string to_string() const;

 private:
  [[nodiscard]] const AttrValue& at(std::string_view name) const;
  std::vector<std::pair<std::string, AttrValue>> values_;
};

}  // namespace pio::tensor
