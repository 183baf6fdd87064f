// SPDX-License-Identifier: Apache-2.0
// The arithmetic operators; integers are 64 bits and overflow is an error.
#include <algorithm>
#include <cmath>

#include "pio/base/error.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

constexpr std::string_view kSigns[] = {"+", "-", "*", "/", "//", "%", "**"};

[[noreturn]] void fail_types(BinaryOp op, const Value& a, const Value& b) {
  fail_run(concat("unsupported operand type(s) for ", kSigns[static_cast<size_t>(op)], ": '",
                  type_name(a), "' and '", type_name(b), "'"));
}

[[noreturn]] void fail_overflow() {
  fail_run("integer overflow: the result needs more than 64 bits");
}

void need_divisor(bool ok) {
  if (!ok) {
    fail_run("division by zero");
  }
}

Value int_power(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    need_divisor(base != 0);
    return Value::real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  int64_t out = 1;
  while (exponent > 0) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(out, base, &out)) {
      fail_overflow();
    }
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
      fail_overflow();
    }
  }
  return Value::integer(out);
}

Value int_binary(BinaryOp op, int64_t a, int64_t b) {
  int64_t out = 0;
  switch (op) {
    case BinaryOp::kAdd:
      return __builtin_add_overflow(a, b, &out) ? (fail_overflow(), Value()) : Value::integer(out);
    case BinaryOp::kSub:
      return __builtin_sub_overflow(a, b, &out) ? (fail_overflow(), Value()) : Value::integer(out);
    case BinaryOp::kMul:
      return __builtin_mul_overflow(a, b, &out) ? (fail_overflow(), Value()) : Value::integer(out);
    case BinaryOp::kDiv:
      need_divisor(b != 0);
      return Value::real(static_cast<double>(static_cast<long double>(a) / b));
    case BinaryOp::kFloorDiv:
      need_divisor(b != 0);
      return Value::integer(floor_div(a, b));
    case BinaryOp::kMod:
      need_divisor(b != 0);
      return Value::integer(floor_mod(a, b));
    case BinaryOp::kPow:
      return int_power(a, b);
  }
  return Value();
}

double real_mod(double a, double b) {
  double out = std::fmod(a, b);
  if (out != 0) {
    out += (out < 0) != (b < 0) ? b : 0;
  } else {
    out = std::copysign(0.0, b);
  }
  return out;
}

double real_floor_div(double a, double b) {
  const double quotient = (a - real_mod(a, b)) / b;
  if (quotient == 0) {
    return std::copysign(0.0, a / b);
  }
  const double floored = std::floor(quotient);
  return quotient - floored > 0.5 ? floored + 1 : floored;
}

Value real_binary(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::kAdd:
      return Value::real(a + b);
    case BinaryOp::kSub:
      return Value::real(a - b);
    case BinaryOp::kMul:
      return Value::real(a * b);
    case BinaryOp::kDiv:
      need_divisor(b != 0);
      return Value::real(a / b);
    case BinaryOp::kFloorDiv:
      need_divisor(b != 0);
      return Value::real(real_floor_div(a, b));
    case BinaryOp::kMod:
      need_divisor(b != 0);
      return Value::real(real_mod(a, b));
    case BinaryOp::kPow:
      break;
  }
  need_divisor(a != 0 || b >= 0);
  if (a < 0 && b != std::floor(b)) {
    fail_run("complex numbers are not available");
  }
  const double out = std::pow(a, b);
  if (std::isinf(out) && std::isfinite(a) && std::isfinite(b)) {
    fail_run("(34, 'Numerical result out of range')");
  }
  return Value::real(out);
}

Value repeat(Runtime& runtime, const Value& sequence, int64_t count) {
  if (sequence.is_string()) {
    TextBuilder out;
    out.repeat(sequence.text(), count);
    return runtime.string(out.take(), sequence.string_data().markup);
  }
  const std::vector<Value>& items = sequence.items();
  const size_t times = count > 0 && !items.empty() ? static_cast<size_t>(count) : 0;
  if (times > static_cast<size_t>(kMaxSteps) / std::max<size_t>(items.size(), 1)) {
    fail_limit("memory");
  }
  const Held held(&runtime.budget, times * items.size() * sizeof(Value));
  std::vector<Value> out;
  out.reserve(times * items.size());
  for (size_t i = 0; i < times; ++i) {
    out.insert(out.end(), items.begin(), items.end());
  }
  return sequence.is(Kind::kList) ? runtime.list(std::move(out)) : runtime.tuple(std::move(out));
}

Value add_strings(Runtime& runtime, const Value& a, const Value& b) {
  const bool escape = a.string_data().markup || b.string_data().markup;
  const auto side = [&](const Value& value, TextBuilder& out) {
    if (escape && !value.string_data().markup) {
      out.append(escape_html(value.text()));
    } else {
      out.append(value.text());
    }
  };
  TextBuilder out;
  out.reserve(a.text().size() + b.text().size());
  side(a, out);
  side(b, out);
  return runtime.string(out.take(), escape);
}

bool is_sequence(const Value& value) {
  return value.is_string() || value.is(Kind::kList) || value.is(Kind::kTuple);
}

}  // namespace

int64_t floor_div(int64_t a, int64_t b) {
  if (b == -1) {  // INT64_MIN / -1 traps
    int64_t out = 0;
    return __builtin_sub_overflow(int64_t{0}, a, &out) ? (fail_overflow(), 0) : out;
  }
  const int64_t quotient = a / b;
  return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

int64_t floor_mod(int64_t a, int64_t b) {
  if (b == -1) {
    return 0;
  }
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Value binary(Runtime& runtime, BinaryOp op, const Value& a, const Value& b) {
  if (a.is_integral() && b.is_integral()) {
    return int_binary(op, a.as_int(), b.as_int());
  }
  if (a.is_number() && b.is_number()) {
    return real_binary(op, a.as_double(), b.as_double());
  }
  if (op == BinaryOp::kMod && a.is_string()) {
    return format_percent(runtime, a, b);
  }
  for (const Value* side : {&a, &b}) {
    if (side->is_undefined()) {
      fail_run(side->undefined_message());
    }
  }
  if (op == BinaryOp::kAdd && a.is_string() && b.is_string()) {
    return add_strings(runtime, a, b);
  }
  if (op == BinaryOp::kAdd && a.kind() == b.kind() && (a.is(Kind::kList) || a.is(Kind::kTuple))) {
    const size_t total = a.items().size() + b.items().size();
    const Held held(&runtime.budget, total * sizeof(Value));
    std::vector<Value> out;
    out.reserve(total);
    out.insert(out.end(), a.items().begin(), a.items().end());
    out.insert(out.end(), b.items().begin(), b.items().end());
    return a.is(Kind::kList) ? runtime.list(std::move(out)) : runtime.tuple(std::move(out));
  }
  if (op == BinaryOp::kMul && is_sequence(a) && b.is_integral()) {
    return repeat(runtime, a, b.as_int());
  }
  if (op == BinaryOp::kMul && a.is_integral() && is_sequence(b)) {
    return repeat(runtime, b, a.as_int());
  }
  fail_types(op, a, b);
}

Value negate(const Value& value) {
  if (value.is_integral()) {
    int64_t out = 0;
    if (__builtin_sub_overflow(int64_t{0}, value.as_int(), &out)) {
      fail_overflow();
    }
    return Value::integer(out);
  }
  if (value.is(Kind::kFloat)) {
    return Value::real(-value.as_double());
  }
  fail_run(value.is_undefined() ? value.undefined_message()
                                : concat("bad operand type for unary -: '", type_name(value), "'"));
}

Value plus(const Value& value) {
  if (value.is_integral()) {
    return Value::integer(value.as_int());
  }
  if (value.is(Kind::kFloat)) {
    return value;
  }
  fail_run(value.is_undefined() ? value.undefined_message()
                                : concat("bad operand type for unary +: '", type_name(value), "'"));
}

}  // namespace pio::text::jinja
