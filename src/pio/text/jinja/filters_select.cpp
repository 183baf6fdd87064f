// SPDX-License-Identifier: Apache-2.0
// map and the select family.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/jinja/filters.h"
#include "pio/text/jinja/operators.h"

namespace pio::text::jinja {
namespace {

std::string_view name_argument(const Value& value) {
  if (!value.is_string()) {
    fail_run(concat("no filter or test named by a ", type_name(value)));
  }
  return value.text();
}

// The arguments behind the first `used` ones.
Args rest_of(const Args& args, size_t used) {
  Args out;
  out.positional.assign(args.positional.begin() + static_cast<std::ptrdiff_t>(used),
                        args.positional.end());
  out.named = args.named;
  return out;
}

void map_attribute(Runtime& runtime, const Value& input, const Args& args,
                   std::vector<Value>& out) {
  const Bound bound("map", args, {"attribute", "default"});
  const AttributePath path(runtime, bound[0]);
  for (const Value& item : iterate(runtime, input)) {
    out.push_back(path.of(runtime, item, bound.given(1)));
  }
}

void map_filter(Runtime& runtime, const Value& input, const Args& args, std::vector<Value>& out) {
  if (args.positional.empty()) {
    fail_run("map requires a filter argument");
  }
  const std::string_view name = name_argument(args.positional[0]);
  const Filter filter = find_filter(name);
  const Args rest = rest_of(args, 1);
  for (const Value& item : iterate(runtime, input)) {
    if (filter == nullptr) {
      fail_run(concat("no filter named '", escaped(name, 80), "'"));
    }
    runtime.budget.step();
    out.push_back(filter(runtime, item, rest));
  }
}

Value map(Runtime& runtime, const Value& input, const Args& args) {
  return lazily(runtime, [&](std::vector<Value>& out) {
    const bool by_attribute =
        args.positional.empty() &&
        std::ranges::any_of(args.named, [](const auto& each) { return each.first == "attribute"; });
    if (truth(input)) {
      (by_attribute ? map_attribute : map_filter)(runtime, input, args, out);
    }
  });
}

void choose(Runtime& runtime, const Value& input, const Args& args, bool by_attribute, bool wanted,
            std::vector<Value>& out) {
  size_t used = 0;
  AttributePath path;
  if (by_attribute) {
    if (args.positional.empty()) {
      fail_run("Missing parameter for attribute name");
    }
    path = AttributePath(runtime, &args.positional[used++]);
  }
  Test test = nullptr;
  if (used < args.positional.size()) {
    const std::string_view name = name_argument(args.positional[used++]);
    test = find_test(name);
    if (test == nullptr) {
      fail_run(concat("no test named '", escaped(name, 80), "'"));
    }
  }
  const Args rest = rest_of(args, used);
  for (const Value& item : iterate(runtime, input)) {
    const Value part = path.of(runtime, item);
    runtime.budget.step();
    if ((test == nullptr ? truth(part) : test(runtime, part, rest)) == wanted) {
      out.push_back(item);
    }
  }
}

template <bool kByAttribute, bool kWanted>
Value select(Runtime& runtime, const Value& input, const Args& args) {
  return lazily(runtime, [&](std::vector<Value>& out) {
    if (truth(input)) {
      choose(runtime, input, args, kByAttribute, kWanted, out);
    }
  });
}

constexpr Named<Filter> kFilters[] = {{"map", map},
                                      {"select", select<false, true>},
                                      {"reject", select<false, false>},
                                      {"selectattr", select<true, true>},
                                      {"rejectattr", select<true, false>}};

}  // namespace

std::span<const Named<Filter>> select_filters() { return kFilters; }

}  // namespace pio::text::jinja
