// SPDX-License-Identifier: Apache-2.0
// Filters on numbers.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "pio/base/error.h"
#include "pio/text/jinja/filters.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/operators.h"

namespace pio::text::jinja {
namespace {

Value abs_filter(Runtime& /*runtime*/, const Value& input, const Args& args) {
  const Bound bound("abs", args, {});
  if (input.is(Kind::kFloat)) {
    return Value::real(std::fabs(input.as_double()));
  }
  if (input.is_integral()) {
    return input.as_int() < 0 ? negate(input) : plus(input);
  }
  fail_run(input.is_undefined() ? input.undefined_message()
                                : concat("bad operand type for abs(): '", type_name(input), "'"));
}

Value int_filter(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("int", args, {"default", "base"});
  const Value otherwise = bound[0] != nullptr ? *bound[0] : Value::integer(int64_t{0});
  if (input.is_undefined()) {
    fail_run(input.undefined_message());
  }
  if (input.is_integral()) {
    return Value::integer(input.as_int());
  }
  if (input.is(Kind::kFloat)) {
    const double value = input.as_double();
    return std::isnan(value) ? otherwise : Value::integer(real_to_int(value));
  }
  if (!input.is_string()) {
    return otherwise;
  }
  runtime.budget.scan(input.text().size());
  if (const auto value = parse_int(input.text(), bound.integer(1, 10))) {
    return Value::integer(*value);
  }
  const auto real = parse_real(input.text());
  return real && std::isfinite(*real) ? Value::integer(real_to_int(*real)) : otherwise;
}

Value float_filter(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("float", args, {"default"});
  const Value otherwise = bound[0] != nullptr ? *bound[0] : Value::real(0.0);
  if (input.is_undefined()) {
    fail_run(input.undefined_message());
  }
  if (input.is_number()) {
    return Value::real(input.as_double());
  }
  if (!input.is_string()) {
    return otherwise;
  }
  runtime.budget.scan(input.text().size());
  const auto value = parse_real(input.text());
  return value ? Value::real(*value) : otherwise;
}

// round(value, digits): correctly rounded from the exact binary value, half to even.
double round_real(double value, int64_t digits) {
  if (!std::isfinite(value) || digits > 400) {
    return value;
  }
  if (digits < 0) {
    const double scale = std::pow(10.0, static_cast<double>(-digits));
    return digits < -400 ? 0.0 * value : std::nearbyint(value / scale) * scale;
  }
  std::array<char, 800> text{};
  std::snprintf(text.data(), text.size(), "%.*f", static_cast<int>(digits), value);
  return std::strtod(text.data(), nullptr);
}

int64_t round_int(int64_t value, int64_t digits) {
  if (digits >= 0) {
    return value;
  }
  if (digits < -18) {
    return 0;
  }
  int64_t scale = 1;
  for (int64_t i = digits; i < 0; ++i) {
    scale *= 10;
  }
  const int64_t rest = floor_mod(value, scale);
  const int64_t low = value - rest;
  const bool up = rest > scale - rest || (rest == scale - rest && floor_mod(low / scale, 2) == 1);
  return up ? low + scale : low;
}

Value round_filter(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("round", args, {"precision", "method"});
  const std::string_view method = bound.text(1, "common");
  if (method != "common" && method != "ceil" && method != "floor") {
    fail_run("method must be common, ceil or floor");
  }
  if (!input.is_number()) {
    fail_run(input.is_undefined()
                 ? input.undefined_message()
                 : concat("type ", type_name(input), " doesn't define __round__ method"));
  }
  if (method == "common") {
    if (bound[0] != nullptr && bound[0]->is_none()) {
      return Value::integer(input.is_integral() ? input.as_int()
                                                : real_to_int(std::nearbyint(input.as_double())));
    }
    const int64_t digits = bound.integer(0, 0);
    return input.is_integral() ? Value::integer(round_int(input.as_int(), digits))
                               : Value::real(round_real(input.as_double(), digits));
  }
  const Value scale = binary(runtime, BinaryOp::kPow, Value::integer(int64_t{10}),
                             Value::integer(bound.integer(0, 0)));
  const Value scaled = binary(runtime, BinaryOp::kMul, input, scale);
  const double whole =
      method == "ceil" ? std::ceil(scaled.as_double()) : std::floor(scaled.as_double());
  return binary(runtime, BinaryOp::kDiv, Value::integer(real_to_int(whole)), scale);
}

Value sum(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("sum", args, {"attribute", "start"});
  const AttributePath path(runtime, bound[0]);
  Value total = bound[1] != nullptr ? *bound[1] : Value::integer(int64_t{0});
  if (total.is_string()) {
    fail_run("sum() can't sum strings [use ''.join(seq) instead]");
  }
  for (const Value& item : iterate(runtime, input)) {
    total = binary(runtime, BinaryOp::kAdd, total, path.of(runtime, item));
  }
  return total;
}

constexpr Named<Filter> kFilters[] = {{"abs", abs_filter},
                                      {"int", int_filter},
                                      {"float", float_filter},
                                      {"round", round_filter},
                                      {"sum", sum}};

}  // namespace

std::span<const Named<Filter>> number_filters() { return kFilters; }

}  // namespace pio::text::jinja
