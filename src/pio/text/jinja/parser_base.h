// SPDX-License-Identifier: Apache-2.0
// What both halves of the parser share: the token cursor, errors, nesting limits, symbols.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pio/text/jinja/ast.h"
#include "pio/text/jinja/lexer.h"

namespace pio::text::jinja {

/// Walks the tokens of one template.
class ParserBase {
 public:
  ParserBase(const Source& source, std::vector<Token> tokens)
      : source_(source), tokens_(std::move(tokens)) {}

 protected:
  /// Counts one level of nesting while it lives.
  class Nested {
   public:
    explicit Nested(ParserBase& parser);
    ~Nested() { --parser_.nesting_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    ParserBase& parser_;
  };

  [[nodiscard]] const Token& current() const { return tokens_[at_]; }
  [[nodiscard]] const Token& ahead() const {
    return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_];
  }
  const Token& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  [[nodiscard]] bool is_op(std::string_view op) const { return token_is(TokenType::kOperator, op); }
  [[nodiscard]] bool is_name(std::string_view name) const {
    return token_is(TokenType::kName, name);
  }
  bool skip_op(std::string_view op);
  bool skip_name(std::string_view name);
  void expect_op(std::string_view op);
  const Token& expect(TokenType type, std::string_view what);

  [[noreturn]] void fail_here(std::string_view message) const;
  /// What the current token is, for messages.
  [[nodiscard]] std::string described() const;

  /// The number of a name; the same text gives the same number.
  Symbol symbol(const std::string& name);
  /// Raises the depth of `parent` over `child`. Errors: kBadFile above kMaxTreeDepth.
  void deepen(Expr& parent, const Expr* child) const;

  /// Notes an unknown filter or test at the current token: an error, unless the expression turns
  /// out to be conditional. Within `if` it is an error only where it is reached, as in jinja2.
  void note_unknown(std::string message);
  /// Throws the first noted error, if any.
  void fail_unknown() const;

  int soft_ = 0;  ///< `if` blocks around the current token, since the last block of another kind
  std::vector<std::pair<size_t, std::string>> unknown_;  ///< offset and message
  /// Macros that are being parsed, innermost last: told which special names they use.
  std::vector<MacroDefinition*> macros_;
  std::vector<std::string> symbols_;

 private:
  [[nodiscard]] bool token_is(TokenType type, std::string_view text) const {
    return current().type == type && current().text == text;
  }

  const Source& source_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t nesting_ = 0;
  std::unordered_map<std::string, Symbol> numbers_;
};

/// The expression half.
class ExpressionParser : public ParserBase {
 public:
  using ParserBase::ParserBase;

 protected:
  struct TupleMode {
    bool conditional = true;     ///< `a if b else c` allowed
    bool parenthesized = false;  ///< () is a tuple
    std::string_view end = {};   ///< a name that ends it too
  };

  ExprPtr parse_expression(bool conditional = true);
  ExprPtr parse_tuple(const TupleMode& mode);
  ExprPtr parse_tuple() { return parse_tuple(TupleMode{}); }
  /// Filters behind `|`; first_inline: the first has no `|`.
  ExprPtr parse_filters(ExprPtr input, bool first_inline);

 private:
  ExprPtr parse_or();
  ExprPtr parse_and();
  ExprPtr parse_not();
  ExprPtr parse_compare();
  ExprPtr parse_sum();
  ExprPtr parse_concat();
  ExprPtr parse_product();
  ExprPtr parse_power();
  ExprPtr parse_unary(bool with_filter);
  ExprPtr parse_primary();
  ExprPtr parse_name();
  ExprPtr parse_strings();
  ExprPtr parse_list();
  ExprPtr parse_dict();
  ExprPtr parse_postfix(ExprPtr node);
  ExprPtr parse_filter_chain(ExprPtr node);
  ExprPtr parse_one_filter(ExprPtr input);
  ExprPtr parse_test(ExprPtr input);
  ExprPtr parse_subscript(ExprPtr object);
  ExprPtr parse_slice(ExprPtr object, ExprPtr start, uint32_t line);
  ExprPtr parse_call(ExprPtr callee);
  CallArgs parse_call_args();
  void parse_call_arg(CallArgs& args);
  std::string parse_dotted_name();
  void deepen_args(Expr& parent, const CallArgs& args) const;
  template <class T>
  std::unique_ptr<T> at_line(std::unique_ptr<T> node, uint32_t line) const;
  ExprPtr binary(BinaryOp op, ExprPtr left, ExprPtr right, uint32_t line) const;
  ExprPtr joined(ExprKind kind, ExprPtr left, ExprPtr right, uint32_t line) const;
};

}  // namespace pio::text::jinja
