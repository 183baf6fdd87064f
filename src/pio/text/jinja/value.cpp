// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/value.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "pio/base/error.h"
#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {
namespace {

constexpr size_t kIndexFrom = 9;  // below this a linear search is faster than hashing
// Tuples as keys are compared outside the budget, so only small flat ones are hashable.
constexpr size_t kMaxKeyTuple = 64;

struct UndefinedData final : Heap {
  explicit UndefinedData(std::string text) : message(std::move(text)) {}
  std::string message;
};

uint32_t one_deeper(uint32_t inner) {
  if (inner + 1 > kMaxValueDepth) {
    fail_limit("value nesting");
  }
  return inner + 1;
}

uint32_t container_depth(const std::vector<Value>& items) {
  uint32_t inner = 0;
  for (const Value& item : items) {
    inner = std::max(inner, item.depth());
  }
  return one_deeper(inner);
}

size_t count_code_points(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

bool integral_double(double value, int64_t& out) {
  if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0) ||
      value != std::floor(value)) {
    return false;
  }
  out = static_cast<int64_t>(value);
  return true;
}

}  // namespace

void fail_run(const std::string& message) { throw RunError(message); }
void fail_limit(const std::string& what) { throw LimitError(what + " limit reached"); }

void TextBuilder::repeat(std::string_view text, int64_t count) {
  if (count <= 0 || text.empty()) {
    return;
  }
  if (static_cast<uint64_t>(count) > kMaxText / text.size()) {
    fail_limit("output");
  }
  reserve(text.size() * static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    text_.append(text);
  }
}

Value Value::boolean(bool value) {
  Value out(Kind::kBool, nullptr);
  out.integer_ = value ? 1 : 0;
  return out;
}

Value Value::integer(int64_t value) {
  Value out(Kind::kInt, nullptr);
  out.integer_ = value;
  return out;
}

Value Value::integer(size_t value) { return integer(static_cast<int64_t>(value)); }

Value Value::real(double value) {
  Value out(Kind::kFloat, nullptr);
  out.real_ = value;
  return out;
}

Value Value::undefined(std::string message) {
  return Value(Kind::kUndefined, std::make_shared<UndefinedData>(std::move(message)));
}

Value Value::constant(std::string text) {
  return Value(Kind::kString, std::make_shared<StringData>(std::move(text), false, nullptr));
}

// x86's long double holds both int64 and double exactly.
long double Value::as_wide() const {
  return is_integral() ? static_cast<long double>(as_int()) : static_cast<long double>(as_double());
}

double Value::as_double() const {
  return kind_ == Kind::kFloat ? real_ : static_cast<double>(integer_);
}

std::string_view Value::text() const { return string_data().text; }

const StringData& Value::string_data() const {
  PIO_DCHECK(kind_ == Kind::kString);
  return static_cast<const StringData&>(*heap_);
}

const std::vector<Value>& Value::items() const { return list_data().items; }

const ListData& Value::list_data() const {
  PIO_DCHECK(kind_ == Kind::kList || kind_ == Kind::kTuple);
  return static_cast<const ListData&>(*heap_);
}

const DictData& Value::dict() const {
  PIO_DCHECK(kind_ == Kind::kDict);
  return static_cast<const DictData&>(*heap_);
}

const RangeData& Value::range() const {
  PIO_DCHECK(kind_ == Kind::kRange);
  return static_cast<const RangeData&>(*heap_);
}

const ViewData& Value::view() const {
  PIO_DCHECK(kind_ == Kind::kView);
  return static_cast<const ViewData&>(*heap_);
}

IteratorData& Value::iterator() const {
  PIO_DCHECK(kind_ == Kind::kIterator);
  return static_cast<IteratorData&>(*heap_);
}

Object& Value::object() const {
  PIO_DCHECK(kind_ == Kind::kObject);
  return static_cast<Object&>(*heap_);
}

std::string Value::undefined_message() const {
  return heap_ == nullptr ? "value is undefined"
                          : static_cast<const UndefinedData&>(*heap_).message;
}

std::string_view type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return "Undefined";
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kString:
      return value.string_data().markup ? "Markup" : "str";
    case Kind::kList:
      return "list";
    case Kind::kTuple:
      return "tuple";
    case Kind::kDict:
      return "dict";
    case Kind::kRange:
      return "range";
    case Kind::kView:
      return value.view().which == ViewData::Which::kKeys     ? "dict_keys"
             : value.view().which == ViewData::Which::kValues ? "dict_values"
                                                              : "dict_items";
    case Kind::kIterator:
      return value.iterator().type;
    case Kind::kObject:
      return value.object().type_name();
  }
  return "object";
}

Held::Held(Budget* budget, size_t bytes) : bytes_(bytes) {
  if (budget != nullptr) {
    budget->hold(bytes);
    budget_ = budget;
  }
}

StringData::StringData(std::string value, bool is_markup, Budget* budget)
    : text(std::move(value)),
      length(count_code_points(text)),
      markup(is_markup),
      held(budget, text.size() + sizeof(StringData)) {}

ListData::ListData(std::vector<Value> values, Budget* budget)
    : items(std::move(values)), held(budget, items.capacity() * sizeof(Value) + sizeof(ListData)) {
  depth = container_depth(items);
}

DictData::DictData(Items members, Budget* budget)
    : items(std::move(members)),
      held(budget, items.capacity() * (sizeof(items[0]) + 64) + sizeof(DictData)) {
  uint32_t inner = 0;
  size_t kept = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    static_cast<void>(hash_value(items[i].first));  // an unhashable key is an error at any size
    size_t at = kept;
    if (items.size() >= kIndexFrom) {
      at = index_.try_emplace(items[i].first, kept).first->second;
    } else {
      for (size_t k = 0; k < kept; ++k) {
        at = same_key(items[k].first, items[i].first) ? k : at;
      }
    }
    inner = std::max({inner, items[i].first.depth(), items[i].second.depth()});
    if (at < kept) {
      items[at].second = items[i].second;
    } else {
      if (i != kept) {
        items[kept] = std::move(items[i]);
      }
      ++kept;
    }
  }
  items.resize(kept);
  depth = one_deeper(inner);
}

const Value* DictData::find(const Value& key) const {
  if (!index_.empty()) {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &items[found->second].second;
  }
  for (const auto& [name, value] : items) {
    if (same_key(name, key)) {
      return &value;
    }
  }
  return nullptr;
}

const Value* DictData::find(std::string_view key) const {
  if (!index_.empty()) {
    return find(Value::constant(std::string(key)));
  }
  for (const auto& [name, value] : items) {
    if (name.is_string() && name.text() == key) {
      return &value;
    }
  }
  return nullptr;
}

RangeData::RangeData(int64_t start_value, int64_t stop_value, int64_t step_value)
    : start(start_value), stop(stop_value), step(step_value), length(0) {
  if (step == 0) {
    fail_run("range() arg 3 must not be zero");
  }
  const bool empty = step > 0 ? stop <= start : stop >= start;
  const uint64_t first = static_cast<uint64_t>(start);
  const uint64_t last = static_cast<uint64_t>(stop);
  const uint64_t span = step > 0 ? last - first : first - last;
  const uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  const uint64_t count = empty ? 0 : (span - 1) / stride + 1;
  if (count > static_cast<uint64_t>(kMaxRange)) {
    fail_limit("range");
  }
  length = static_cast<int64_t>(count);
}

ViewData::ViewData(Value of, Which part) : dict(std::move(of)), which(part) {
  depth = one_deeper(dict.depth());
}

IteratorData::IteratorData(std::vector<Value> values, std::string_view type_text, Budget* budget)
    : items(std::move(values)),
      type(type_text),
      held(budget, items.capacity() * sizeof(Value) + sizeof(IteratorData)) {
  depth = container_depth(items);
}

size_t hash_value(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return static_cast<size_t>(value.kind());
    case Kind::kBool:
    case Kind::kInt:
      return std::hash<int64_t>{}(value.as_int());
    case Kind::kFloat: {
      int64_t whole = 0;
      return integral_double(value.as_double(), whole) ? std::hash<int64_t>{}(whole)
                                                       : std::hash<double>{}(value.as_double());
    }
    case Kind::kString:
      return std::hash<std::string_view>{}(value.text());
    case Kind::kTuple: {
      if (value.depth() > 1 || value.items().size() > kMaxKeyTuple) {
        fail_run("tuple too large for a key");
      }
      size_t out = 17;
      for (const Value& item : value.items()) {
        out = out * 1000003 ^ hash_value(item);
      }
      return out;
    }
    case Kind::kList:
    case Kind::kDict:
    case Kind::kView:
      fail_run(concat("unhashable type: '", type_name(value), "'"));
    default:
      return std::hash<const void*>{}(value.identity());
  }
}

bool same_key(const Value& a, const Value& b) {
  if (a.is_string() || b.is_string()) {
    return a.is_string() && b.is_string() && a.text() == b.text();
  }
  if (a.is_number() && b.is_number()) {
    if (a.is_integral() && b.is_integral()) {
      return a.as_int() == b.as_int();
    }
    return a.as_wide() == b.as_wide();
  }
  if (a.kind() != b.kind()) {
    return false;
  }
  if (a.is(Kind::kTuple)) {
    return std::ranges::equal(a.items(), b.items(), same_key);
  }
  return a.is_none() || a.is_undefined() || a.identity() == b.identity();
}

}  // namespace pio::text::jinja
