// SPDX-License-Identifier: Apache-2.0
// Methods of dicts and sequences; those that would change them do not exist here.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/jinja/methods.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"

namespace pio::text::jinja {
namespace {

template <ViewData::Which kWhich>
Value view(Runtime& /*runtime*/, const Value& self, const Args& args) {
  const Bound bound("view", args, {});
  return Value(Kind::kView, std::make_shared<ViewData>(self, kWhich));
}

Value get(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("get", args, {"key", "default"}, 1);
  if (!args.named.empty()) {
    fail_run("dict.get() takes no keyword arguments");
  }
  runtime.budget.scan(bound[0]->is_string() ? bound[0]->text().size() : 0);
  static_cast<void>(hash_value(*bound[0]));
  const Value* found = self.dict().find(*bound[0]);
  return found != nullptr ? *found : bound[1] != nullptr ? *bound[1] : Value::none();
}

Value dict_copy(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("copy", args, {});
  return runtime.dict(self.dict().items);
}

Value list_copy(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("copy", args, {});
  return runtime.list(self.items());
}

Value count(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("count", args, {"value"}, 1);
  const std::vector<Value> items = iterate(runtime, self);
  return Value::integer(static_cast<size_t>(std::ranges::count_if(
      items, [&](const Value& each) { return equal(runtime, each, *bound[0]); })));
}

Value index(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("index", args, {"value", "start", "stop"}, 1);
  const std::vector<Value> items = iterate(runtime, self);
  const int64_t size = static_cast<int64_t>(items.size());
  const auto place = [size](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? std::max(at, -size) + size : at, 0, size);
  };
  const int64_t stop = place(bound.integer(2, size));
  for (int64_t i = place(bound.integer(1, 0)); i < stop; ++i) {
    if (equal(runtime, items[static_cast<size_t>(i)], *bound[0])) {
      return Value::integer(i);
    }
  }
  fail_run("value is not in the sequence");
}

constexpr Named<Method> kDict[] = {{"items", view<ViewData::Which::kItems>},
                                   {"keys", view<ViewData::Which::kKeys>},
                                   {"values", view<ViewData::Which::kValues>},
                                   {"get", get},
                                   {"copy", dict_copy}};

constexpr Named<Method> kSequence[] = {{"count", count}, {"index", index}, {"copy", list_copy}};

}  // namespace

std::span<const Named<Method>> dict_methods() { return kDict; }
std::span<const Named<Method>> sequence_methods() { return kSequence; }

Method find_method(const Value& self, std::string_view& name) {
  const auto in = [&name](std::span<const Named<Method>> table) -> Method {
    const auto found = std::ranges::find(table, name, &Named<Method>::name);
    if (found == table.end()) {
      return nullptr;
    }
    name = found->name;
    return found->function;
  };
  switch (self.kind()) {
    case Kind::kString: {
      const Method method = in(text_methods());
      return method != nullptr ? method : in(text_query_methods());
    }
    case Kind::kDict:
      return in(dict_methods());
    case Kind::kList:
      return in(sequence_methods());
    case Kind::kTuple:
    case Kind::kRange:
      return name == "copy" ? nullptr : in(sequence_methods());
    default:
      return nullptr;
  }
}

}  // namespace pio::text::jinja
