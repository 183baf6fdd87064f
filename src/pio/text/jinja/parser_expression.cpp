// SPDX-License-Identifier: Apache-2.0
// Expressions, by precedence from `if else` down to names and literals.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/jinja/parser.h"
#include "pio/text/jinja/parser_base.h"

namespace pio::text::jinja {

ParserBase::Nested::Nested(ParserBase& parser) : parser_(parser) {
  if (++parser_.nesting_ > kMaxNesting) {
    --parser_.nesting_;
    parser_.fail_here(concat("nesting deeper than ", kMaxNesting));
  }
}

bool ParserBase::skip_op(std::string_view op) {
  const bool found = is_op(op);
  if (found) {
    next();
  }
  return found;
}

bool ParserBase::skip_name(std::string_view name) {
  const bool found = is_name(name);
  if (found) {
    next();
  }
  return found;
}

void ParserBase::expect_op(std::string_view op) {
  if (!skip_op(op)) {
    fail_here(concat("expected '", op, "', got ", described()));
  }
}

const Token& ParserBase::expect(TokenType type, std::string_view what) {
  if (current().type != type) {
    fail_here(concat("expected ", what, ", got ", described()));
  }
  return next();
}

void ParserBase::fail_here(std::string_view message) const {
  source_.fail_at(current().offset, message);
}

std::string ParserBase::described() const {
  switch (current().type) {
    case TokenType::kEnd:
      return "the end of the template";
    case TokenType::kText:
      return "text";
    case TokenType::kPrintBegin:
    case TokenType::kBlockBegin:
      return "the beginning of a tag";
    case TokenType::kPrintEnd:
    case TokenType::kBlockEnd:
      return "the end of the tag";
    default:
      return concat("'", escaped(current().text, 40), "'");
  }
}

void ParserBase::note_unknown(std::string message) {
  if (soft_ == 0) {
    unknown_.emplace_back(current().offset, std::move(message));
  }
}

void ParserBase::fail_unknown() const {
  if (!unknown_.empty()) {
    source_.fail_at(unknown_[0].first, unknown_[0].second);
  }
}

Symbol ParserBase::symbol(const std::string& name) {
  const auto [at, added] = numbers_.try_emplace(name, static_cast<Symbol>(symbols_.size()));
  if (added) {
    symbols_.push_back(name);
  }
  return at->second;
}

void ParserBase::deepen(Expr& parent, const Expr* child) const {
  if (child != nullptr && child->depth >= parent.depth) {
    parent.depth = static_cast<uint16_t>(child->depth + 1);
    if (parent.depth > kMaxTreeDepth) {
      fail_here(concat("nesting of operators deeper than ", int{kMaxTreeDepth}));
    }
  }
}

void ExpressionParser::deepen_args(Expr& parent, const CallArgs& args) const {
  for (const auto& value : args.positional) {
    deepen(parent, value.get());
  }
  for (const auto& [name, value] : args.named) {
    deepen(parent, value.get());
  }
  deepen(parent, args.star.get());
  deepen(parent, args.double_star.get());
}

template <class T>
std::unique_ptr<T> ExpressionParser::at_line(std::unique_ptr<T> node, uint32_t line) const {
  node->line = line;
  return node;
}

ExprPtr ExpressionParser::binary(BinaryOp op, ExprPtr left, ExprPtr right, uint32_t line) const {
  auto node = at_line(std::make_unique<BinaryExpr>(op), line);
  deepen(*node, left.get());
  deepen(*node, right.get());
  node->left = std::move(left);
  node->right = std::move(right);
  return node;
}

ExprPtr ExpressionParser::joined(ExprKind kind, ExprPtr left, ExprPtr right, uint32_t line) const {
  auto node = at_line(std::make_unique<ItemsExpr>(kind), line);
  deepen(*node, left.get());
  deepen(*node, right.get());
  node->items.push_back(std::move(left));
  node->items.push_back(std::move(right));
  return node;
}

ExprPtr ExpressionParser::parse_expression(bool conditional) {
  const Nested nested(*this);
  const size_t known_before = unknown_.size();
  ExprPtr value = parse_or();
  while (conditional && is_name("if")) {
    auto node = at_line(std::make_unique<ConditionalExpr>(), next().line);
    node->condition = parse_or();
    node->otherwise = skip_name("else") ? parse_expression() : nullptr;
    unknown_.resize(known_before);
    deepen(*node, value.get());
    deepen(*node, node->condition.get());
    deepen(*node, node->otherwise.get());
    node->then = std::move(value);
    value = std::move(node);
  }
  return value;
}

ExprPtr ExpressionParser::parse_or() {
  ExprPtr left = parse_and();
  while (is_name("or")) {
    const uint32_t line = next().line;
    left = joined(ExprKind::kOr, std::move(left), parse_and(), line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_and() {
  ExprPtr left = parse_not();
  while (is_name("and")) {
    const uint32_t line = next().line;
    left = joined(ExprKind::kAnd, std::move(left), parse_not(), line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_not() {
  if (!is_name("not")) {
    return parse_compare();
  }
  const Nested nested(*this);
  auto node = at_line(std::make_unique<ItemsExpr>(ExprKind::kNot), next().line);
  node->items.push_back(parse_not());
  deepen(*node, node->items[0].get());
  return node;
}

ExprPtr ExpressionParser::parse_compare() {
  constexpr std::pair<std::string_view, CompareOp> kOps[] = {
      {"==", CompareOp::kEq}, {"!=", CompareOp::kNe}, {"<", CompareOp::kLt},
      {"<=", CompareOp::kLe}, {">", CompareOp::kGt},  {">=", CompareOp::kGe}};
  ExprPtr first = parse_sum();
  auto node = at_line(std::make_unique<CompareExpr>(), current().line);
  for (;;) {
    const auto* op =
        std::ranges::find_if(kOps, [&](const auto& each) { return is_op(each.first); });
    CompareOp found = CompareOp::kIn;
    if (op != std::end(kOps)) {
      found = op->second;
    } else if (is_name("not") && ahead().type == TokenType::kName && ahead().text == "in") {
      found = CompareOp::kNotIn;
      next();
    } else if (!is_name("in")) {
      break;
    }
    next();
    node->rest.emplace_back(found, parse_sum());
    deepen(*node, node->rest.back().second.get());
  }
  if (node->rest.empty()) {
    return first;
  }
  deepen(*node, first.get());
  node->first = std::move(first);
  return node;
}

ExprPtr ExpressionParser::parse_sum() {
  ExprPtr left = parse_concat();
  while (is_op("+") || is_op("-")) {
    const Token& token = next();
    const BinaryOp op = token.text == "+" ? BinaryOp::kAdd : BinaryOp::kSub;
    const uint32_t line = token.line;
    left = binary(op, std::move(left), parse_concat(), line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_concat() {
  ExprPtr first = parse_product();
  if (!is_op("~")) {
    return first;
  }
  auto node = at_line(std::make_unique<ItemsExpr>(ExprKind::kConcat), current().line);
  deepen(*node, first.get());
  node->items.push_back(std::move(first));
  while (skip_op("~")) {
    node->items.push_back(parse_product());
    deepen(*node, node->items.back().get());
  }
  return node;
}

ExprPtr ExpressionParser::parse_product() {
  ExprPtr left = parse_power();
  while (is_op("*") || is_op("/") || is_op("//") || is_op("%")) {
    const Token& token = next();
    const BinaryOp op = token.text == "*"   ? BinaryOp::kMul
                        : token.text == "/" ? BinaryOp::kDiv
                        : token.text == "%" ? BinaryOp::kMod
                                            : BinaryOp::kFloorDiv;
    const uint32_t line = token.line;
    left = binary(op, std::move(left), parse_power(), line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_power() {
  ExprPtr left = parse_unary(true);
  while (is_op("**")) {
    const uint32_t line = next().line;
    left = binary(BinaryOp::kPow, std::move(left), parse_unary(true), line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_unary(bool with_filter) {
  ExprPtr node;
  if (is_op("-") || is_op("+")) {
    const Nested nested(*this);
    const Token& token = next();
    auto sign = at_line(
        std::make_unique<ItemsExpr>(token.text == "-" ? ExprKind::kNegate : ExprKind::kPlus),
        token.line);
    sign->items.push_back(parse_unary(false));
    deepen(*sign, sign->items[0].get());
    node = std::move(sign);
  } else {
    node = parse_primary();
  }
  node = parse_postfix(std::move(node));
  return with_filter ? parse_filter_chain(std::move(node)) : std::move(node);
}

ExprPtr ExpressionParser::parse_primary() {
  const Token& token = current();
  switch (token.type) {
    case TokenType::kName:
      return parse_name();
    case TokenType::kString:
      return parse_strings();
    case TokenType::kInteger:
      return at_line(std::make_unique<ConstExpr>(Value::integer(next().integer)), token.line);
    case TokenType::kFloat:
      return at_line(std::make_unique<ConstExpr>(Value::real(next().real)), token.line);
    default:
      break;
  }
  if (skip_op("(")) {
    ExprPtr node = parse_tuple({.parenthesized = true});
    expect_op(")");
    return node;
  }
  if (is_op("[")) {
    return parse_list();
  }
  if (is_op("{")) {
    return parse_dict();
  }
  fail_here(concat("unexpected ", described()));
}

ExprPtr ExpressionParser::parse_name() {
  const Token& token = next();
  const std::string& name = token.text;
  if (name == "true" || name == "True" || name == "false" || name == "False") {
    const bool value = name[0] == 't' || name[0] == 'T';
    return at_line(std::make_unique<ConstExpr>(Value::boolean(value)), token.line);
  }
  if (name == "none" || name == "None") {
    return at_line(std::make_unique<ConstExpr>(Value::none()), token.line);
  }
  for (MacroDefinition* macro : macros_) {
    macro->uses_caller |= name == "caller";
    macro->uses_kwargs |= name == "kwargs";
    macro->uses_varargs |= name == "varargs";
  }
  return at_line(std::make_unique<NameExpr>(symbol(name)), token.line);
}

ExprPtr ExpressionParser::parse_strings() {
  const uint32_t line = current().line;
  std::string text;
  while (current().type == TokenType::kString) {
    text += next().text;
  }
  return at_line(std::make_unique<ConstExpr>(Value::constant(std::move(text))), line);
}

ExprPtr ExpressionParser::parse_tuple(const TupleMode& mode) {
  auto node = at_line(std::make_unique<ItemsExpr>(ExprKind::kTuple), current().line);
  bool is_tuple = false;
  for (;;) {
    if (!node->items.empty()) {
      expect_op(",");
    }
    const bool ends = current().type == TokenType::kPrintEnd ||
                      current().type == TokenType::kBlockEnd || is_op(")") ||
                      (!mode.end.empty() && is_name(mode.end));
    if (ends) {
      break;
    }
    node->items.push_back(parse_expression(mode.conditional));
    deepen(*node, node->items.back().get());
    if (!is_op(",")) {
      break;
    }
    is_tuple = true;
  }
  if (!is_tuple && !node->items.empty()) {
    return std::move(node->items[0]);
  }
  if (!is_tuple && !mode.parenthesized) {
    fail_here(concat("expected an expression, got ", described()));
  }
  return node;
}

ExprPtr ExpressionParser::parse_list() {
  auto node = at_line(std::make_unique<ItemsExpr>(ExprKind::kList), next().line);
  while (!is_op("]")) {
    if (!node->items.empty()) {
      expect_op(",");
      if (is_op("]")) {
        break;
      }
    }
    node->items.push_back(parse_expression());
    deepen(*node, node->items.back().get());
  }
  expect_op("]");
  return node;
}

ExprPtr ExpressionParser::parse_dict() {
  auto node = at_line(std::make_unique<DictExpr>(), next().line);
  while (!is_op("}")) {
    if (!node->items.empty()) {
      expect_op(",");
      if (is_op("}")) {
        break;
      }
    }
    ExprPtr key = parse_expression();
    expect_op(":");
    ExprPtr value = parse_expression();
    deepen(*node, key.get());
    deepen(*node, value.get());
    node->items.emplace_back(std::move(key), std::move(value));
  }
  expect_op("}");
  return node;
}

}  // namespace pio::text::jinja
