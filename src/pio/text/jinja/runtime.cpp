// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/runtime.h"

#include <algorithm>

#include "pio/base/error.h"

namespace pio::text::jinja {
namespace {

class FunctionObject final : public Object {
 public:
  FunctionObject(std::string_view name, Function function) : name_(name), function_(function) {}
  [[nodiscard]] std::string_view type_name() const override { return "function"; }
  [[nodiscard]] std::string repr() const override { return concat("<function ", name_, ">"); }
  [[nodiscard]] bool callable() const override { return true; }
  Value call(Runtime& runtime, const Args& args) override { return function_(runtime, args); }

 private:
  std::string_view name_;
  Function function_;
};

class MethodObject final : public Object {
 public:
  MethodObject(std::string_view name, const Value& self, Method method)
      : name_(name), self_(self), method_(method) {
    depth = self.depth() + 1;
  }
  [[nodiscard]] std::string_view type_name() const override { return "builtin_function_or_method"; }
  [[nodiscard]] std::string repr() const override {
    return concat("<built-in method ", name_, " of ", jinja::type_name(self_), " object>");
  }
  [[nodiscard]] bool callable() const override { return true; }
  Value call(Runtime& runtime, const Args& args) override { return method_(runtime, self_, args); }

 private:
  std::string_view name_;
  Value self_;
  Method method_;
};

}  // namespace

std::string Object::repr() const { return concat("<", type_name(), " object>"); }

Value Object::call(Runtime& /*runtime*/, const Args& /*args*/) {
  fail_run(concat("'", type_name(), "' object is not callable"));
}

std::optional<Value> Object::attribute(Runtime& /*runtime*/, std::string_view /*name*/) {
  return std::nullopt;
}

std::optional<Value> Namespace::attribute(Runtime& /*runtime*/, std::string_view name) {
  for (const auto& [field, value] : fields_) {
    if (field == name) {
      return value;
    }
  }
  return std::nullopt;
}

void Namespace::set(Budget& budget, std::string_view name, Value value) {
  budget.step(1 + fields_.size());
  for (auto& [field, old] : fields_) {
    if (field == name) {
      old = std::move(value);
      return;
    }
  }
  fields_.emplace_back(std::string(name), std::move(value));
}

Runtime::~Runtime() {
  for (const auto& each : namespaces_) {
    each->clear();
  }
}

Value Runtime::string(std::string text, bool markup) {
  if (text.size() > kMaxText) {
    fail_limit("output");
  }
  budget.copy(text.size());
  return Value(Kind::kString, std::make_shared<StringData>(std::move(text), markup, &budget));
}

Value Runtime::list(std::vector<Value> items) {
  budget.step(items.size());
  return Value(Kind::kList, std::make_shared<ListData>(std::move(items), &budget));
}

Value Runtime::tuple(std::vector<Value> items, bool group) {
  budget.step(items.size());
  auto data = std::make_shared<ListData>(std::move(items), &budget);
  data->group = group;
  return Value(Kind::kTuple, std::move(data));
}

Value Runtime::dict(DictData::Items items) {
  budget.step(items.size());
  for (const auto& [key, value] : items) {
    budget.scan(key.is_string() ? key.text().size() : 0);
  }
  return Value(Kind::kDict, std::make_shared<DictData>(std::move(items), &budget));
}

Value Runtime::iterator(std::vector<Value> items, std::string_view type) {
  budget.step(items.size());
  return Value(Kind::kIterator, std::make_shared<IteratorData>(std::move(items), type, &budget));
}

Value Runtime::range(int64_t start, int64_t stop, int64_t step) {
  return Value(Kind::kRange, std::make_shared<RangeData>(start, stop, step));
}

Value Runtime::make_namespace(std::vector<std::pair<std::string, Value>> fields) {
  budget.hold(sizeof(Namespace) + 64);  // never released: all of them live until the end
  auto made = std::make_shared<Namespace>();
  namespaces_.push_back(made);
  for (auto& [name, value] : fields) {
    made->set(budget, name, std::move(value));
  }
  return Value(Kind::kObject, std::move(made));
}

Bound::Bound(std::string_view what, const Args& args, std::initializer_list<std::string_view> names,
             size_t required)
    : what_(what), values_(names.size(), nullptr) {
  if (args.positional.size() > names.size()) {
    fail_run(concat(what, "() takes at most ", names.size(), " arguments, got ",
                    args.positional.size()));
  }
  for (size_t i = 0; i < args.positional.size(); ++i) {
    values_[i] = &args.positional[i];
  }
  for (const auto& [name, value] : args.named) {
    const auto* found = std::ranges::find(names, name);
    if (found == names.end()) {
      fail_run(concat(what, "() got an unexpected keyword argument '", name, "'"));
    }
    auto& slot = values_[static_cast<size_t>(found - names.begin())];
    if (slot != nullptr) {
      fail_run(concat(what, "() got multiple values for argument '", name, "'"));
    }
    slot = &value;
  }
  for (size_t i = 0; i < required; ++i) {
    if (values_[i] == nullptr) {
      fail_run(concat(what, "() misses argument '", names.begin()[i], "'"));
    }
  }
}

const Value* Bound::given(size_t i) const {
  return values_[i] != nullptr && !values_[i]->is_none() ? values_[i] : nullptr;
}

bool Bound::flag(size_t i, bool otherwise) const {
  if (values_[i] == nullptr) {
    return otherwise;
  }
  const Value& value = *values_[i];
  if (value.is_number()) {
    return value.as_double() != 0;
  }
  return !(value.is_none() || value.is_undefined() || (value.is_string() && value.text().empty()));
}

int64_t Bound::integer(size_t i, int64_t otherwise) const {
  if (values_[i] == nullptr) {
    return otherwise;
  }
  if (!values_[i]->is_integral()) {
    fail_run(concat(what_, "(): '", type_name(*values_[i]),
                    "' object cannot be interpreted as an integer"));
  }
  return values_[i]->as_int();
}

std::string_view Bound::text(size_t i, std::string_view otherwise) const {
  if (values_[i] == nullptr) {
    return otherwise;
  }
  if (!values_[i]->is_string()) {
    fail_run(concat(what_, "(): expected str, got ", type_name(*values_[i])));
  }
  return values_[i]->text();
}

Value make_function(std::string_view name, Function function) {
  return Value(Kind::kObject, std::make_shared<FunctionObject>(name, function));
}

Value make_method(std::string_view name, const Value& self, Method method) {
  return Value(Kind::kObject, std::make_shared<MethodObject>(name, self, method));
}

}  // namespace pio::text::jinja
