// SPDX-License-Identifier: Apache-2.0
// JSON in and out: one SAX reader with depth, duplicate-key and offset checks, and an ordered DOM
// built from it for documents under 1 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pio::json {

/// Receives the events of parse(). Throwing from an event stops the parse.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void null() = 0;
  virtual void boolean(bool value) = 0;
  virtual void integer(int64_t value) = 0;
  /// A whole number above INT64_MAX.
  virtual void unsigned_integer(uint64_t value) = 0;
  virtual void real(double value) = 0;
  virtual void string(std::string_view value) = 0;
  virtual void begin_object() = 0;
  virtual void key(std::string_view name) = 0;
  virtual void end_object() = 0;
  virtual void begin_array() = 0;
  virtual void end_array() = 0;

  /// Byte offset just behind the token of the current event.
  [[nodiscard]] size_t offset() const noexcept { return offset_; }

 private:
  friend struct SaxAdapter;
  size_t offset_ = 0;
};

struct Limits {
  int max_depth = 64;                  ///< nested arrays and objects
  bool reject_duplicate_keys = true;  ///< within one object
};

/// Parses `text` (UTF-8, no BOM), sending events to `handler`. `source` names the file in messages.
/// Errors: kBadFile with the source and byte offset: syntax, invalid UTF-8, a number outside double's
/// range, depth, duplicate key, anything but white space behind the value.
void parse(std::string_view text, std::string_view source, Handler& handler, Limits limits = {});

class Value;
using Array = std::vector<Value>;
/// Members in document order.
using Object = std::vector<std::pair<std::string, Value>>;

/// An immutable-by-habit JSON value; objects keep their order.
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}                                     // NOLINT(google-explicit-constructor)
  Value(bool value) : data_(value) {}                          // NOLINT(google-explicit-constructor)
  Value(int value) : data_(static_cast<int64_t>(value)) {}     // NOLINT(google-explicit-constructor)
  Value(int64_t value) : data_(value) {}                       // NOLINT(google-explicit-constructor)
  Value(uint64_t value) : data_(value) {}                      // NOLINT(google-explicit-constructor)
  Value(double value) : data_(value) {}                        // NOLINT(google-explicit-constructor)
  Value(const char* value) : data_(std::string(value)) {}      // NOLINT(google-explicit-constructor)
  Value(std::string_view value) : data_(std::string(value)) {} // NOLINT(google-explicit-constructor)
  Value(std::string value) : data_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  Value(Array value) : data_(std::move(value)) {}              // NOLINT(google-explicit-constructor)
  Value(Object value) : data_(std::move(value)) {}             // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(data_); }
  [[nodiscard]] bool is_integer() const { return std::holds_alternative<int64_t>(data_); }
  [[nodiscard]] bool is_unsigned() const { return std::holds_alternative<uint64_t>(data_); }
  [[nodiscard]] bool is_real() const { return std::holds_alternative<double>(data_); }
  [[nodiscard]] bool is_number() const { return is_integer() || is_unsigned() || is_real(); }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(data_); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(data_); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(data_); }

  /// The held value. Errors: kInternal if another kind is held: test with is_...() first.
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] int64_t as_integer() const;
  [[nodiscard]] uint64_t as_unsigned() const;
  /// Any number as double.
  [[nodiscard]] double as_double() const;
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Array& as_array() const;
  [[nodiscard]] const Object& as_object() const;

  /// The member `key` of an object, or nullptr (also when this is no object).
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// "null", "bool", "integer", "number", "string", "array" or "object".
  [[nodiscard]] std::string_view kind() const;

  /// Compact JSON text, or indented when indent > 0. Invalid UTF-8 is replaced by U+FFFD.
  [[nodiscard]] std::string dump(int indent = 0) const;

 private:
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Array, Object> data_;
};

/// Largest document that parse_value() accepts.
inline constexpr size_t kMaxDomBytes = size_t{1} << 20;

/// Parses a whole document into a Value. Errors: as parse(), and kBadFile above kMaxDomBytes.
[[nodiscard]] Value parse_value(std::string_view text, std::string_view source, Limits limits = {});

/// Appends `text` as a quoted JSON string; invalid UTF-8 becomes U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace pio::json
