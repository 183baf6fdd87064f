// SPDX-License-Identifier: Apache-2.0
// Truth, equality, order and membership.
#include <algorithm>
#include <compare>

#include "pio/base/error.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

bool is_list_like(const Value& value) { return value.is(Kind::kList) || value.is(Kind::kTuple); }

bool equal_dicts(Runtime& runtime, const DictData& a, const DictData& b) {
  if (a.items.size() != b.items.size()) {
    return false;
  }
  return std::ranges::all_of(a.items, [&](const auto& member) {
    runtime.budget.step();
    const Value* other = b.find(member.first);
    return other != nullptr && equal(runtime, member.second, *other);
  });
}

bool equal_ranges(const RangeData& a, const RangeData& b) {
  return a.length == b.length &&
         (a.length == 0 || (a.start == b.start && (a.length == 1 || a.step == b.step)));
}

// nullopt: no order between the two.
std::optional<std::partial_ordering> order(Runtime& runtime, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    return a.as_wide() <=> b.as_wide();
  }
  if (a.is_string() && b.is_string()) {
    runtime.budget.copy(std::min(a.text().size(), b.text().size()));
    return a.text() <=> b.text();  // UTF-8 order is code point order
  }
  if (is_list_like(a) && a.kind() == b.kind()) {
    const auto& left = a.items();
    const auto& right = b.items();
    for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      if (!equal(runtime, left[i], right[i])) {
        return order(runtime, left[i], right[i]);
      }
    }
    return left.size() <=> right.size();
  }
  return std::nullopt;
}

std::partial_ordering need_order(Runtime& runtime, const Value& a, const Value& b,
                                 std::string_view sign) {
  for (const Value* side : {&a, &b}) {
    if (side->is_undefined()) {
      fail_run(side->undefined_message());
    }
  }
  const auto found = order(runtime, a, b);
  if (!found) {
    fail_run(concat("'", sign, "' not supported between instances of '", type_name(a), "' and '",
                    type_name(b), "'"));
  }
  return *found;
}

bool any_equal(Runtime& runtime, const std::vector<Value>& items, const Value& item) {
  return std::ranges::any_of(items, [&](const Value& each) { return equal(runtime, each, item); });
}

}  // namespace

bool truth(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.as_int() != 0;
    case Kind::kFloat:
      return value.as_double() != 0;
    default:
      return try_length(value).value_or(1) != 0;
  }
}

bool equal(Runtime& runtime, const Value& a, const Value& b) {
  runtime.budget.step();
  if (a.is_number() && b.is_number()) {
    return a.as_wide() == b.as_wide();
  }
  if (a.kind() != b.kind()) {
    return false;
  }
  if (a.identity() != nullptr && a.identity() == b.identity()) {
    return true;
  }
  switch (a.kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return true;
    case Kind::kString:
      runtime.budget.copy(a.text().size());
      return a.text() == b.text();
    case Kind::kList:
    case Kind::kTuple:
      return a.items().size() == b.items().size() &&
             std::ranges::equal(a.items(), b.items(), [&](const Value& x, const Value& y) {
               return equal(runtime, x, y);
             });
    case Kind::kDict:
      return equal_dicts(runtime, a.dict(), b.dict());
    case Kind::kRange:
      return equal_ranges(a.range(), b.range());
    default:
      return false;
  }
}

bool less_than(Runtime& runtime, const Value& a, const Value& b) {
  runtime.budget.step();
  return need_order(runtime, a, b, "<") == std::partial_ordering::less;
}

bool compare(Runtime& runtime, CompareOp op, const Value& a, const Value& b) {
  switch (op) {
    case CompareOp::kEq:
      return equal(runtime, a, b);
    case CompareOp::kNe:
      return !equal(runtime, a, b);
    case CompareOp::kLt:
      return need_order(runtime, a, b, "<") < 0;
    case CompareOp::kLe:
      return need_order(runtime, a, b, "<=") <= 0;
    case CompareOp::kGt:
      return need_order(runtime, a, b, ">") > 0;
    case CompareOp::kGe:
      return need_order(runtime, a, b, ">=") >= 0;
    case CompareOp::kIn:
      return contains(runtime, b, a);
    case CompareOp::kNotIn:
      return !contains(runtime, b, a);
  }
  return false;
}

bool contains(Runtime& runtime, const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::kUndefined:
      return false;
    case Kind::kString:
      if (!item.is_string()) {
        fail_run(item.is_undefined() ? item.undefined_message()
                                     : concat("'in <string>' requires string as left operand, not ",
                                              type_name(item)));
      }
      runtime.budget.scan(container.text().size());
      return container.text().find(item.text()) != std::string_view::npos;
    case Kind::kDict:
      runtime.budget.scan(item.is_string() ? item.text().size() : 0);
      static_cast<void>(hash_value(item));
      return container.dict().find(item) != nullptr;
    case Kind::kList:
    case Kind::kTuple:
      return any_equal(runtime, container.items(), item);
    default:
      return any_equal(runtime, iterate(runtime, container), item);
  }
}

}  // namespace pio::text::jinja
