// SPDX-License-Identifier: Apache-2.0
// Statements. Expressions are in interpreter_eval.cpp, macros and loop objects in calls.cpp.
#include "pio/text/jinja/interpreter.h"

#include <algorithm>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/calls.h"
#include "pio/text/jinja/interpreter_scope.h"
#include "pio/text/jinja/print.h"

namespace pio::text::jinja {

const Value* Scope::find(Symbol symbol) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent.get()) {
    for (const auto& [name, value] : scope->variables) {
      if (name == symbol) {
        return &value;
      }
    }
  }
  return nullptr;
}

void Scope::set(Symbol symbol, Value value) {
  for (auto& [name, old] : variables) {
    if (name == symbol) {
      old = std::move(value);
      return;
    }
  }
  variables.emplace_back(symbol, std::move(value));
}

Value from_json(const json::Value& value) {
  if (value.is_null()) {
    return Value::none();
  }
  if (value.is_bool()) {
    return Value::boolean(value.as_bool());
  }
  if (value.is_integer()) {
    return Value::integer(value.as_integer());
  }
  if (value.is_unsigned()) {
    fail_run(concat("integer ", value.as_unsigned(), " needs more than 64 bits"));
  }
  if (value.is_real()) {
    return Value::real(value.as_double());
  }
  if (value.is_string()) {
    return Value::constant(utf8::is_valid(value.as_string()) ? value.as_string()
                                                             : utf8::sanitized(value.as_string()));
  }
  if (value.is_array()) {
    std::vector<Value> items;
    items.reserve(value.as_array().size());
    std::ranges::transform(value.as_array(), std::back_inserter(items), from_json);
    return Value(Kind::kList, std::make_shared<ListData>(std::move(items), nullptr));
  }
  DictData::Items items;
  items.reserve(value.as_object().size());
  for (const auto& [name, member] : value.as_object()) {
    items.emplace_back(from_json(json::Value(name)), from_json(member));
  }
  return Value(Kind::kDict, std::make_shared<DictData>(std::move(items), nullptr));
}

Interpreter::Interpreter(const Template& parsed, Runtime& runtime)
    : template_(parsed), runtime_(runtime) {}

Interpreter::~Interpreter() {
  scope_.reset();
  for (const ScopePtr& scope : captured_) {
    scope->variables.clear();
  }
}

std::string Interpreter::run(const json::Object& variables) {
  TextBuilder out;
  try {
    const auto outside = std::make_shared<Scope>(nullptr);
    for (Symbol symbol = 0; symbol < template_.symbols.size(); ++symbol) {
      const std::string& name = template_.symbols[symbol];
      const auto given = std::ranges::find(variables, name, &json::Object::value_type::first);
      if (given != variables.end()) {
        outside->set(symbol, from_json(given->second));
      } else if (const Function function = find_global(name)) {
        outside->set(symbol, make_function(name, function));
      }
    }
    root_ = std::make_shared<Scope>(outside);
    scope_ = root_;
    out_ = &out;
    exec(template_.body);
  } catch (const RunError& error) {
    fail(ErrorCode::kInvalidArgument, concat(template_.source, ":", line_, ": ", error.what()));
  }
  return out.take();
}

void Interpreter::emit(std::string_view text) {
  runtime_.budget.copy(text.size());
  if (text.size() > kMaxText - std::min(open_bytes_, kMaxText)) {
    fail_limit("output");
  }
  out_->append(text);
  open_bytes_ += text.size();
}

void Interpreter::capture(const ScopePtr& scope) {
  if (!scope->captured) {
    runtime_.budget.hold(512);  // the scope, some variables, a macro
    scope->captured = true;
    captured_.push_back(scope);
  }
}

Interpreter::Flow Interpreter::exec(const Body& body) {
  for (const auto& stmt : body) {
    const Flow flow = exec(*stmt);
    if (flow != Flow::kNext) {
      return flow;
    }
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::exec(const Stmt& stmt) {
  const Deeper deeper(runtime_);
  line_ = stmt.line == 0 ? line_ : stmt.line;
  switch (stmt.kind) {
    case StmtKind::kText:
      emit(static_cast<const TextStmt&>(stmt).text);
      break;
    case StmtKind::kPrint: {
      const Value value = eval(*static_cast<const PrintStmt&>(stmt).value);
      if (value.is_string()) {
        emit(value.text());
      } else if (!value.is_undefined()) {
        emit(to_str(value));
      }
      break;
    }
    case StmtKind::kIf:
      return exec_if(static_cast<const IfStmt&>(stmt));
    case StmtKind::kFor:
      return exec_for(static_cast<const ForStmt&>(stmt));
    case StmtKind::kSet: {
      const auto& set = static_cast<const SetStmt&>(stmt);
      assign(set.target, eval(*set.value));
      break;
    }
    case StmtKind::kSetBlock:
    case StmtKind::kFilterBlock:
      return exec_capture(static_cast<const CaptureStmt&>(stmt));
    case StmtKind::kMacro:
      exec_macro(static_cast<const MacroStmt&>(stmt));
      break;
    case StmtKind::kCallBlock:
      exec_call_block(static_cast<const CallBlockStmt&>(stmt));
      break;
    case StmtKind::kWith:
      return exec_with(static_cast<const WithStmt&>(stmt));
    case StmtKind::kScope:
      return exec_inner(static_cast<const PlainStmt&>(stmt).body);
    case StmtKind::kBlock: {
      const InScope in(*this, std::make_shared<Scope>(root_));
      return exec(static_cast<const PlainStmt&>(stmt).body);
    }
    case StmtKind::kBreak:
      return Flow::kBreak;
    case StmtKind::kContinue:
      return Flow::kContinue;
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::exec_inner(const Body& body) {
  const InScope in(*this, std::make_shared<Scope>(scope_));
  return exec(body);
}

Interpreter::Flow Interpreter::exec_if(const IfStmt& stmt) {
  for (const auto& [condition, body] : stmt.branches) {
    if (truth(eval(*condition))) {
      return exec(body);
    }
  }
  return exec(stmt.otherwise);
}

Interpreter::Flow Interpreter::exec_for(const ForStmt& stmt) {
  return run_loop(stmt, eval(*stmt.iterable), 0);
}

// What the loop walks, with the items that fail its condition left out.
Value Interpreter::loop_items(const ForStmt& stmt, const Value& iterable) {
  if (stmt.condition == nullptr) {
    const bool ready = iterable.is(Kind::kList) || iterable.is(Kind::kTuple);
    return ready ? iterable : runtime_.list(iterate(runtime_, iterable));
  }
  std::vector<Value> kept;
  for (const Value& item : iterate(runtime_, iterable)) {
    const InScope in(*this, std::make_shared<Scope>(scope_));
    assign(stmt.target, item);
    if (truth(eval(*stmt.condition))) {
      kept.push_back(item);
    }
  }
  return runtime_.list(std::move(kept));
}

Interpreter::Flow Interpreter::run_loop(const ForStmt& stmt, const Value& iterable, int depth) {
  const Value items = loop_items(stmt, iterable);
  if (items.items().empty()) {
    return stmt.otherwise.empty() ? Flow::kNext : exec_inner(stmt.otherwise);
  }
  if (stmt.recursive) {
    capture(scope_);
  }
  const auto loop = std::make_shared<LoopObject>(*this, items, stmt, scope_, depth);
  const LoopObject::Ended ended(*loop);
  const Value loop_value(Kind::kObject, loop);
  ScopePtr inner;
  for (const Value& item : items.items()) {
    runtime_.budget.step(3);
    if (inner != nullptr && inner.use_count() == 1) {
      inner->variables.clear();
    } else {
      inner = std::make_shared<Scope>(scope_);
    }
    const InScope in(*this, inner);
    loop->advance();
    inner->set(template_.loop, loop_value);
    assign(stmt.target, item);
    if (exec(stmt.body) == Flow::kBreak) {
      break;
    }
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::exec_capture(const CaptureStmt& stmt) {
  Value value;
  {
    const Capture captured(*this);
    const Flow flow = exec_inner(stmt.body);
    if (flow != Flow::kNext) {
      return flow;
    }
    value = runtime_.string(captured.text());
  }
  if (stmt.filter != nullptr) {
    const Value outer = std::exchange(piped_, value);
    value = eval(*stmt.filter);
    piped_ = outer;
  }
  if (stmt.kind == StmtKind::kSetBlock) {
    assign(stmt.target, value);
  } else if (value.is_string()) {
    emit(value.text());
  } else {
    fail_run(concat("filter block: expected str, got ", type_name(value)));
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::exec_with(const WithStmt& stmt) {
  std::vector<Value> values;
  for (const auto& [target, value] : stmt.values) {
    values.push_back(eval(*value));
  }
  const InScope in(*this, std::make_shared<Scope>(scope_));
  for (size_t i = 0; i < values.size(); ++i) {
    assign(stmt.values[i].first, values[i]);
  }
  return exec(stmt.body);
}

void Interpreter::assign(const Target& target, const Value& value) {
  switch (target.kind) {
    case Target::Kind::kName:
      scope_->set(target.symbol, value);
      break;
    case Target::Kind::kAttribute: {
      const Value* found = scope_->find(target.symbol);
      auto* space = found != nullptr && found->is(Kind::kObject)
                        ? dynamic_cast<Namespace*>(&found->object())
                        : nullptr;
      if (space == nullptr) {
        fail_run("cannot assign attribute on non-namespace object");
      }
      space->set(runtime_.budget, target.attribute, value);
      break;
    }
    case Target::Kind::kTuple: {
      const std::vector<Value> items = iterate(runtime_, value);
      if (items.size() != target.items.size()) {
        fail_run(concat(items.size() < target.items.size() ? "not enough" : "too many",
                        " values to unpack (expected ", target.items.size(), ", got ", items.size(),
                        ")"));
      }
      for (size_t i = 0; i < items.size(); ++i) {
        assign(target.items[i], items[i]);
      }
      break;
    }
  }
}

}  // namespace pio::text::jinja
