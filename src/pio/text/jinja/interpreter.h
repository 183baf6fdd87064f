// SPDX-License-Identifier: Apache-2.0
// Runs a parsed template once.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pio/base/json.h"
#include "pio/text/jinja/ast.h"
#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {

/// The variables of one block; reading falls through to the parent, writing does not.
struct Scope {
  explicit Scope(std::shared_ptr<Scope> outer) : parent(std::move(outer)) {}
  [[nodiscard]] const Value* find(Symbol symbol) const;
  void set(Symbol symbol, Value value);

  std::vector<std::pair<Symbol, Value>> variables;
  std::shared_ptr<Scope> parent;
  bool captured = false;  ///< a macro or loop object may outlive the block
};
using ScopePtr = std::shared_ptr<Scope>;

/// A JSON value as a template value. Errors: RunError for integers beyond int64.
[[nodiscard]] Value from_json(const json::Value& value);

/// One rendering of one template.
class Interpreter {
 public:
  Interpreter(const Template& parsed, Runtime& runtime);
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  ~Interpreter();

  /// The template's output. Errors: kInvalidArgument with source:line; raise_exception's text
  /// alone.
  std::string run(const json::Object& variables);

  /// Calls a macro or the body of a call block; gives its output.
  Value call_macro(const MacroDefinition& macro, const ScopePtr& closure, const Args& args);
  /// Runs the body of a recursive loop over `iterable`; gives its output.
  Value call_loop(const ForStmt& loop, const ScopePtr& outer, const Value& iterable, int depth);

 private:
  enum class Flow : uint8_t { kNext, kBreak, kContinue };
  class InScope;
  class Capture;
  class Deeper;

  Flow exec(const Body& body);
  Flow exec(const Stmt& stmt);
  Flow exec_if(const IfStmt& stmt);
  Flow exec_for(const ForStmt& stmt);
  Flow exec_capture(const CaptureStmt& stmt);
  Flow exec_with(const WithStmt& stmt);
  Flow exec_inner(const Body& body);
  void exec_macro(const MacroStmt& stmt);
  void exec_call_block(const CallBlockStmt& stmt);
  Flow run_loop(const ForStmt& stmt, const Value& iterable, int depth);
  Value loop_items(const ForStmt& stmt, const Value& iterable);

  Value eval(const Expr& expr);
  Value eval_kind(const Expr& expr);
  Value eval_name(const NameExpr& expr);
  Value eval_dict(const DictExpr& expr);
  Value eval_concat(const ItemsExpr& expr);
  Value eval_compare(const CompareExpr& expr);
  Value eval_conditional(const ConditionalExpr& expr);
  Value eval_slice(const SliceExpr& expr);
  Value eval_call(const CallExpr& expr, const Value* caller);
  Value eval_filter(const FilterExpr& expr);
  Value eval_test(const TestExpr& expr);
  std::vector<Value> eval_items(const ItemsExpr& expr);
  Args eval_args(const CallArgs& args);

  Args bind_macro(const MacroDefinition& macro, const Args& args, Scope& scope);
  void emit(std::string_view text);
  void assign(const Target& target, const Value& value);
  /// Keeps `scope` until the end of the rendering, so that cycles through it can be broken.
  void capture(const ScopePtr& scope);

  const Template& template_;
  Runtime& runtime_;
  ScopePtr root_;
  ScopePtr scope_;
  std::vector<ScopePtr> captured_;
  TextBuilder* out_ = nullptr;
  size_t open_bytes_ = 0;  ///< in all outputs being written, the nested ones of macros included
  Value piped_;            ///< what PipedExpr gives
  uint32_t line_ = 1;
};

}  // namespace pio::text::jinja
