// SPDX-License-Identifier: Apache-2.0
// Looking filters up, and what several of them share.
#include "pio/text/jinja/filters.h"

#include <algorithm>
#include <numeric>

#include "pio/base/error.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {

Filter find_filter(std::string_view name) {
  for (const auto table :
       {text_filters(), sequence_filters(), select_filters(), number_filters(), value_filters()}) {
    const auto found = std::ranges::find(table, name, &Named<Filter>::name);
    if (found != table.end()) {
      return found->function;
    }
  }
  return nullptr;
}

AttributePath::AttributePath(Runtime& runtime, const Value* path) {
  if (path == nullptr || path->is_none()) {
    return;
  }
  if (!path->is_string()) {
    keys_.push_back(*path);
    return;
  }
  runtime.budget.scan(path->text().size() * 16);
  for (const std::string_view part : split(path->text(), ".", -1, false)) {
    const bool digits =
        !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    const auto index = digits ? parse_int(part, 10) : std::nullopt;
    keys_.push_back(index ? Value::integer(*index) : runtime.string(part));
  }
}

Value AttributePath::of(Runtime& runtime, const Value& item, const Value* otherwise) const {
  Value out = item;
  for (const Value& key : keys_) {
    runtime.budget.step();
    out = get_item(runtime, out, key);
    if (otherwise != nullptr && out.is_undefined()) {
      out = *otherwise;
    }
  }
  return out;
}

Value fold_case(Runtime& runtime, const Value& value, bool case_sensitive) {
  if (case_sensitive || !value.is_string()) {
    return value;
  }
  runtime.budget.scan(value.text().size());
  return runtime.string(map_case(value.text(), CaseMap::kLower));
}

std::vector<size_t> sorted_order(Runtime& runtime, const std::vector<Value>& keys, bool reverse) {
  std::vector<size_t> order(keys.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // Python keeps the first of two equal items first in reverse order too.
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return reverse ? less_than(runtime, keys[b], keys[a]) : less_than(runtime, keys[a], keys[b]);
  });
  return order;
}

Value like(Runtime& runtime, const Value& original, std::string text) {
  runtime.budget.scan(text.size());
  return runtime.string(std::move(text), original.is_string() && original.string_data().markup);
}

}  // namespace pio::text::jinja
