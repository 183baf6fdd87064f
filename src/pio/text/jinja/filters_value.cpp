// SPDX-License-Identifier: Apache-2.0
// Filters on any value.
#include "pio/base/error.h"
#include "pio/text/jinja/filters.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"

namespace pio::text::jinja {
namespace {

Value default_filter(Runtime& /*runtime*/, const Value& input, const Args& args) {
  const Bound bound("default", args, {"default_value", "boolean"});
  const bool missing =
      input.is_undefined() || (bound[1] != nullptr && truth(*bound[1]) && !truth(input));
  if (!missing) {
    return input;
  }
  return bound[0] != nullptr ? *bound[0] : Value::constant("");
}

Value string_filter(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("string", args, {});
  return soft_str(runtime, input);
}

Value items(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("items", args, {});
  return lazily(runtime, [&](std::vector<Value>& out) {
    if (input.is_undefined()) {
      return;
    }
    if (!input.is(Kind::kDict)) {
      fail_run("Can only get item pairs from a mapping.");
    }
    for (const auto& [key, value] : input.dict().items) {
      out.push_back(runtime.tuple({key, value}));
    }
  });
}

// An attribute only, never an item.
Value attr(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("attr", args, {"name"}, 1);
  const std::string_view name = bound.text(0, "");
  const bool method = !input.is(Kind::kDict) || [&] {
    std::string_view own = name;
    return find_method(input, own) != nullptr;
  }();
  return method
             ? get_attribute(runtime, input, name)
             : Value::undefined(concat("'dict object' has no attribute '", escaped(name, 80), "'"));
}

void read_separators(const Value& value, JsonStyle& style) {
  const bool pair = (value.is(Kind::kTuple) || value.is(Kind::kList)) &&
                    value.items().size() == 2 && value.items()[0].is_string() &&
                    value.items()[1].is_string();
  if (!pair) {
    fail_run("tojson(): separators must be two strings");
  }
  style.item_separator = value.items()[0].text();
  style.key_separator = value.items()[1].text();
}

Value tojson(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("tojson", args, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  style.ensure_ascii = bound[0] != nullptr && truth(*bound[0]);
  style.sort_keys = bound[3] != nullptr && truth(*bound[3]);
  if (const Value* indent = bound.given(1)) {
    TextBuilder unit;
    if (indent->is_string()) {
      unit.append(indent->text());
    } else {
      unit.repeat(" ", bound.integer(1, 0));
    }
    style.indent = unit.take();
    style.item_separator = ",";
  }
  if (const Value* separators = bound.given(2)) {
    read_separators(*separators, style);
  }
  TextBuilder out;
  append_json(runtime, out, input, style);
  return runtime.string(out.take());
}

constexpr Named<Filter> kFilters[] = {{"default", default_filter},
                                      {"d", default_filter},
                                      {"string", string_filter},
                                      {"items", items},
                                      {"attr", attr},
                                      {"tojson", tojson}};

}  // namespace

std::span<const Named<Filter>> value_filters() { return kFilters; }

}  // namespace pio::text::jinja
