// SPDX-License-Identifier: Apache-2.0
// The statement half of the parser.
#include "pio/text/jinja/parser.h"

#include <algorithm>
#include <initializer_list>

#include "pio/base/error.h"
#include "pio/text/jinja/parser_base.h"

namespace pio::text::jinja {
namespace {

using Ends = std::initializer_list<std::string_view>;

class Parser final : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

  Template run(const Source& source) {
    Template out;
    out.source = source.name();
    out.loop = symbol("loop");
    out.caller = symbol("caller");
    out.kwargs = symbol("kwargs");
    out.varargs = symbol("varargs");
    out.body = parse_body({});
    fail_unknown();
    out.symbols = std::move(symbols_);
    return out;
  }

 private:
  using StmtPtr = std::unique_ptr<Stmt>;

  // A body that opens a scope of its own: jinja2 resolves its filters strictly again.
  class Scoped {
   public:
    explicit Scoped(Parser& parser) : parser_(parser), soft_(std::exchange(parser.soft_, 0)) {}
    ~Scoped() { parser_.soft_ = soft_; }
    Scoped(const Scoped&) = delete;
    Scoped& operator=(const Scoped&) = delete;

   private:
    Parser& parser_;
    int soft_;
  };

  // Statements up to a tag whose name is one of `ends`, which stays current; without ends, all.
  Body parse_body(Ends ends) {
    Body body;
    for (;;) {
      switch (current().type) {
        case TokenType::kText:
          body.push_back(std::make_unique<TextStmt>(next().text));
          break;
        case TokenType::kPrintBegin:
          body.push_back(parse_print());
          break;
        case TokenType::kBlockBegin: {
          next();
          const bool ended = std::ranges::any_of(ends, [this](auto end) { return is_name(end); });
          if (ended) {
            return body;
          }
          body.push_back(parse_statement());
          expect(TokenType::kBlockEnd, "the end of the tag");
          break;
        }
        default:
          if (ends.size() > 0) {
            fail_here(concat("unexpected end of template, expected '", *(ends.end() - 1), "'"));
          }
          return body;
      }
    }
  }

  // The rest of the tag, then its body up to `end`, which is consumed.
  Body parse_block_body(std::string_view end) {
    skip_op(":");
    expect(TokenType::kBlockEnd, "the end of the tag");
    const Scoped scoped(*this);
    Body body = parse_body({end});
    next();
    return body;
  }

  StmtPtr parse_print() {
    const uint32_t line = next().line;
    auto node = std::make_unique<PrintStmt>(parse_tuple());
    node->line = line;
    expect(TokenType::kPrintEnd, "'}}'");
    return node;
  }

  StmtPtr parse_statement() {
    struct Tag {
      std::string_view name;
      StmtPtr (Parser::*parse)();
    };
    static constexpr Tag kTags[] = {{"if", &Parser::parse_if},
                                    {"for", &Parser::parse_for},
                                    {"set", &Parser::parse_set},
                                    {"macro", &Parser::parse_macro},
                                    {"call", &Parser::parse_call_block},
                                    {"filter", &Parser::parse_filter_block},
                                    {"with", &Parser::parse_with},
                                    {"break", &Parser::parse_loop_control},
                                    {"continue", &Parser::parse_loop_control},
                                    {"generation", &Parser::parse_generation},
                                    {"block", &Parser::parse_named_block},
                                    {"print", &Parser::parse_print_tag}};
    constexpr std::string_view kRefused[] = {"include", "import", "from", "extends", "autoescape"};
    const Nested nested(*this);
    const uint32_t line = current().line;
    for (const Tag& tag : kTags) {
      if (is_name(tag.name)) {
        StmtPtr node = (this->*tag.parse)();
        node->line = line;
        return node;
      }
    }
    for (const std::string_view name : kRefused) {
      if (is_name(name)) {
        fail_here(concat("'", name, "' is not available in chat templates"));
      }
    }
    fail_here(current().type == TokenType::kName
                  ? concat("unknown tag ", described())
                  : concat("expected a tag name, got ", described()));
  }

  StmtPtr parse_if() {
    auto node = std::make_unique<IfStmt>();
    ++soft_;
    do {
      next();
      ExprPtr condition = parse_tuple({.conditional = false});
      skip_op(":");
      expect(TokenType::kBlockEnd, "the end of the tag");
      node->branches.emplace_back(std::move(condition), parse_body({"elif", "else", "endif"}));
    } while (is_name("elif"));
    if (skip_name("else")) {
      skip_op(":");
      expect(TokenType::kBlockEnd, "the end of the tag");
      node->otherwise = parse_body({"endif"});
    }
    next();
    --soft_;
    return node;
  }

  StmtPtr parse_for() {
    auto node = std::make_unique<ForStmt>();
    next();
    node->target = parse_target("in", false);
    if (node->target.names(symbol("loop"))) {
      fail_here("can't assign to the special loop variable in a for target");
    }
    if (!skip_name("in")) {
      fail_here(concat("expected 'in', got ", described()));
    }
    node->iterable = parse_tuple({.conditional = false, .end = "recursive"});
    node->condition = skip_name("if") ? parse_expression() : nullptr;
    node->recursive = skip_name("recursive");
    skip_op(":");
    expect(TokenType::kBlockEnd, "the end of the tag");
    {
      const Scoped scoped(*this);
      ++loops_;
      node->body = parse_body({"else", "endfor"});
      --loops_;
    }
    if (skip_name("else")) {
      node->otherwise = parse_block_body("endfor");
    } else {
      next();
    }
    return node;
  }

  StmtPtr parse_loop_control() {
    if (loops_ == 0) {
      fail_here(concat(described(), " outside of a loop"));
    }
    return std::make_unique<PlainStmt>(next().text == "break" ? StmtKind::kBreak
                                                              : StmtKind::kContinue);
  }

  StmtPtr parse_set() {
    next();
    Target target = parse_target("", true);
    if (skip_op("=")) {
      auto node = std::make_unique<SetStmt>();
      node->target = std::move(target);
      node->value = parse_tuple();
      return node;
    }
    auto node = std::make_unique<CaptureStmt>(StmtKind::kSetBlock);
    node->target = std::move(target);
    node->filter = parse_filters(is_op("|") ? std::make_unique<PipedExpr>() : nullptr, false);
    node->body = parse_block_body("endset");
    return node;
  }

  StmtPtr parse_filter_block() {
    auto node = std::make_unique<CaptureStmt>(StmtKind::kFilterBlock);
    next();
    node->filter = parse_filters(std::make_unique<PipedExpr>(), true);
    node->body = parse_block_body("endfilter");
    return node;
  }

  StmtPtr parse_with() {
    auto node = std::make_unique<WithStmt>();
    next();
    while (current().type != TokenType::kBlockEnd) {
      if (!node->values.empty()) {
        expect_op(",");
      }
      Target target = parse_target("", false);
      expect_op("=");
      node->values.emplace_back(std::move(target), parse_expression());
    }
    node->body = parse_block_body("endwith");
    return node;
  }

  // The body is a function of its own in jinja2: no loop control leaves it.
  Body parse_function_body(std::string_view end) {
    const int loops = std::exchange(loops_, 0);
    Body body = parse_block_body(end);
    loops_ = loops;
    return body;
  }

  StmtPtr parse_macro() {
    auto node = std::make_unique<MacroStmt>();
    next();
    node->macro.name = parse_target_name();
    node->symbol = symbol(node->macro.name);
    macros_.push_back(&node->macro);
    parse_signature(node->macro);
    node->macro.body = parse_function_body("endmacro");
    macros_.pop_back();
    return node;
  }

  StmtPtr parse_call_block() {
    auto node = std::make_unique<CallBlockStmt>();
    node->caller.name = "caller";
    next();
    if (is_op("(")) {
      parse_signature(node->caller);
    }
    ExprPtr call = parse_expression();
    if (call->kind != ExprKind::kCall) {
      fail_here("expected a call");
    }
    node->call.reset(static_cast<CallExpr*>(call.release()));
    macros_.push_back(&node->caller);
    node->caller.body = parse_function_body("endcall");
    macros_.pop_back();
    return node;
  }

  void parse_signature(MacroDefinition& macro) {
    expect_op("(");
    while (!is_op(")")) {
      if (!macro.parameters.empty()) {
        expect_op(",");
      }
      const std::string name = parse_target_name();
      const bool repeated = std::ranges::any_of(
          macro.parameters, [&](const auto& each) { return each.first == name; });
      if (repeated) {
        fail_here(concat("duplicate argument '", name, "'"));
      }
      macro.parameters.emplace_back(name, symbol(name));
      if (skip_op("=")) {
        macro.defaults.push_back(parse_expression());
      } else if (!macro.defaults.empty()) {
        fail_here("non-default argument follows default argument");
      }
    }
    expect_op(")");
  }

  StmtPtr parse_generation() {
    auto node = std::make_unique<PlainStmt>(StmtKind::kScope);
    next();
    node->body = parse_function_body("endgeneration");
    return node;
  }

  StmtPtr parse_named_block() {
    auto node = std::make_unique<PlainStmt>(StmtKind::kBlock);
    next();
    const std::string name = expect(TokenType::kName, "a block name").text;
    skip_name("scoped");
    node->body = parse_function_body("endblock");
    skip_name(name);
    return node;
  }

  StmtPtr parse_print_tag() {
    next();
    auto tuple = std::make_unique<ItemsExpr>(ExprKind::kConcat);
    while (current().type != TokenType::kBlockEnd) {
      if (!tuple->items.empty()) {
        expect_op(",");
      }
      tuple->items.push_back(parse_expression());
      deepen(*tuple, tuple->items.back().get());
    }
    return std::make_unique<PrintStmt>(std::move(tuple));
  }

  std::string parse_target_name() {
    constexpr std::string_view kConstants[] = {"true", "True", "false", "False", "none", "None"};
    const Token& token = expect(TokenType::kName, "a name");
    if (std::ranges::find(kConstants, token.text) != std::end(kConstants)) {
      fail_here(concat("can't assign to '", token.text, "'"));
    }
    return token.text;
  }

  // Targets separated by commas, up to a name `end`, '=', ')' or the end of the tag.
  Target parse_target(std::string_view end, bool attributes) {
    const Nested nested(*this);
    Target tuple;
    tuple.kind = Target::Kind::kTuple;
    bool is_tuple = false;
    for (;;) {
      const bool ends = current().type == TokenType::kBlockEnd || is_op(")") || is_op("=") ||
                        (!end.empty() && is_name(end));
      if (ends) {
        break;
      }
      tuple.items.push_back(parse_one_target(attributes));
      if (!skip_op(",")) {
        break;
      }
      is_tuple = true;
    }
    if (!is_tuple && tuple.items.empty()) {
      fail_here(concat("expected a name to assign to, got ", described()));
    }
    return is_tuple ? std::move(tuple) : std::move(tuple.items[0]);
  }

  Target parse_one_target(bool attributes) {
    if (skip_op("(")) {
      Target inner = parse_target("", false);
      expect_op(")");
      return inner;
    }
    Target target;
    target.symbol = symbol(parse_target_name());
    if (attributes && skip_op(".")) {
      target.kind = Target::Kind::kAttribute;
      target.attribute = expect(TokenType::kName, "an attribute name").text;
    }
    return target;
  }

  int loops_ = 0;
};

}  // namespace

Template parse(std::string_view text, std::string_view source_name) {
  const Source source(text, source_name);
  return Parser(source, tokenize(source)).run(source);
}

}  // namespace pio::text::jinja
