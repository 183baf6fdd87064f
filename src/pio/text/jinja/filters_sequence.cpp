// SPDX-License-Identifier: Apache-2.0
// Filters on sequences.
#include <algorithm>
#include <unordered_set>

#include "pio/base/error.h"
#include "pio/text/jinja/filters.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

Value first(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("first", args, {});
  if (input.is(Kind::kIterator)) {
    IteratorData& data = input.iterator();
    if (data.next >= data.items.size() && !data.error.empty()) {
      fail_run(data.error);
    }
    return data.next < data.items.size() ? data.items[data.next++]
                                         : Value::undefined("No first item, sequence was empty.");
  }
  if (input.is_string() || input.is(Kind::kList) || input.is(Kind::kTuple)) {
    return length(input) > 0 ? get_item(runtime, input, Value::integer(int64_t{0}))
                             : Value::undefined("No first item, sequence was empty.");
  }
  const std::vector<Value> items = iterate(runtime, input);
  return items.empty() ? Value::undefined("No first item, sequence was empty.") : items.front();
}

Value last(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("last", args, {});
  if (input.is(Kind::kIterator)) {
    fail_run(concat("'", type_name(input), "' object is not reversible"));
  }
  if (input.is_string() || input.is(Kind::kList) || input.is(Kind::kTuple)) {
    return length(input) > 0 ? get_item(runtime, input, Value::integer(int64_t{-1}))
                             : Value::undefined("No last item, sequence was empty.");
  }
  const std::vector<Value> items = iterate(runtime, input);
  return items.empty() ? Value::undefined("No last item, sequence was empty.") : items.back();
}

Value join(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("join", args, {"d", "attribute"});
  const std::string separator = bound[0] != nullptr ? to_str(*bound[0]) : std::string();
  const AttributePath path(runtime, bound[1]);
  TextBuilder out;
  bool first_item = true;
  for (const Value& item : iterate(runtime, input)) {
    out.append(first_item ? "" : separator);
    first_item = false;
    append_str(out, path.of(runtime, item));
  }
  runtime.budget.scan(out.size());
  return runtime.string(out.take());
}

Value list(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("list", args, {});
  return runtime.list(iterate(runtime, input));
}

Value reverse(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("reverse", args, {});
  if (input.is_string()) {
    return slice(runtime, input, Value::none(), Value::none(), Value::integer(int64_t{-1}));
  }
  std::vector<Value> items = iterate(runtime, input);
  std::ranges::reverse(items);
  return input.is(Kind::kIterator)
             ? runtime.list(std::move(items))
             : runtime.iterator(std::move(items),
                                input.is(Kind::kList) ? "list_reverseiterator" : "reversed");
}

Value sort(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("sort", args, {"reverse", "case_sensitive", "attribute"});
  const bool case_sensitive = bound.flag(1, false);
  std::vector<AttributePath> paths;
  if (bound[2] != nullptr && bound[2]->is_string()) {
    runtime.budget.scan(bound[2]->text().size() * 16);
    for (const std::string_view part : split(bound[2]->text(), ",", -1, false)) {
      const Value name = runtime.string(part);
      paths.emplace_back(runtime, &name);
    }
  } else {
    paths.emplace_back(runtime, bound[2]);
  }
  const std::vector<Value> items = iterate(runtime, input);
  std::vector<Value> keys;
  keys.reserve(items.size());
  for (const Value& item : items) {
    std::vector<Value> parts;
    for (const AttributePath& path : paths) {
      parts.push_back(fold_case(runtime, path.of(runtime, item), case_sensitive));
    }
    keys.push_back(runtime.list(std::move(parts)));  // lists: equal keys need no order
  }
  std::vector<Value> out;
  out.reserve(items.size());
  for (const size_t at : sorted_order(runtime, keys, bound.flag(0, false))) {
    out.push_back(items[at]);
  }
  return runtime.list(std::move(out));
}

Value unique(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("unique", args, {"case_sensitive", "attribute"});
  return lazily(runtime, [&](std::vector<Value>& out) {
    const bool case_sensitive = bound.flag(0, false);
    const AttributePath path(runtime, bound[1]);
    std::unordered_set<Value, KeyHash, KeyEqual> seen;
    for (const Value& item : iterate(runtime, input)) {
      Value key = fold_case(runtime, path.of(runtime, item), case_sensitive);
      runtime.budget.scan(key.is_string() ? key.text().size() : 0);
      if (seen.insert(std::move(key)).second) {
        out.push_back(item);
      }
    }
  });
}

void batch_rows(Runtime& runtime, const Value& input, const Bound& bound,
                std::vector<Value>& rows) {
  const Value& wanted = *bound[0];
  const int64_t count = wanted.is_integral() ? wanted.as_int() : -1;
  std::vector<Value> row;
  for (const Value& item : iterate(runtime, input)) {
    if (static_cast<int64_t>(row.size()) == count) {
      rows.push_back(runtime.list(std::exchange(row, {})));
    }
    row.push_back(item);
  }
  if (row.empty()) {
    return;
  }
  if (const Value* fill = bound.given(1)) {
    const int64_t size = bound.integer(0, 0);
    if (size > kMaxRange) {
      fail_limit("memory");
    }
    row.resize(std::max(row.size(), static_cast<size_t>(std::max<int64_t>(size, 0))), *fill);
  }
  rows.push_back(runtime.list(std::move(row)));
}

Value batch(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("batch", args, {"linecount", "fill_with"}, 1);
  return lazily(runtime,
                [&](std::vector<Value>& rows) { batch_rows(runtime, input, bound, rows); });
}

void slice_rows(Runtime& runtime, const Value& input, const Bound& bound,
                std::vector<Value>& rows) {
  const std::vector<Value> items = iterate(runtime, input);
  const int64_t slices = bound.integer(0, 0);
  if (slices == 0) {
    fail_run("integer division or modulo by zero");
  }
  if (slices > kMaxRange) {
    fail_limit("memory");
  }
  const int64_t size = static_cast<int64_t>(items.size());
  const int64_t each = floor_div(size, slices);
  const int64_t extra = floor_mod(size, slices);
  int64_t begin = 0;
  for (int64_t i = 0; i < slices; ++i) {
    const int64_t count = each + (i < extra ? 1 : 0);
    std::vector<Value> row(items.begin() + begin, items.begin() + begin + count);
    begin += count;
    if (bound.given(1) != nullptr && i >= extra) {
      row.push_back(*bound[1]);
    }
    rows.push_back(runtime.list(std::move(row)));
  }
}

Value slice_filter(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("slice", args, {"slices", "fill_with"}, 1);
  return lazily(runtime,
                [&](std::vector<Value>& rows) { slice_rows(runtime, input, bound, rows); });
}

Value groupby(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("groupby", args, {"attribute", "default", "case_sensitive"}, 1);
  const AttributePath path(runtime, bound[0]);
  const std::vector<Value> items = iterate(runtime, input);
  std::vector<Value> keys;
  for (const Value& item : items) {
    keys.push_back(
        fold_case(runtime, path.of(runtime, item, bound.given(1)), bound.flag(2, false)));
  }
  std::vector<Value> groups;
  std::vector<Value> members;
  const std::vector<size_t> order = sorted_order(runtime, keys, false);
  for (size_t i = 0; i < order.size(); ++i) {
    members.push_back(items[order[i]]);
    if (i + 1 == order.size() || !equal(runtime, keys[order[i]], keys[order[i + 1]])) {
      Value key = path.of(runtime, members.front(), bound.given(1));
      Value group = runtime.list(std::exchange(members, {}));
      groups.push_back(runtime.tuple({std::move(key), std::move(group)}, true));
    }
  }
  return runtime.list(std::move(groups));
}

Value extreme(Runtime& runtime, const Value& input, const Bound& bound, bool largest) {
  const bool case_sensitive = bound.flag(0, false);
  const AttributePath path(runtime, bound[1]);
  const std::vector<Value> items = iterate(runtime, input);
  if (items.empty()) {
    return Value::undefined("No aggregated item, sequence was empty.");
  }
  size_t best = 0;
  Value best_key = fold_case(runtime, path.of(runtime, items[0]), case_sensitive);
  for (size_t i = 1; i < items.size(); ++i) {
    Value key = fold_case(runtime, path.of(runtime, items[i]), case_sensitive);
    const bool better =
        largest ? less_than(runtime, best_key, key) : less_than(runtime, key, best_key);
    if (better) {
      best = i;
      best_key = std::move(key);
    }
  }
  return items[best];
}

Value min(Runtime& runtime, const Value& input, const Args& args) {
  return extreme(runtime, input, Bound("min", args, {"case_sensitive", "attribute"}), false);
}

Value max(Runtime& runtime, const Value& input, const Args& args) {
  return extreme(runtime, input, Bound("max", args, {"case_sensitive", "attribute"}), true);
}

Value dictsort(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("dictsort", args, {"case_sensitive", "by", "reverse"});
  const std::string_view by = bound.text(1, "key");
  if (by != "key" && by != "value") {
    fail_run("You can only sort by either \"key\" or \"value\"");
  }
  if (!input.is(Kind::kDict)) {
    fail_run(input.is_undefined() ? input.undefined_message()
                                  : concat("dictsort(): expected dict, got ", type_name(input)));
  }
  const auto& members = input.dict().items;
  std::vector<Value> keys;
  for (const auto& [key, value] : members) {
    keys.push_back(fold_case(runtime, by == "key" ? key : value, bound.flag(0, false)));
  }
  std::vector<Value> out;
  for (const size_t at : sorted_order(runtime, keys, bound.flag(2, false))) {
    out.push_back(runtime.tuple({members[at].first, members[at].second}));
  }
  return runtime.list(std::move(out));
}

Value length_filter(Runtime& /*runtime*/, const Value& input, const Args& args) {
  const Bound bound("length", args, {});
  return Value::integer(length(input));
}

constexpr Named<Filter> kFilters[] = {{"first", first},
                                      {"last", last},
                                      {"join", join},
                                      {"list", list},
                                      {"reverse", reverse},
                                      {"sort", sort},
                                      {"unique", unique},
                                      {"batch", batch},
                                      {"slice", slice_filter},
                                      {"groupby", groupby},
                                      {"min", min},
                                      {"max", max},
                                      {"dictsort", dictsort},
                                      {"length", length_filter},
                                      {"count", length_filter}};

}  // namespace

std::span<const Named<Filter>> sequence_filters() { return kFilters; }

}  // namespace pio::text::jinja
