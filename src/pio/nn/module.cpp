// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/module.h"

#include <algorithm>

#include "pio/base/error.h"

namespace pio::nn {

void Module::check_free(std::string_view name) const {
  const auto has = [name](const auto& list) {
    return std::ranges::any_of(list, [name](const auto& member) { return member.first == name; });
  };
  PIO_CHECK(!has(parameters_) && !has(children_), "[module] \"", escaped(name),
            "\" is registered already");
}

Tensor Module::register_parameter(std::string name, const Shape& shape, tensor::Init init) {
  check_free(name);
  auto slot = std::make_shared<Slot>();
  slot->name = name;
  slot->shape = shape;
  slot->init = init;
  parameters_.emplace_back(std::move(name), slot);
  return tensor::parameter(std::move(slot));
}

void Module::register_module(std::string name, Module& child) {
  check_free(name);
  children_.emplace_back(std::move(name), &child);
}

std::vector<std::pair<std::string, std::shared_ptr<Slot>>> Module::name_parameters() {
  std::vector<std::pair<std::string, std::shared_ptr<Slot>>> out;
  collect("", out);
  return out;
}

void Module::collect(const std::string& prefix,
                     std::vector<std::pair<std::string, std::shared_ptr<Slot>>>& out) {
  path_ = prefix;
  const std::string dot = prefix.empty() ? "" : ".";
  for (auto& [name, slot] : parameters_) {
    slot->name = prefix + dot + name;
    out.emplace_back(slot->name, slot);
  }
  for (auto& [name, child] : children_) {
    child->collect(prefix + dot + name, out);
  }
}

}  // namespace pio::nn
