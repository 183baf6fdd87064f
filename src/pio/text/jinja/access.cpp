// SPDX-License-Identifier: Apache-2.0
// Length, iteration, attributes, items and slices.
#include <algorithm>
#include <charconv>

#include "pio/base/error.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

struct Span {
  int64_t start;
  int64_t step;
  int64_t count;
};

int64_t slice_bound(const Value& value, int64_t otherwise, int64_t size, int64_t low,
                    int64_t high) {
  if (value.is_none()) {
    return otherwise;
  }
  const int64_t at =
      value.as_int() < 0 ? std::max(value.as_int(), -size - 1) + size : value.as_int();
  return std::clamp(at, low, high);
}

// slice.indices() of Python, with the number of items. All three are integers or none.
Span slice_span(int64_t size, const Value& start, const Value& stop, const Value& step) {
  constexpr int64_t kFar = int64_t{1} << 40;  // beyond any sequence, safe to add
  const int64_t by = step.is_none() ? 1 : std::clamp(step.as_int(), -kFar, kFar);
  if (by == 0) {
    fail_run("slice step cannot be zero");
  }
  const int64_t low = by < 0 ? -1 : 0;
  const int64_t high = by < 0 ? size - 1 : size;
  const int64_t from = slice_bound(start, by < 0 ? high : low, size, low, high);
  const int64_t to = slice_bound(stop, by < 0 ? low : high, size, low, high);
  const int64_t span = by < 0 ? from - to : to - from;
  const int64_t magnitude = by < 0 ? -by : by;
  return {from, by, span <= 0 ? 0 : (span + magnitude - 1) / magnitude};
}

std::optional<size_t> position(const Value& key, int64_t size) {
  if (!key.is_integral()) {
    return std::nullopt;
  }
  const int64_t at = key.as_int() < 0 ? key.as_int() + size : key.as_int();
  return at < 0 || at >= size ? std::nullopt : std::optional(static_cast<size_t>(at));
}

std::optional<Value> subscript(Runtime& runtime, const Value& obj, const Value& key) {
  switch (obj.kind()) {
    case Kind::kDict: {
      if (key.is_string()) {
        runtime.budget.scan(key.text().size());
      } else if (key.is(Kind::kList) || key.is(Kind::kDict)) {
        return std::nullopt;
      }
      const Value* found = obj.dict().find(key);
      return found == nullptr ? std::nullopt : std::optional(*found);
    }
    case Kind::kList:
    case Kind::kTuple: {
      const auto at = position(key, static_cast<int64_t>(obj.items().size()));
      return at ? std::optional(obj.items()[*at]) : std::nullopt;
    }
    case Kind::kString: {
      const StringData& text = obj.string_data();
      const auto at = position(key, static_cast<int64_t>(text.length));
      if (!at) {
        return std::nullopt;
      }
      runtime.budget.scan(text.ascii() ? 0 : text.text.size());
      const int64_t start = static_cast<int64_t>(*at);
      return runtime.string(
          text.ascii() ? text.text.substr(*at, 1) : slice_text(text.text, start, 1, 1),
          text.markup);
    }
    case Kind::kRange: {
      const auto at = position(key, obj.range().length);
      return at ? std::optional(Value::integer(obj.range().start +
                                               static_cast<int64_t>(*at) * obj.range().step))
                : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

// An attribute proper: a method, or a field of an object. Mutating methods are not there at all.
std::optional<Value> own_attribute(Runtime& runtime, const Value& obj, std::string_view name) {
  if (name.starts_with("__")) {
    return std::nullopt;
  }
  if (obj.is(Kind::kObject)) {
    return obj.object().attribute(runtime, name);
  }
  if (obj.is(Kind::kTuple) && obj.list_data().group && (name == "grouper" || name == "list")) {
    return obj.items()[name == "grouper" ? 0 : 1];
  }
  if (obj.is(Kind::kRange) && (name == "start" || name == "stop" || name == "step")) {
    return Value::integer(name == "start"  ? obj.range().start
                          : name == "stop" ? obj.range().stop
                                           : obj.range().step);
  }
  std::string_view own_name = name;
  const Method method = find_method(obj, own_name);
  return method == nullptr ? std::nullopt : std::optional(make_method(own_name, obj, method));
}

// Methods that Python has and the immutable sandbox refuses.
bool is_mutator(const Value& obj, std::string_view name) {
  constexpr std::string_view kDict[] = {"clear", "pop", "popitem", "setdefault", "update"};
  constexpr std::string_view kList[] = {"append", "clear", "pop",    "reverse",
                                        "insert", "sort",  "extend", "remove"};
  return (obj.is(Kind::kDict) && std::ranges::find(kDict, name) != std::end(kDict)) ||
         (obj.is(Kind::kList) && std::ranges::find(kList, name) != std::end(kList));
}

Value unsafe(const Value& obj, std::string_view name) {
  return Value::undefined(
      concat("access to attribute '", name, "' of '", type_name(obj), "' object is unsafe."));
}

Value missing(const Value& obj, const Value& key) {
  if (key.is_string()) {
    return Value::undefined(
        concat("'", type_name(obj), " object' has no attribute '", escaped(key.text(), 80), "'"));
  }
  const bool plain = key.is_number() || key.is_none();
  return Value::undefined(concat(type_name(obj), " object has no element ",
                                 plain ? to_repr(key) : std::string(type_name(key))));
}

std::vector<Value> iterate_view(Runtime& runtime, const ViewData& view) {
  std::vector<Value> out;
  const auto& members = view.dict.dict().items;
  runtime.budget.step(members.size());
  out.reserve(members.size());
  for (const auto& [key, value] : members) {
    switch (view.which) {
      case ViewData::Which::kKeys:
        out.push_back(key);
        break;
      case ViewData::Which::kValues:
        out.push_back(value);
        break;
      case ViewData::Which::kItems:
        out.push_back(runtime.tuple({key, value}));
        break;
    }
  }
  return out;
}

std::vector<Value> iterate_string(Runtime& runtime, const StringData& text) {
  runtime.budget.step(text.length * 4);  // a value for each character costs 200 bytes
  std::vector<Value> out;
  out.reserve(text.length);
  for (const std::string_view piece : characters(text.text)) {
    out.push_back(runtime.string(piece));
  }
  return out;
}

}  // namespace

std::optional<int64_t> try_length(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return 0;
    case Kind::kString:
      return static_cast<int64_t>(value.string_data().length);
    case Kind::kList:
    case Kind::kTuple:
      return static_cast<int64_t>(value.items().size());
    case Kind::kDict:
      return static_cast<int64_t>(value.dict().items.size());
    case Kind::kRange:
      return value.range().length;
    case Kind::kView:
      return static_cast<int64_t>(value.view().dict.dict().items.size());
    default:
      return std::nullopt;
  }
}

int64_t length(const Value& value) {
  const auto found = try_length(value);
  if (!found) {
    fail_run(concat("object of type '", type_name(value), "' has no len()"));
  }
  return *found;
}

bool is_iterable(const Value& value) {
  return value.is(Kind::kIterator) || try_length(value).has_value();
}

std::vector<Value> iterate(Runtime& runtime, const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return {};
    case Kind::kString:
      return iterate_string(runtime, value.string_data());
    case Kind::kList:
    case Kind::kTuple:
      runtime.budget.step(value.items().size());
      return value.items();
    case Kind::kDict: {
      std::vector<Value> keys;
      runtime.budget.step(value.dict().items.size());
      for (const auto& member : value.dict().items) {
        keys.push_back(member.first);
      }
      return keys;
    }
    case Kind::kRange: {
      std::vector<Value> out;
      runtime.budget.step(static_cast<size_t>(value.range().length));
      out.reserve(static_cast<size_t>(value.range().length));
      for (int64_t i = 0; i < value.range().length; ++i) {
        out.push_back(Value::integer(value.range().start + i * value.range().step));
      }
      return out;
    }
    case Kind::kView:
      return iterate_view(runtime, value.view());
    case Kind::kIterator: {
      IteratorData& data = value.iterator();
      std::vector<Value> rest(data.items.begin() + static_cast<std::ptrdiff_t>(data.next),
                              data.items.end());
      runtime.budget.step(rest.size());
      data.next = data.items.size();
      if (!data.error.empty()) {
        fail_run(data.error);
      }
      return rest;
    }
    default:
      fail_run(concat("'", type_name(value), "' object is not iterable"));
  }
}

Value get_item(Runtime& runtime, const Value& obj, const Value& key) {
  if (obj.is_undefined()) {
    fail_run(obj.undefined_message());
  }
  if (auto found = subscript(runtime, obj, key)) {
    return std::move(*found);
  }
  if (key.is_string()) {
    if (is_mutator(obj, key.text())) {
      return unsafe(obj, key.text());
    }
    if (auto found = own_attribute(runtime, obj, key.text())) {
      return std::move(*found);
    }
  }
  return missing(obj, key);
}

Value get_attribute(Runtime& runtime, const Value& obj, std::string_view name) {
  if (obj.is_undefined()) {
    fail_run(obj.undefined_message());
  }
  if (is_mutator(obj, name) || name.starts_with("__")) {
    return unsafe(obj, name);
  }
  if (auto found = own_attribute(runtime, obj, name)) {
    return std::move(*found);
  }
  if (obj.is(Kind::kDict)) {
    if (const Value* found = obj.dict().find(name)) {
      return *found;
    }
  }
  return Value::undefined(concat("'", type_name(obj), " object' has no attribute '", name, "'"));
}

Value slice(Runtime& runtime, const Value& obj, const Value& start, const Value& stop,
            const Value& step) {
  if (obj.is_undefined()) {
    fail_run(obj.undefined_message());
  }
  const bool sliceable =
      obj.is_string() || obj.is(Kind::kList) || obj.is(Kind::kTuple) || obj.is(Kind::kRange);
  if (!sliceable) {
    fail_run(concat("'", type_name(obj), "' object is not subscriptable"));
  }
  for (const Value* part : {&start, &stop, &step}) {
    if (!part->is_none() && !part->is_integral()) {
      fail_run("slice indices must be integers or None");
    }
  }
  const Span span = slice_span(length(obj), start, stop, step);
  if (obj.is_string()) {
    const StringData& text = obj.string_data();
    const bool fast = text.ascii() && span.step == 1;
    runtime.budget.scan(fast ? 0 : text.text.size());
    return runtime.string(
        fast && span.count > 0
            ? text.text.substr(static_cast<size_t>(span.start), static_cast<size_t>(span.count))
            : slice_text(text.text, span.start, span.step, span.count),
        text.markup);
  }
  if (obj.is(Kind::kRange)) {
    const RangeData& range = obj.range();
    const auto scaled = [&](int64_t by) {
      return binary(runtime, BinaryOp::kMul, Value::integer(range.step), Value::integer(by));
    };
    const auto number = [&](int64_t position_in) {
      return binary(runtime, BinaryOp::kAdd, Value::integer(range.start), scaled(position_in))
          .as_int();
    };
    return runtime.range(number(span.start), number(span.start + span.count * span.step),
                         scaled(span.step).as_int());
  }
  std::vector<Value> out;
  out.reserve(static_cast<size_t>(span.count));
  for (int64_t i = 0; i < span.count; ++i) {
    out.push_back(obj.items()[static_cast<size_t>(span.start + i * span.step)]);
  }
  return obj.is(Kind::kList) ? runtime.list(std::move(out)) : runtime.tuple(std::move(out));
}

}  // namespace pio::text::jinja
