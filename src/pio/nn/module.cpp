// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/module.h"

#include <algorithm>

#include "pio/base/error.h"

namespace pio::nn {

namespace {

// Far above any model, and far below what the stack of a thread holds.
constexpr int kMostNested = 200;

}  // namespace

void Module::check_free(std::string_view name) const {
  const auto has = [name](const auto& list) {
    return std::ranges::any_of(list, [name](const auto& member) { return member.first == name; });
  };
  PIO_CHECK(!has(parameters_) && !has(children_), "[module] \"", escaped(name), "\" is registered already");
}

Tensor Module::call(const Tensor& /*x*/) const {
  fail(ErrorCode::kInvalidArgument, concat("[module] \"", escaped(path_), "\" has no forward of one tensor"));
}

void Module::register_parameter(std::string name, Tensor& member, const Shape& shape, tensor::Init init) {
  check_free(name);
  auto slot = std::make_shared<Slot>();
  slot->name = name;
  slot->shape = shape;
  slot->init = init;
  member = tensor::parameter(std::move(slot));
  parameters_.emplace_back(std::move(name), &member);
}

void Module::register_module(std::string name, Module& child) {
  check_free(name);
  children_.emplace_back(std::move(name), &child);
}

Module::Members Module::members() const {
  Members out{.parameters = {}, .children = children_};
  for (const auto& [name, member] : parameters_) {
    out.parameters.push_back({name, *member, [member = member](const Tensor& value) { *member = value; }});
  }
  return out;
}

std::vector<std::pair<std::string, std::shared_ptr<Slot>>> Module::name_parameters() {
  const Walk found = walk();
  for (const auto& [path, module] : found.modules) {
    module->path_ = path;
    module->is_named_ = true;
  }
  std::vector<std::pair<std::string, std::shared_ptr<Slot>>> out;
  for (const Found& parameter : found.parameters) {
    out.emplace_back(parameter.name, parameter.tensor.node()->slot());
    out.back().second->name = parameter.name;
  }
  return out;
}

std::vector<std::pair<std::string, Tensor>> Module::named_parameters() {
  std::vector<std::pair<std::string, Tensor>> out;
  for (Found& parameter : walk().parameters) {
    out.emplace_back(std::move(parameter.name), std::move(parameter.tensor));
  }
  return out;
}

void Module::replace_parameters(std::span<const std::pair<std::string, Tensor>> values) {
  const Walk found = walk();
  std::unordered_map<std::string_view, const Found*> by_name;
  for (const Found& parameter : found.parameters) {
    by_name.emplace(parameter.name, &parameter);
  }
  std::vector<std::pair<const Found*, const Tensor*>> wanted;
  for (const auto& [name, value] : values) {
    const auto at = by_name.find(name);
    PIO_CHECK(at != by_name.end(), "[module] got a value for \"", escaped(name),
              "\", which is no parameter here");
    PIO_CHECK(value.node()->is(tensor::kParameter), "[module] \"", escaped(name), "\" got a result of ",
              value.node()->op().name, ", expected a parameter");
    const Found* parameter = at->second;
    PIO_CHECK(value.shape() == parameter->tensor.shape(), "[module] \"", escaped(name), "\" got shape ",
              value.shape().to_string(), ", expected ", parameter->tensor.shape().to_string());
    wanted.emplace_back(parameter, &value);
  }
  for (const auto& [parameter, value] : wanted) {
    for (const auto& replace : parameter->replace) {
      replace(*value);
    }
  }
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() { return walk().modules; }

Module::Walk Module::walk() {
  Walk out;
  collect("", 0, out);
  return out;
}

void Module::collect(const std::string& prefix, int depth, Walk& walk) {
  PIO_CHECK(depth <= kMostNested, "[module] \"", escaped(std::string_view(prefix).substr(0, 60)),
            "...\" lies in more than ", kMostNested, " modules: keep a chain of layers in a list instead");
  if (!walk.seen.insert(this).second) {
    return;
  }
  walk.modules.emplace_back(prefix, this);
  const std::string dot = prefix.empty() ? "" : ".";
  const Members found = members();
  for (const Parameter& own : found.parameters) {
    const auto [known, is_new] = walk.by_slot.emplace(own.tensor.node()->slot().get(), walk.parameters.size());
    if (is_new) {
      walk.parameters.push_back({prefix + dot + own.name, own.tensor, {}});
    }
    walk.parameters[known->second].replace.push_back(own.replace);
  }
  for (const auto& [name, child] : found.children) {
    child->collect(prefix + dot + name, depth + 1, walk);
  }
}

}  // namespace pio::nn
