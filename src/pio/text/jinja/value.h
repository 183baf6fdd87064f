// SPDX-License-Identifier: Apache-2.0
// The values a template sees, modelled on Python's: cheap to copy, immutable but for namespaces,
// iterators and loops. There are no host objects behind them: the sandbox is what is not here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pio/text/jinja/budget.h"

namespace pio::text::jinja {

enum class Kind : uint8_t {
  kUndefined,
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,
  kList,
  kTuple,
  kDict,
  kRange,
  kView,      ///< dict.keys(), .values(), .items()
  kIterator,  ///< what map, select and others give: can be walked once
  kObject,    ///< functions, macros, methods, namespaces, loops
};

/// What a Value points at. depth: levels of containers within, 0 for a leaf.
struct Heap {
  Heap() = default;
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  virtual ~Heap() = default;
  uint32_t depth = 0;
};

struct StringData;
struct ListData;
struct DictData;
struct RangeData;
struct ViewData;
struct IteratorData;
class Object;

/// One template value. Accessors demand the kind that they name (checked in debug builds).
class Value {
 public:
  Value() = default;  ///< undefined, without a name
  Value(Kind kind, std::shared_ptr<Heap> heap) : kind_(kind), heap_(std::move(heap)) {}
  [[nodiscard]] static Value none() { return Value(Kind::kNone, nullptr); }
  [[nodiscard]] static Value boolean(bool value);
  [[nodiscard]] static Value integer(int64_t value);
  [[nodiscard]] static Value integer(size_t value);
  [[nodiscard]] static Value real(double value);
  /// Undefined, with the message that using it raises.
  [[nodiscard]] static Value undefined(std::string message);
  /// A string outside any budget, for constants and inputs. text: valid UTF-8.
  [[nodiscard]] static Value constant(std::string text);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is(Kind kind) const { return kind_ == kind; }
  [[nodiscard]] bool is_undefined() const { return kind_ == Kind::kUndefined; }
  [[nodiscard]] bool is_none() const { return kind_ == Kind::kNone; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::kString; }
  /// Int or bool, Python's integers.
  [[nodiscard]] bool is_integral() const { return kind_ == Kind::kInt || kind_ == Kind::kBool; }
  [[nodiscard]] bool is_number() const { return is_integral() || kind_ == Kind::kFloat; }

  [[nodiscard]] int64_t as_int() const { return integer_; }  ///< int or bool
  [[nodiscard]] double as_double() const;                    ///< any number
  [[nodiscard]] long double as_wide() const;                 ///< any number, exactly
  /// The text of a string; valid as long as some copy of the value.
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] const StringData& string_data() const;    ///< string
  [[nodiscard]] const std::vector<Value>& items() const;  ///< list or tuple
  [[nodiscard]] const ListData& list_data() const;        ///< list or tuple
  [[nodiscard]] const DictData& dict() const;             ///< dict
  [[nodiscard]] const RangeData& range() const;           ///< range
  [[nodiscard]] const ViewData& view() const;             ///< keys(), values() or items()
  /// Of an iterator; walking it is seen by every copy of the value.
  [[nodiscard]] IteratorData& iterator() const;
  [[nodiscard]] Object& object() const;  ///< function, macro, method, namespace or loop
  /// Equal for two values that are the same object, as `is` has it; null for numbers and none.
  [[nodiscard]] const Heap* identity() const { return heap_.get(); }
  /// What the value points at; null for undefined without a name, none and numbers.
  [[nodiscard]] const std::shared_ptr<Heap>& heap() const { return heap_; }
  /// Levels of containers within; 0 for a leaf.
  [[nodiscard]] uint32_t depth() const { return heap_ ? heap_->depth : 0; }
  /// What using an undefined value raises.
  [[nodiscard]] std::string undefined_message() const;

 private:
  Kind kind_ = Kind::kUndefined;
  union {
    int64_t integer_ = 0;
    double real_;
  };
  std::shared_ptr<Heap> heap_;
};

/// Python's name of the value's type: "int", "str", "NoneType" ...
[[nodiscard]] std::string_view type_name(const Value& value);

/// Gives its bytes back to the budget at the end of its life; without a budget it counts nothing.
class Held {
 public:
  Held() = default;
  Held(Budget* budget, size_t bytes);
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (budget_ != nullptr) {
      budget_->release(bytes_);
    }
  }

 private:
  Budget* budget_ = nullptr;
  size_t bytes_ = 0;
};

/// Valid UTF-8 text. markup: Markup of markupsafe, what `safe` gives; it escapes what is added to
/// it.
struct StringData final : Heap {
  StringData(std::string value, bool is_markup, Budget* budget);
  std::string text;
  size_t length;  ///< code points
  bool markup;
  Held held;
  [[nodiscard]] bool ascii() const { return length == text.size(); }
};

struct ListData final : Heap {
  ListData(std::vector<Value> values, Budget* budget);
  std::vector<Value> items;
  bool group = false;  ///< a tuple of groupby: has .grouper and .list
  Held held;
};

/// Python's hash and equality on values, for dict keys. Errors: RunError "unhashable type".
[[nodiscard]] size_t hash_value(const Value& value);
[[nodiscard]] bool same_key(const Value& a, const Value& b);
struct KeyHash {
  size_t operator()(const Value& value) const { return hash_value(value); }
};
struct KeyEqual {
  bool operator()(const Value& a, const Value& b) const { return same_key(a, b); }
};

/// An ordered dict; a repeated key keeps its first place and its last value.
struct DictData final : Heap {
  using Items = std::vector<std::pair<Value, Value>>;
  DictData(Items members, Budget* budget);
  /// The value under `key`, or nullptr.
  [[nodiscard]] const Value* find(const Value& key) const;
  [[nodiscard]] const Value* find(std::string_view key) const;
  Items items;
  Held held;

 private:
  std::unordered_map<Value, size_t, KeyHash, KeyEqual> index_;  ///< empty for small dicts
};

struct RangeData final : Heap {
  RangeData(int64_t start_value, int64_t stop_value, int64_t step_value);
  int64_t start;
  int64_t stop;
  int64_t step;
  int64_t length;
};

struct ViewData final : Heap {
  enum class Which : uint8_t { kKeys, kValues, kItems };
  ViewData(Value of, Which part);
  Value dict;
  Which which;
};

struct IteratorData final : Heap {
  IteratorData(std::vector<Value> values, std::string_view type, Budget* budget);
  std::vector<Value> items;
  size_t next = 0;
  std::string error;      ///< what walking past the last item raises; empty: nothing
  std::string_view type;  ///< Python's type name; static storage
  Held held;
};

}  // namespace pio::text::jinja
