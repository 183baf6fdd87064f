// SPDX-License-Identifier: Apache-2.0
// Python's operators on template values. All errors are RunError with Python's wording.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {

enum class BinaryOp : uint8_t { kAdd, kSub, kMul, kDiv, kFloorDiv, kMod, kPow };
enum class CompareOp : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe, kIn, kNotIn };

/// bool(value).
[[nodiscard]] bool truth(const Value& value);
[[nodiscard]] Value binary(Runtime& runtime, BinaryOp op, const Value& a, const Value& b);
[[nodiscard]] Value negate(const Value& value);
[[nodiscard]] Value plus(const Value& value);

/// a == b.
[[nodiscard]] bool equal(Runtime& runtime, const Value& a, const Value& b);
/// a < b. Errors: for types without an order.
[[nodiscard]] bool less_than(Runtime& runtime, const Value& a, const Value& b);
[[nodiscard]] bool compare(Runtime& runtime, CompareOp op, const Value& a, const Value& b);
/// item in container.
[[nodiscard]] bool contains(Runtime& runtime, const Value& container, const Value& item);

/// len(value). Errors: for values without a length. try_length() gives nothing instead.
[[nodiscard]] int64_t length(const Value& value);
[[nodiscard]] std::optional<int64_t> try_length(const Value& value);
/// Whether iterate() accepts it.
[[nodiscard]] bool is_iterable(const Value& value);
/// list(value); an iterator is used up. Charges a step per item.
[[nodiscard]] std::vector<Value> iterate(Runtime& runtime, const Value& value);

/// obj[key], or the attribute where a string key is absent; undefined where there is neither.
[[nodiscard]] Value get_item(Runtime& runtime, const Value& obj, const Value& key);
/// obj.name: the attribute, or the item where there is none; undefined where there is neither.
[[nodiscard]] Value get_attribute(Runtime& runtime, const Value& obj, std::string_view name);
/// obj[start:stop:step]. Errors: where obj cannot be sliced.
[[nodiscard]] Value slice(Runtime& runtime, const Value& obj, const Value& start, const Value& stop,
                          const Value& step);

/// Python's a // b and a % b.
[[nodiscard]] int64_t floor_div(int64_t a, int64_t b);
[[nodiscard]] int64_t floor_mod(int64_t a, int64_t b);

}  // namespace pio::text::jinja
