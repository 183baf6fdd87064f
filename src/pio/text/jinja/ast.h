// SPDX-License-Identifier: Apache-2.0
// The parsed template. Names are numbers: a Template's symbols lists them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {

using Symbol = uint32_t;

enum class ExprKind : uint8_t {
  kConst,
  kName,
  kList,
  kTuple,
  kDict,
  kNot,
  kNegate,
  kPlus,
  kAnd,
  kOr,
  kBinary,
  kConcat,
  kCompare,
  kConditional,
  kAttribute,
  kItem,
  kSlice,
  kCall,
  kFilter,
  kTest,
  kPiped,
};

struct Expr {
  explicit Expr(ExprKind expr_kind) : kind(expr_kind) {}
  Expr(const Expr&) = delete;
  Expr& operator=(const Expr&) = delete;
  virtual ~Expr() = default;
  ExprKind kind;
  uint16_t depth = 1;  ///< levels of the tree below, with this one
  uint32_t line = 0;
};
using ExprPtr = std::unique_ptr<Expr>;

struct ConstExpr final : Expr {
  explicit ConstExpr(Value constant) : Expr(ExprKind::kConst), value(std::move(constant)) {}
  Value value;
};

struct NameExpr final : Expr {
  explicit NameExpr(Symbol name) : Expr(ExprKind::kName), symbol(name) {}
  Symbol symbol;
};

/// kList, kTuple, kConcat (a ~ b ~ c), and the operands of kNot, kNegate, kPlus, kAnd, kOr.
struct ItemsExpr final : Expr {
  using Expr::Expr;
  std::vector<ExprPtr> items;
};

struct DictExpr final : Expr {
  DictExpr() : Expr(ExprKind::kDict) {}
  std::vector<std::pair<ExprPtr, ExprPtr>> items;
};

struct BinaryExpr final : Expr {
  explicit BinaryExpr(BinaryOp binary_op) : Expr(ExprKind::kBinary), op(binary_op) {}
  BinaryOp op;
  ExprPtr left;
  ExprPtr right;
};

/// first op value op value ...
struct CompareExpr final : Expr {
  CompareExpr() : Expr(ExprKind::kCompare) {}
  ExprPtr first;
  std::vector<std::pair<CompareOp, ExprPtr>> rest;
};

struct ConditionalExpr final : Expr {
  ConditionalExpr() : Expr(ExprKind::kConditional) {}
  ExprPtr condition;
  ExprPtr then;
  ExprPtr otherwise;  ///< null: undefined
};

struct AttributeExpr final : Expr {
  AttributeExpr() : Expr(ExprKind::kAttribute) {}
  ExprPtr object;
  std::string name;
};

struct ItemExpr final : Expr {
  ItemExpr() : Expr(ExprKind::kItem) {}
  ExprPtr object;
  ExprPtr key;
};

/// object[start:stop:step]; a part that is not there is null.
struct SliceExpr final : Expr {
  SliceExpr() : Expr(ExprKind::kSlice) {}
  ExprPtr object;
  ExprPtr start;
  ExprPtr stop;
  ExprPtr step;
};

struct CallArgs {
  std::vector<ExprPtr> positional;
  std::vector<std::pair<std::string, ExprPtr>> named;
  ExprPtr star;         ///< *sequence
  ExprPtr double_star;  ///< **mapping
};

struct CallExpr final : Expr {
  CallExpr() : Expr(ExprKind::kCall) {}
  ExprPtr callee;
  CallArgs args;
};

/// input | name(args), the function null where there is no such filter.
struct FilterExpr final : Expr {
  FilterExpr() : Expr(ExprKind::kFilter) {}
  ExprPtr input;
  std::string name;
  Filter function = nullptr;
  CallArgs args;
};

/// input is name(args), the function null where there is no such test.
struct TestExpr final : Expr {
  TestExpr() : Expr(ExprKind::kTest) {}
  ExprPtr input;
  std::string name;
  Test function = nullptr;
  CallArgs args;
};

/// The captured text of a filter or set block: what its filters work on.
struct PipedExpr final : Expr {
  PipedExpr() : Expr(ExprKind::kPiped) {}
};

/// What is assigned to: a name, name.attribute of a namespace, or a tuple of targets.
struct Target {
  enum class Kind : uint8_t { kName, kAttribute, kTuple };
  Kind kind = Kind::kName;
  Symbol symbol = 0;
  std::string attribute;
  std::vector<Target> items;

  /// Whether the name is assigned to.
  [[nodiscard]] bool names(Symbol name) const {
    return (kind == Kind::kName && symbol == name) ||
           std::ranges::any_of(items, [name](const Target& item) { return item.names(name); });
  }
};

enum class StmtKind : uint8_t {
  kText,
  kPrint,
  kIf,
  kFor,
  kSet,
  kSetBlock,
  kMacro,
  kCallBlock,
  kFilterBlock,
  kWith,
  kScope,
  kBlock,
  kBreak,
  kContinue,
};

struct Stmt {
  explicit Stmt(StmtKind stmt_kind) : kind(stmt_kind) {}
  Stmt(const Stmt&) = delete;
  Stmt& operator=(const Stmt&) = delete;
  virtual ~Stmt() = default;
  StmtKind kind;
  uint32_t line = 0;
};
using Body = std::vector<std::unique_ptr<Stmt>>;

/// kBreak, kContinue; kScope (generation) and kBlock use the body.
struct PlainStmt final : Stmt {
  using Stmt::Stmt;
  Body body;
};

struct TextStmt final : Stmt {
  explicit TextStmt(std::string content) : Stmt(StmtKind::kText), text(std::move(content)) {}
  std::string text;
};

struct PrintStmt final : Stmt {
  explicit PrintStmt(ExprPtr printed) : Stmt(StmtKind::kPrint), value(std::move(printed)) {}
  ExprPtr value;
};

struct IfStmt final : Stmt {
  IfStmt() : Stmt(StmtKind::kIf) {}
  std::vector<std::pair<ExprPtr, Body>> branches;
  Body otherwise;
};

struct ForStmt final : Stmt {
  ForStmt() : Stmt(StmtKind::kFor) {}
  Target target;
  ExprPtr iterable;
  ExprPtr condition;  ///< of `for x in y if condition`; may be null
  bool recursive = false;
  Body body;
  Body otherwise;
};

struct SetStmt final : Stmt {
  SetStmt() : Stmt(StmtKind::kSet) {}
  Target target;
  ExprPtr value;
};

/// set block (with target) and filter block: filter is null, or works on PipedExpr.
struct CaptureStmt final : Stmt {
  using Stmt::Stmt;
  Target target;
  ExprPtr filter;
  Body body;
};

/// What a macro or the body of a call block needs to be called.
struct MacroDefinition {
  std::string name;
  std::vector<std::pair<std::string, Symbol>> parameters;
  std::vector<ExprPtr> defaults;  ///< of the last parameters
  bool uses_caller = false;
  bool uses_kwargs = false;
  bool uses_varargs = false;
  Body body;
};

struct MacroStmt final : Stmt {
  MacroStmt() : Stmt(StmtKind::kMacro) {}
  Symbol symbol = 0;
  MacroDefinition macro;
};

struct CallBlockStmt final : Stmt {
  CallBlockStmt() : Stmt(StmtKind::kCallBlock) {}
  std::unique_ptr<CallExpr> call;
  MacroDefinition caller;
};

struct WithStmt final : Stmt {
  WithStmt() : Stmt(StmtKind::kWith) {}
  std::vector<std::pair<Target, ExprPtr>> values;
  Body body;
};

/// A whole template. well_known: the symbols that the engine itself binds.
struct Template {
  std::string source;
  std::vector<std::string> symbols;
  Symbol loop = 0;
  Symbol caller = 0;
  Symbol kwargs = 0;
  Symbol varargs = 0;
  Body body;
};

}  // namespace pio::text::jinja
