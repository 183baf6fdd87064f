// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/calls.h"

#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/jinja/interpreter_scope.h"
#include "pio/text/jinja/print.h"

namespace pio::text::jinja {
namespace {

/// Counts one call of template code while it lives.
class InCall {
 public:
  explicit InCall(Runtime& runtime) : runtime_(runtime) {
    if (runtime.calls >= kMaxCalls) {
      fail_limit("recursion");
    }
    ++runtime.calls;
  }
  ~InCall() { --runtime_.calls; }
  InCall(const InCall&) = delete;
  InCall& operator=(const InCall&) = delete;

 private:
  Runtime& runtime_;
};

}  // namespace

LoopObject::LoopObject(Interpreter& interpreter, const Value& items, const ForStmt& stmt,
                       ScopePtr outer, int depth0)
    : interpreter_(interpreter),
      items_(items),
      stmt_(stmt),
      outer_(stmt.recursive ? std::move(outer) : nullptr),
      depth0_(depth0) {
  depth = items.depth() + 1;
}

LoopObject::Ended::~Ended() {
  loop_.ended_ = true;
  loop_.last_changed_.reset();
}

std::string LoopObject::repr() const {
  return concat("<LoopContext ", index0_ + 1, "/", size(), ">");
}

Value LoopObject::call(Runtime& runtime, const Args& args) {
  const Bound bound("loop", args, {"iterable"}, 1);
  if (outer_ == nullptr) {
    fail_run("The loop must have the 'recursive' marker to be called recursively.");
  }
  const InCall call(runtime);
  return interpreter_.call_loop(stmt_, outer_, *bound[0], depth0_ + 1);
}

std::optional<Value> LoopObject::attribute(Runtime& /*runtime*/, std::string_view name) {
  const auto at = static_cast<size_t>(std::max<int64_t>(index0_, 0));
  const bool last = index0_ + 1 >= size();
  const std::pair<std::string_view, int64_t> numbers[] = {{"index", index0_ + 1},
                                                          {"index0", index0_},
                                                          {"revindex", size() - index0_},
                                                          {"revindex0", size() - index0_ - 1},
                                                          {"length", size()},
                                                          {"depth", int64_t{depth0_} + 1},
                                                          {"depth0", int64_t{depth0_}}};
  for (const auto& [field, number] : numbers) {
    if (field == name) {
      return Value::integer(number);
    }
  }
  if (name == "first" || name == "last") {
    return Value::boolean(name == "last" ? last : index0_ == 0);
  }
  if (name == "previtem") {
    return index0_ > 0 ? items_.items()[at - 1] : Value::undefined("there is no previous item");
  }
  if (name == "nextitem") {
    return last ? Value::undefined("there is no next item") : items_.items()[at + 1];
  }
  const bool is_cycle = name == "cycle";
  if (is_cycle || name == "changed") {
    return make_method(is_cycle ? "cycle" : "changed", Value(Kind::kObject, shared_from_this()),
                       is_cycle ? &LoopObject::cycle : &LoopObject::changed);
  }
  return std::nullopt;
}

Value LoopObject::cycle(Runtime& /*runtime*/, const Value& self, const Args& args) {
  if (args.positional.empty() || !args.named.empty()) {
    fail_run("no items for cycling given");
  }
  const auto at = static_cast<size_t>(static_cast<LoopObject&>(self.object()).index0_);
  return args.positional[at % args.positional.size()];
}

Value LoopObject::changed(Runtime& runtime, const Value& self, const Args& args) {
  auto& loop = static_cast<LoopObject&>(self.object());
  const Value now = runtime.tuple(args.positional);
  const bool same = loop.last_changed_ && equal(runtime, *loop.last_changed_, now);
  if (!same && !loop.ended_) {
    loop.last_changed_ = now;
  }
  return Value::boolean(!same);
}

std::string MacroObject::repr() const { return concat("<Macro '", macro_.name, "'>"); }

Value MacroObject::call(Runtime& runtime, const Args& args) {
  const InCall call(runtime);
  return interpreter_.call_macro(macro_, closure_, args);
}

std::optional<Value> MacroObject::attribute(Runtime& runtime, std::string_view name) {
  if (name == "name") {
    return runtime.string(macro_.name);
  }
  if (name == "arguments") {
    std::vector<Value> names;
    for (const auto& [parameter, symbol] : macro_.parameters) {
      names.push_back(runtime.string(parameter));
    }
    return runtime.tuple(std::move(names));
  }
  return std::nullopt;
}

// Sets the parameters that were given; gives back the arguments that fit none.
Args Interpreter::bind_macro(const MacroDefinition& macro, const Args& args, Scope& scope) {
  Args rest;
  const size_t taken = std::min(args.positional.size(), macro.parameters.size());
  for (size_t i = 0; i < taken; ++i) {
    scope.set(macro.parameters[i].second, args.positional[i]);
  }
  rest.positional.assign(args.positional.begin() + static_cast<std::ptrdiff_t>(taken),
                         args.positional.end());
  const auto open = macro.parameters.begin() + static_cast<std::ptrdiff_t>(taken);
  for (const auto& argument : args.named) {
    const auto found = std::find_if(open, macro.parameters.end(),
                                    [&](const auto& each) { return each.first == argument.first; });
    if (found != macro.parameters.end()) {
      scope.set(found->second, argument.second);
    } else {
      rest.named.push_back(argument);
    }
  }
  return rest;
}

Value Interpreter::call_macro(const MacroDefinition& macro, const ScopePtr& closure,
                              const Args& args) {
  const auto inner = std::make_shared<Scope>(closure);
  const InScope in(*this, inner);
  const Capture captured(*this);
  Args rest = bind_macro(macro, args, *inner);
  const bool explicit_caller = std::ranges::any_of(
      macro.parameters, [](const auto& each) { return each.first == "caller"; });
  if (macro.uses_caller && !explicit_caller) {
    const auto found =
        std::ranges::find(rest.named, "caller", &std::pair<std::string, Value>::first);
    if (found == rest.named.end()) {
      inner->set(template_.caller, Value::undefined("No caller defined"));
    } else {
      inner->set(template_.caller, found->second);
      rest.named.erase(found);
    }
  }
  if (macro.uses_kwargs) {
    DictData::Items items;
    for (auto& [name, value] : rest.named) {
      items.emplace_back(runtime_.string(name), value);
    }
    inner->set(template_.kwargs, runtime_.dict(std::move(items)));
  } else if (!rest.named.empty()) {
    fail_run(
        concat("macro '", macro.name, "' takes no keyword argument '", rest.named[0].first, "'"));
  }
  if (macro.uses_varargs) {
    inner->set(template_.varargs, runtime_.tuple(std::move(rest.positional)));
  } else if (!rest.positional.empty()) {
    fail_run(concat("macro '", macro.name, "' takes not more than ", macro.parameters.size(),
                    " argument(s)"));
  }
  const size_t first_default = macro.parameters.size() - macro.defaults.size();
  for (size_t i = 0; i < macro.parameters.size(); ++i) {
    const auto& [name, symbol] = macro.parameters[i];
    const bool given =
        std::ranges::find(inner->variables, symbol, &std::pair<Symbol, Value>::first) !=
        inner->variables.end();
    if (!given) {
      inner->set(symbol, i < first_default
                             ? Value::undefined(concat("parameter '", name, "' was not provided"))
                             : eval(*macro.defaults[i - first_default]));
    }
  }
  exec(macro.body);
  return runtime_.string(captured.text());
}

Value Interpreter::call_loop(const ForStmt& loop, const ScopePtr& outer, const Value& iterable,
                             int depth) {
  const InScope in(*this, outer);
  const Capture captured(*this);
  run_loop(loop, iterable, depth);
  return runtime_.string(captured.text());
}

void Interpreter::exec_macro(const MacroStmt& stmt) {
  capture(scope_);
  scope_->set(stmt.symbol,
              Value(Kind::kObject, std::make_shared<MacroObject>(*this, stmt.macro, scope_)));
}

void Interpreter::exec_call_block(const CallBlockStmt& stmt) {
  capture(scope_);
  const Value caller(Kind::kObject, std::make_shared<MacroObject>(*this, stmt.caller, scope_));
  const Value out = eval_call(*stmt.call, &caller);
  emit(to_str(out));
}

}  // namespace pio::text::jinja
