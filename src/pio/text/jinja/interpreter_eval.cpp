// SPDX-License-Identifier: Apache-2.0
// Expressions.
#include "pio/base/error.h"
#include "pio/text/jinja/interpreter.h"
#include "pio/text/jinja/interpreter_scope.h"
#include "pio/text/jinja/print.h"

namespace pio::text::jinja {

Value Interpreter::eval(const Expr& expr) {
  const Deeper deeper(runtime_);
  line_ = expr.line == 0 ? line_ : expr.line;
  return eval_kind(expr);
}

Value Interpreter::eval_kind(const Expr& expr) {
  const auto items = [&]() -> const std::vector<ExprPtr>& {
    return static_cast<const ItemsExpr&>(expr).items;
  };
  switch (expr.kind) {
    case ExprKind::kConst:
      return static_cast<const ConstExpr&>(expr).value;
    case ExprKind::kName:
      return eval_name(static_cast<const NameExpr&>(expr));
    case ExprKind::kList:
      return runtime_.list(eval_items(static_cast<const ItemsExpr&>(expr)));
    case ExprKind::kTuple:
      return runtime_.tuple(eval_items(static_cast<const ItemsExpr&>(expr)));
    case ExprKind::kDict:
      return eval_dict(static_cast<const DictExpr&>(expr));
    case ExprKind::kNot:
      return Value::boolean(!truth(eval(*items()[0])));
    case ExprKind::kNegate:
      return negate(eval(*items()[0]));
    case ExprKind::kPlus:
      return plus(eval(*items()[0]));
    case ExprKind::kAnd:
    case ExprKind::kOr: {
      Value left = eval(*items()[0]);
      const bool decided = truth(left) == (expr.kind == ExprKind::kOr);
      return decided ? left : eval(*items()[1]);
    }
    case ExprKind::kBinary: {
      const auto& node = static_cast<const BinaryExpr&>(expr);
      const Value left = eval(*node.left);
      const Value right = eval(*node.right);
      line_ = expr.line;
      return binary(runtime_, node.op, left, right);
    }
    case ExprKind::kConcat:
      return eval_concat(static_cast<const ItemsExpr&>(expr));
    case ExprKind::kCompare:
      return eval_compare(static_cast<const CompareExpr&>(expr));
    case ExprKind::kConditional:
      return eval_conditional(static_cast<const ConditionalExpr&>(expr));
    case ExprKind::kAttribute: {
      const auto& node = static_cast<const AttributeExpr&>(expr);
      const Value object = eval(*node.object);
      line_ = expr.line;
      return get_attribute(runtime_, object, node.name);
    }
    case ExprKind::kItem: {
      const auto& node = static_cast<const ItemExpr&>(expr);
      const Value object = eval(*node.object);
      const Value key = eval(*node.key);
      line_ = expr.line;
      return get_item(runtime_, object, key);
    }
    case ExprKind::kSlice:
      return eval_slice(static_cast<const SliceExpr&>(expr));
    case ExprKind::kCall:
      return eval_call(static_cast<const CallExpr&>(expr), nullptr);
    case ExprKind::kFilter:
      return eval_filter(static_cast<const FilterExpr&>(expr));
    case ExprKind::kTest:
      return eval_test(static_cast<const TestExpr&>(expr));
    case ExprKind::kPiped:
      return piped_;
  }
  return Value();
}

Value Interpreter::eval_name(const NameExpr& expr) {
  const Value* found = scope_->find(expr.symbol);
  return found != nullptr
             ? *found
             : Value::undefined(concat("'", template_.symbols[expr.symbol], "' is undefined"));
}

std::vector<Value> Interpreter::eval_items(const ItemsExpr& expr) {
  std::vector<Value> out;
  out.reserve(expr.items.size());
  for (const ExprPtr& item : expr.items) {
    out.push_back(eval(*item));
  }
  return out;
}

Value Interpreter::eval_dict(const DictExpr& expr) {
  DictData::Items items;
  items.reserve(expr.items.size());
  for (const auto& [key, value] : expr.items) {
    Value name = eval(*key);
    items.emplace_back(std::move(name), eval(*value));
  }
  return runtime_.dict(std::move(items));
}

Value Interpreter::eval_concat(const ItemsExpr& expr) {
  const std::vector<Value> items = eval_items(expr);
  line_ = expr.line;
  size_t size = 0;
  for (const Value& item : items) {
    size += item.is_string() ? item.text().size() : 8;
  }
  TextBuilder out;
  out.reserve(size);
  for (const Value& item : items) {
    append_str(out, item);
  }
  return runtime_.string(out.take());
}

Value Interpreter::eval_compare(const CompareExpr& expr) {
  Value left = eval(*expr.first);
  for (const auto& [op, operand] : expr.rest) {
    Value right = eval(*operand);
    line_ = expr.line;
    if (!compare(runtime_, op, left, right)) {
      return Value::boolean(false);
    }
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Interpreter::eval_conditional(const ConditionalExpr& expr) {
  if (truth(eval(*expr.condition))) {
    return eval(*expr.then);
  }
  return expr.otherwise != nullptr
             ? eval(*expr.otherwise)
             : Value::undefined(
                   "the inline if-expression evaluated to false and no else section "
                   "was defined.");
}

Value Interpreter::eval_slice(const SliceExpr& expr) {
  const auto part = [this](const ExprPtr& each) { return each ? eval(*each) : Value::none(); };
  const Value object = eval(*expr.object);
  const Value start = part(expr.start);
  const Value stop = part(expr.stop);
  const Value step = part(expr.step);
  line_ = expr.line;
  return slice(runtime_, object, start, stop, step);
}

Args Interpreter::eval_args(const CallArgs& args) {
  Args out;
  out.positional.reserve(args.positional.size());
  for (const ExprPtr& value : args.positional) {
    out.positional.push_back(eval(*value));
  }
  for (const auto& [name, value] : args.named) {
    out.named.emplace_back(name, eval(*value));
  }
  if (args.star != nullptr) {
    const std::vector<Value> more = iterate(runtime_, eval(*args.star));
    out.positional.insert(out.positional.end(), more.begin(), more.end());
  }
  if (args.double_star != nullptr) {
    const Value more = eval(*args.double_star);
    if (!more.is(Kind::kDict)) {
      fail_run("argument after ** must be a mapping");
    }
    for (const auto& [name, value] : more.dict().items) {
      if (!name.is_string()) {
        fail_run("keywords must be strings");
      }
      runtime_.budget.step();
      out.named.emplace_back(std::string(name.text()), value);
    }
  }
  return out;
}

Value Interpreter::eval_call(const CallExpr& expr, const Value* caller) {
  const Value callee = eval(*expr.callee);
  Args args = eval_args(expr.args);
  if (caller != nullptr) {
    args.named.emplace_back("caller", *caller);
  }
  line_ = expr.line;
  if (callee.is_undefined()) {
    fail_run(callee.undefined_message());
  }
  if (!callee.is(Kind::kObject)) {
    fail_run(concat("'", type_name(callee), "' object is not callable"));
  }
  return callee.object().call(runtime_, args);
}

Value Interpreter::eval_filter(const FilterExpr& expr) {
  const Value input = eval(*expr.input);
  const Args args = eval_args(expr.args);
  line_ = expr.line;
  if (expr.function == nullptr) {
    fail_run(concat("no filter named '", expr.name, "'"));
  }
  return expr.function(runtime_, input, args);
}

Value Interpreter::eval_test(const TestExpr& expr) {
  const Value input = eval(*expr.input);
  const Args args = eval_args(expr.args);
  line_ = expr.line;
  if (expr.function == nullptr) {
    fail_run(concat("no test named '", expr.name, "'"));
  }
  return Value::boolean(expr.function(runtime_, input, args));
}

}  // namespace pio::text::jinja
