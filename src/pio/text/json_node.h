// SPDX-License-Identifier: Apache-2.0
// A place in a JSON document that knows its path, for messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/base/json.h"

namespace pio::text {

/// A value and where it stands: "tokenizer.json: pre_tokenizer.pretokenizers[1]". An absent value
/// is null.
class JsonNode {
 public:
  /// `value` must outlive the node.
  JsonNode(const json::Value& value, std::string path) : value_(&value), path_(std::move(path)) {}

  [[nodiscard]] const json::Value& value() const noexcept { return *value_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool is_null() const { return value_->is_null(); }

  /// Member `name`, null if absent. Errors: kBadFile if this is no object.
  [[nodiscard]] JsonNode member(std::string_view name) const;
  /// The elements of an array. Errors: kBadFile if this is no array.
  [[nodiscard]] std::vector<JsonNode> elements() const;
  /// The members of an object with their names. Errors: kBadFile if this is no object.
  [[nodiscard]] std::vector<std::pair<std::string, JsonNode>> members() const;

  /// The value itself. Errors: kBadFile if it is of another kind.
  [[nodiscard]] std::string_view as_string() const;
  [[nodiscard]] int64_t as_integer() const;
  [[nodiscard]] bool as_bool() const;
  /// as_bool(), or `absent` where the value is null.
  [[nodiscard]] bool bool_or(bool absent) const { return is_null() ? absent : as_bool(); }
  /// Member "type". Errors: kBadFile without one.
  [[nodiscard]] std::string_view type() const { return member("type").as_string(); }

  /// Throws kUnsupported: "<path>: <what> is not supported".
  [[noreturn]] void unsupported(std::string_view what) const;
  /// Throws kBadFile: "<path>: <what>".
  [[noreturn]] void reject(std::string_view what) const;

 private:
  const json::Value* value_;
  std::string path_;
};

}  // namespace pio::text
