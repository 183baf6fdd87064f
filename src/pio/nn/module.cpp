// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/module.h"

namespace pio::nn {

Tensor Module::register_parameter(std::string name, const Shape& shape, tensor::Init init) {
  auto slot = std::make_shared<Slot>();
  slot->name = name;
  slot->shape = shape;
  slot->init = init;
  parameters_.emplace_back(std::move(name), slot);
  return tensor::parameter(std::move(slot));
}

void Module::register_module(std::string name, Module& child) {
  children_.emplace_back(std::move(name), &child);
}

std::vector<std::pair<std::string, std::shared_ptr<Slot>>> Module::named_parameters() {
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
