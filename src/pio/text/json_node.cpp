// SPDX-License-Identifier: Apache-2.0
#include "pio/text/json_node.h"

#include "pio/base/error.h"

namespace pio::text {
namespace {

const json::Value kNull;

}  // namespace

void JsonNode::unsupported(std::string_view what) const {
  fail(ErrorCode::kUnsupported, concat(path_, ": ", what, " is not supported"));
}

void JsonNode::reject(std::string_view what) const {
  fail(ErrorCode::kBadFile, concat(path_, ": ", what));
}

JsonNode JsonNode::member(std::string_view name) const {
  if (!value_->is_object()) {
    reject(concat("got a ", value_->kind(), ", wanted an object"));
  }
  const auto* found = value_->find(name);
  return {found != nullptr ? *found : kNull, concat(path_, path_.ends_with(": ") ? "" : ".", name)};
}

std::vector<JsonNode> JsonNode::elements() const {
  if (!value_->is_array()) {
    reject(concat("got a ", value_->kind(), ", wanted an array"));
  }
  std::vector<JsonNode> out;
  out.reserve(value_->as_array().size());
  for (const auto& element : value_->as_array()) {
    out.emplace_back(element, concat(path_, "[", out.size(), "]"));
  }
  return out;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  if (!value_->is_object()) {
    reject(concat("got a ", value_->kind(), ", wanted an object"));
  }
  std::vector<std::pair<std::string, JsonNode>> out;
  for (const auto& [name, value] : value_->as_object()) {
    out.emplace_back(name, JsonNode(value, concat(path_, ".", escaped(name, 60))));
  }
  return out;
}

std::string_view JsonNode::as_string() const {
  if (!value_->is_string()) {
    reject(concat("got a ", value_->kind(), ", wanted a string"));
  }
  return value_->as_string();
}

int64_t JsonNode::as_integer() const {
  if (!value_->is_integer()) {
    reject(concat("got a ", value_->kind(), ", wanted an integer"));
  }
  return value_->as_integer();
}

bool JsonNode::as_bool() const {
  if (!value_->is_bool()) {
    reject(concat("got a ", value_->kind(), ", wanted true or false"));
  }
  return value_->as_bool();
}

}  // namespace pio::text
