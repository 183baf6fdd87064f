// SPDX-License-Identifier: Apache-2.0
// The tests behind `is`.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

void no_args(const Args& args) { const Bound bound("test", args, {}); }

const Value& one_arg(const Args& args) {
  if (args.positional.size() + args.named.size() != 1) {
    fail_run("test takes one argument");
  }
  return args.positional.empty() ? args.named[0].second : args.positional[0];
}

template <Kind kKind>
bool is_kind(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return input.is(kKind);
}

template <CompareOp kOp>
bool compares(Runtime& runtime, const Value& input, const Args& args) {
  return compare(runtime, kOp, input, one_arg(args));
}

template <bool kWanted>
bool is_bool(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return input.is(Kind::kBool) && (input.as_int() != 0) == kWanted;
}

bool is_defined(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return !input.is_undefined();
}

bool is_number(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return input.is_number();
}

bool is_callable(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return input.is_undefined() || (input.is(Kind::kObject) && input.object().callable());
}

bool is_iterable_test(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return is_iterable(input);
}

bool is_sequence(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return try_length(input).has_value() && !input.is(Kind::kView);
}

bool is_escaped(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return input.is_string() && input.string_data().markup;
}

int64_t remainder(Runtime& runtime, const Value& input, const Value& by) {
  const Value rest = binary(runtime, BinaryOp::kMod, input, by);
  return rest.is_number() ? (rest.as_double() == 0 ? 0 : rest.as_double() == 1 ? 1 : 2) : 2;
}

bool is_odd(Runtime& runtime, const Value& input, const Args& args) {
  no_args(args);
  return remainder(runtime, input, Value::integer(int64_t{2})) == 1;
}

bool is_even(Runtime& runtime, const Value& input, const Args& args) {
  no_args(args);
  return remainder(runtime, input, Value::integer(int64_t{2})) == 0;
}

bool is_divisible_by(Runtime& runtime, const Value& input, const Args& args) {
  return remainder(runtime, input, one_arg(args)) == 0;
}

bool is_lower_test(Runtime& runtime, const Value& input, const Args& args) {
  no_args(args);
  const Value text = soft_str(runtime, input);
  runtime.budget.scan(text.text().size());
  return all_lower(text.text());
}

bool is_upper_test(Runtime& runtime, const Value& input, const Args& args) {
  no_args(args);
  const Value text = soft_str(runtime, input);
  runtime.budget.scan(text.text().size());
  return all_upper(text.text());
}

// `is` of Python; numbers and text compare by value, which small ones do there too.
bool is_same_as(Runtime& runtime, const Value& input, const Args& args) {
  const Value& other = one_arg(args);
  if (input.kind() != other.kind()) {
    return false;
  }
  if (input.identity() != nullptr || other.identity() != nullptr) {
    return input.identity() == other.identity() ||
           (input.is_string() && equal(runtime, input, other));
  }
  return equal(runtime, input, other);
}

bool is_filter(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return input.is_string() && find_filter(input.text()) != nullptr;
}

bool is_test(Runtime& /*runtime*/, const Value& input, const Args& args) {
  no_args(args);
  return input.is_string() && find_test(input.text()) != nullptr;
}

constexpr Named<Test> kTests[] = {{"defined", is_defined},
                                  {"undefined", is_kind<Kind::kUndefined>},
                                  {"none", is_kind<Kind::kNone>},
                                  {"boolean", is_kind<Kind::kBool>},
                                  {"integer", is_kind<Kind::kInt>},
                                  {"float", is_kind<Kind::kFloat>},
                                  {"string", is_kind<Kind::kString>},
                                  {"mapping", is_kind<Kind::kDict>},
                                  {"true", is_bool<true>},
                                  {"false", is_bool<false>},
                                  {"number", is_number},
                                  {"callable", is_callable},
                                  {"iterable", is_iterable_test},
                                  {"sequence", is_sequence},
                                  {"escaped", is_escaped},
                                  {"odd", is_odd},
                                  {"even", is_even},
                                  {"divisibleby", is_divisible_by},
                                  {"lower", is_lower_test},
                                  {"upper", is_upper_test},
                                  {"sameas", is_same_as},
                                  {"filter", is_filter},
                                  {"test", is_test},
                                  {"in", compares<CompareOp::kIn>},
                                  {"eq", compares<CompareOp::kEq>},
                                  {"equalto", compares<CompareOp::kEq>},
                                  {"==", compares<CompareOp::kEq>},
                                  {"ne", compares<CompareOp::kNe>},
                                  {"!=", compares<CompareOp::kNe>},
                                  {"lt", compares<CompareOp::kLt>},
                                  {"lessthan", compares<CompareOp::kLt>},
                                  {"<", compares<CompareOp::kLt>},
                                  {"le", compares<CompareOp::kLe>},
                                  {"<=", compares<CompareOp::kLe>},
                                  {"gt", compares<CompareOp::kGt>},
                                  {"greaterthan", compares<CompareOp::kGt>},
                                  {">", compares<CompareOp::kGt>},
                                  {"ge", compares<CompareOp::kGe>},
                                  {">=", compares<CompareOp::kGe>}};

}  // namespace

Test find_test(std::string_view name) {
  const auto* found = std::ranges::find(kTests, name, &Named<Test>::name);
  return found == std::end(kTests) ? nullptr : found->function;
}

}  // namespace pio::text::jinja
