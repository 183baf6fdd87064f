// SPDX-License-Identifier: Apache-2.0
// What follows a value: attributes, subscripts, calls, filters and tests.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/jinja/parser_base.h"

namespace pio::text::jinja {

ExprPtr ExpressionParser::parse_postfix(ExprPtr node) {
  for (;;) {
    if (is_op(".") || is_op("[")) {
      node = parse_subscript(std::move(node));
    } else if (is_op("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExprPtr ExpressionParser::parse_filter_chain(ExprPtr node) {
  for (;;) {
    if (is_op("|")) {
      node = parse_filters(std::move(node), false);
    } else if (is_name("is")) {
      node = parse_test(std::move(node));
    } else if (is_op("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExprPtr ExpressionParser::parse_subscript(ExprPtr object) {
  const uint32_t line = current().line;
  if (skip_op(".")) {
    const Token& token = next();
    if (token.type == TokenType::kName) {
      auto node = std::make_unique<AttributeExpr>();
      node->line = line;
      node->name = token.text;
      deepen(*node, object.get());
      node->object = std::move(object);
      return node;
    }
    if (token.type != TokenType::kInteger) {
      fail_here("expected a name or number behind '.'");
    }
    auto node = std::make_unique<ItemExpr>();
    node->line = line;
    node->key = std::make_unique<ConstExpr>(Value::integer(token.integer));
    deepen(*node, object.get());
    node->object = std::move(object);
    return node;
  }
  expect_op("[");
  auto keys = std::make_unique<ItemsExpr>(ExprKind::kTuple);
  bool single = true;
  while (!is_op("]")) {
    if (!keys->items.empty()) {
      expect_op(",");
      single = false;
    }
    ExprPtr start = is_op(":") ? nullptr : parse_expression();
    if (is_op(":")) {
      if (!keys->items.empty()) {
        fail_here("slices in a tuple are not available");
      }
      return parse_slice(std::move(object), std::move(start), line);
    }
    keys->items.push_back(std::move(start));
    deepen(*keys, keys->items.back().get());
  }
  expect_op("]");
  auto node = std::make_unique<ItemExpr>();
  node->line = line;
  node->key = single && keys->items.size() == 1 ? std::move(keys->items[0]) : std::move(keys);
  deepen(*node, object.get());
  deepen(*node, node->key.get());
  node->object = std::move(object);
  return node;
}

ExprPtr ExpressionParser::parse_slice(ExprPtr object, ExprPtr start, uint32_t line) {
  auto node = std::make_unique<SliceExpr>();
  node->line = line;
  expect_op(":");
  node->start = std::move(start);
  node->stop = is_op(":") || is_op("]") ? nullptr : parse_expression();
  if (skip_op(":")) {
    node->step = is_op("]") ? nullptr : parse_expression();
  }
  expect_op("]");
  for (const ExprPtr* part : {&object, &node->start, &node->stop, &node->step}) {
    deepen(*node, part->get());
  }
  node->object = std::move(object);
  return node;
}

ExprPtr ExpressionParser::parse_call(ExprPtr callee) {
  auto node = std::make_unique<CallExpr>();
  node->line = current().line;
  node->args = parse_call_args();
  deepen(*node, callee.get());
  deepen_args(*node, node->args);
  node->callee = std::move(callee);
  return node;
}

CallArgs ExpressionParser::parse_call_args() {
  CallArgs args;
  expect_op("(");
  bool first = true;
  while (!is_op(")")) {
    if (!first) {
      expect_op(",");
      if (is_op(")")) {
        break;
      }
    }
    first = false;
    parse_call_arg(args);
  }
  expect_op(")");
  return args;
}

void ExpressionParser::parse_call_arg(CallArgs& args) {
  const auto need = [this](bool ok) {
    if (!ok) {
      fail_here("invalid order of call arguments");
    }
  };
  if (skip_op("*")) {
    need(args.star == nullptr && args.double_star == nullptr);
    args.star = parse_expression();
  } else if (skip_op("**")) {
    need(args.double_star == nullptr);
    args.double_star = parse_expression();
  } else if (current().type == TokenType::kName && ahead().type == TokenType::kOperator &&
             ahead().text == "=") {
    need(args.double_star == nullptr);
    std::string name = next().text;
    next();
    const bool repeated =
        std::ranges::any_of(args.named, [&](const auto& each) { return each.first == name; });
    if (repeated) {
      fail_here(concat("keyword argument repeated: ", name));
    }
    args.named.emplace_back(std::move(name), parse_expression());
  } else {
    need(args.star == nullptr && args.double_star == nullptr && args.named.empty());
    args.positional.push_back(parse_expression());
  }
}

std::string ExpressionParser::parse_dotted_name() {
  std::string name = expect(TokenType::kName, "a name").text;
  while (skip_op(".")) {
    name += "." + expect(TokenType::kName, "a name").text;
  }
  return name;
}

ExprPtr ExpressionParser::parse_filters(ExprPtr input, bool first_inline) {
  while (first_inline || skip_op("|")) {
    first_inline = false;
    input = parse_one_filter(std::move(input));
  }
  return input;
}

ExprPtr ExpressionParser::parse_one_filter(ExprPtr input) {
  auto node = std::make_unique<FilterExpr>();
  node->line = current().line;
  node->name = parse_dotted_name();
  node->function = find_filter(node->name);
  if (node->function == nullptr) {
    note_unknown(concat("no filter named '", node->name, "'"));
  }
  if (is_op("(")) {
    node->args = parse_call_args();
  }
  deepen(*node, input.get());
  deepen_args(*node, node->args);
  node->input = std::move(input);
  return node;
}

ExprPtr ExpressionParser::parse_test(ExprPtr input) {
  auto node = std::make_unique<TestExpr>();
  node->line = next().line;
  const bool negated = skip_name("not");
  node->name = parse_dotted_name();
  node->function = find_test(node->name);
  if (node->function == nullptr) {
    note_unknown(concat("no test named '", node->name, "'"));
  }
  const TokenType type = current().type;
  const bool literal = type == TokenType::kString || type == TokenType::kInteger ||
                       type == TokenType::kFloat || is_op("[") || is_op("{");
  const bool name =
      type == TokenType::kName && !is_name("else") && !is_name("or") && !is_name("and");
  if (is_op("(")) {
    node->args = parse_call_args();
  } else if (is_name("is")) {
    fail_here("tests cannot be chained with 'is'");
  } else if (literal || name) {
    const Nested nested(*this);
    node->args.positional.push_back(parse_postfix(parse_primary()));
  }
  deepen(*node, input.get());
  deepen_args(*node, node->args);
  node->input = std::move(input);
  if (!negated) {
    return node;
  }
  auto outer = std::make_unique<ItemsExpr>(ExprKind::kNot);
  outer->line = node->line;
  deepen(*outer, node.get());
  outer->items.push_back(std::move(node));
  return outer;
}

}  // namespace pio::text::jinja
