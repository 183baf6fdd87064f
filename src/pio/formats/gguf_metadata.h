// SPDX-License-Identifier: Apache-2.0
// GGUF's key-value section: typed values that point into the file, and getters that check types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "pio/formats/byte_reader.h"

namespace pio::formats {

/// Value type of a GGUF key, with the format's numbers.
enum class GgufType : uint32_t {
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kF32,
  kBool,
  kString,
  kArray,
  kU64,
  kI64,
  kF64,
};

/// "u32", "string", "array" ...
[[nodiscard]] std::string_view name(GgufType type) noexcept;

/// An array value: checked against the file, its elements still in the file's form.
struct GgufArray {
  GgufType element;  ///< never kArray
  uint64_t count;
  std::span<const std::byte> bytes;  ///< numbers: packed; strings: each a u64 length and its bytes
};

/// One value. Strings and arrays point into the file.
struct GgufValue {
  GgufType type;
  /// Unsigned numbers as uint64_t, signed ones as int64_t, f32 and f64 as double.
  std::variant<uint64_t, int64_t, double, bool, std::string_view, GgufArray> data;
  uint64_t offset;  ///< where the value lies in the file, for messages

  /// "string", "array of i32" ...
  [[nodiscard]] std::string type_name() const;
};

/// The key-value section. All getters return nothing for an absent key and throw kBadFile, naming
/// the key, its type and its byte offset, for a value of another type or outside the wanted range.
/// Views stay valid as long as the file does.
class GgufMetadata {
 public:
  struct Entry {
    std::string_view key;
    GgufValue value;
  };

  /// Every pair, in file order.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// The value of `key`, or nullptr.
  [[nodiscard]] const GgufValue* get(std::string_view key) const;

  /// Any whole-number type within [min, max].
  [[nodiscard]] std::optional<uint64_t> get_uint(
      std::string_view key, uint64_t min = 0,
      uint64_t max = std::numeric_limits<uint64_t>::max()) const;
  /// Any whole-number type that fits int64_t.
  [[nodiscard]] std::optional<int64_t> get_int(std::string_view key) const;
  /// f32 or f64, finite or not.
  [[nodiscard]] std::optional<double> get_float(std::string_view key) const;
  [[nodiscard]] std::optional<bool> get_bool(std::string_view key) const;
  [[nodiscard]] std::optional<std::string_view> get_string(std::string_view key) const;

  /// Array of strings, as views into the file: no bytes are copied. Bytes need not be valid UTF-8.
  [[nodiscard]] std::optional<std::vector<std::string_view>> get_array_of_strings(
      std::string_view key) const;
  /// Array of any whole-number type.
  [[nodiscard]] std::optional<std::vector<int64_t>> get_array_of_ints(std::string_view key) const;
  /// Array of f32 or f64.
  [[nodiscard]] std::optional<std::vector<float>> get_array_of_floats(std::string_view key) const;
  [[nodiscard]] std::optional<std::vector<bool>> get_array_of_bools(std::string_view key) const;

 protected:
  GgufMetadata() = default;
  ~GgufMetadata() = default;
  GgufMetadata(const GgufMetadata&) = delete;
  GgufMetadata& operator=(const GgufMetadata&) = delete;

  /// Reads `count` pairs. Errors: kBadFile on any broken key, value or duplicate.
  void read_entries(ByteReader& reader, uint64_t count, const std::string& source);

 private:
  [[noreturn]] void wrong_type(std::string_view key, const GgufValue& value,
                               std::string_view wanted) const;
  const GgufArray* array(std::string_view key, std::string_view wanted,
                         bool (*accepts)(GgufType)) const;

  std::string source_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, size_t> index_;
};

}  // namespace pio::formats
