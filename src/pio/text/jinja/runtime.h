// SPDX-License-Identifier: Apache-2.0
// The state of one rendering that filters, tests and methods see: the budget and the value
// factories that charge it; call arguments; the base of callable objects.
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pio/text/jinja/value.h"

namespace pio::text::jinja {

class Runtime;

/// The arguments of one call, evaluated.
struct Args {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

/// A value with behaviour: function, macro, bound method, namespace, loop.
class Object : public Heap {
 public:
  [[nodiscard]] virtual std::string_view type_name() const = 0;
  /// Text of the printed object.
  [[nodiscard]] virtual std::string repr() const;
  [[nodiscard]] virtual bool callable() const { return false; }
  /// Errors: RunError where the object is not callable.
  virtual Value call(Runtime& runtime, const Args& args);
  /// The attribute `name`, or nothing.
  virtual std::optional<Value> attribute(Runtime& runtime, std::string_view name);
};

/// namespace(): the one object a template may assign to.
class Namespace final : public Object {
 public:
  [[nodiscard]] std::string_view type_name() const override { return "Namespace"; }
  std::optional<Value> attribute(Runtime& runtime, std::string_view name) override;
  void set(Budget& budget, std::string_view name, Value value);
  void clear() { fields_.clear(); }

 private:
  std::vector<std::pair<std::string, Value>> fields_;
};

/// One rendering's state. Values made here must not outlive it.
class Runtime {
 public:
  Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  Budget budget;
  std::optional<std::chrono::system_clock::time_point> now;  ///< the clock of strftime_now
  int depth = 0;                                             ///< nested evaluations
  int calls = 0;                                             ///< nested macro calls

  /// text: valid UTF-8, at most kMaxText bytes.
  [[nodiscard]] Value string(std::string text, bool markup = false);
  [[nodiscard]] Value string(std::string_view text, bool markup = false) {
    return string(std::string(text), markup);
  }
  [[nodiscard]] Value list(std::vector<Value> items);
  [[nodiscard]] Value tuple(std::vector<Value> items, bool group = false);
  [[nodiscard]] Value dict(DictData::Items items);
  /// type: Python's name of the iterator's type; static storage.
  [[nodiscard]] Value iterator(std::vector<Value> items, std::string_view type = "generator");
  [[nodiscard]] Value range(int64_t start, int64_t stop, int64_t step);
  [[nodiscard]] Value make_namespace(std::vector<std::pair<std::string, Value>> fields);

 private:
  // Namespaces may form cycles: all are emptied when the rendering ends.
  std::vector<std::shared_ptr<Namespace>> namespaces_;
};

/// Call arguments bound to parameter names, as Python binds them.
/// Errors: RunError for too many, unknown, repeated or missing ones.
class Bound {
 public:
  Bound(std::string_view what, const Args& args, std::initializer_list<std::string_view> names,
        size_t required = 0);
  /// The argument, or nullptr where it was not given.
  [[nodiscard]] const Value* operator[](size_t i) const { return values_[i]; }
  /// As operator[], with none counted as not given.
  [[nodiscard]] const Value* given(size_t i) const;
  [[nodiscard]] bool flag(size_t i, bool otherwise) const;
  /// Errors: RunError unless an integer.
  [[nodiscard]] int64_t integer(size_t i, int64_t otherwise) const;
  /// Errors: RunError unless a string.
  [[nodiscard]] std::string_view text(size_t i, std::string_view otherwise) const;

 private:
  std::string_view what_;
  std::vector<const Value*> values_;
};

/// A function of the engine as a value.
using Function = Value (*)(Runtime& runtime, const Args& args);
/// A method of a built-in type.
using Method = Value (*)(Runtime& runtime, const Value& self, const Args& args);
/// A filter: input | name(args).
using Filter = Value (*)(Runtime& runtime, const Value& input, const Args& args);
/// A test: input is name(args).
using Test = bool (*)(Runtime& runtime, const Value& input, const Args& args);

[[nodiscard]] Value make_function(std::string_view name, Function function);
/// `name`: static storage.
[[nodiscard]] Value make_method(std::string_view name, const Value& self, Method method);

/// Lookups in the tables of built-ins; nullptr where there is no such name.
[[nodiscard]] Filter find_filter(std::string_view name);
[[nodiscard]] Test find_test(std::string_view name);
[[nodiscard]] Function find_global(std::string_view name);
/// name: the method's own name in static storage, set when found.
[[nodiscard]] Method find_method(const Value& self, std::string_view& name);

/// One line of a table of built-ins.
template <class F>
struct Named {
  std::string_view name;
  F function;
};

}  // namespace pio::text::jinja
