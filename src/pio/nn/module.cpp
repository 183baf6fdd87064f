// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/module.h"

#include <algorithm>

#include "pio/base/error.h"

namespace pio::nn {

void Module::check_free(std::string_view name) const {
  const auto has = [name](const auto& list) {
    return std::ranges::any_of(list, [name](const auto& member) { return member.first == name; });
  };
  PIO_CHECK(!has(members_.parameters) && !has(members_.children), "[module] \"", escaped(name),
            "\" is registered already");
}

Tensor Module::call(const Tensor& /*x*/) const {
  fail(ErrorCode::kInvalidArgument, concat("[module] \"", escaped(path_), "\" has no forward of one tensor"));
}

Tensor Module::register_parameter(std::string name, const Shape& shape, tensor::Init init) {
  check_free(name);
  auto slot = std::make_shared<Slot>();
  slot->name = name;
  slot->shape = shape;
  slot->init = init;
  members_.parameters.emplace_back(std::move(name), slot);
  return tensor::parameter(std::move(slot));
}

void Module::register_module(std::string name, Module& child) {
  check_free(name);
  members_.children.emplace_back(std::move(name), &child);
}

std::vector<std::pair<std::string, std::shared_ptr<Slot>>> Module::name_parameters() {
  Walk walk;
  collect("", walk);
  for (auto& [path, module] : walk.modules) {
    module->path_ = path;
    module->is_named_ = true;
  }
  for (auto& [name, slot] : walk.parameters) {
    slot->name = name;
  }
  return std::move(walk.parameters);
}

std::vector<std::pair<std::string, std::shared_ptr<Slot>>> Module::named_parameters() {
  Walk walk;
  collect("", walk);
  return std::move(walk.parameters);
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  Walk walk;
  collect("", walk);
  return std::move(walk.modules);
}

void Module::collect(const std::string& prefix, Walk& walk) {
  if (!walk.seen.insert(this).second) {
    return;
  }
  walk.modules.emplace_back(prefix, this);
  const std::string dot = prefix.empty() ? "" : ".";
  const Members found = members();
  for (const auto& [name, slot] : found.parameters) {
    if (walk.seen.insert(slot.get()).second) {
      walk.parameters.emplace_back(prefix + dot + name, slot);
    }
  }
  for (const auto& [name, child] : found.children) {
    child->collect(prefix + dot + name, walk);
  }
}

}  // namespace pio::nn
