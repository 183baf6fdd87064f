// SPDX-License-Identifier: Apache-2.0
// Base of layers and models: owns parameters, knows its children and, once rooted, its path.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pio/tensor/scope.h"
#include "pio/tensor/tensor.h"

namespace pio::nn {

using tensor::Slot;
using tensor::Tensor;

/// A node of the module tree. Children are members of the derived class, registered by name; parameters are
/// slots, filled by a loader or initialised when first evaluated. Constructing one allocates no weights.
class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;  // children are registered by address
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  /// Names every parameter and module of the tree by its place under this root, as a trace of the tree needs
  /// it; returns the parameters with their names, in the order of registration.
  std::vector<std::pair<std::string, std::shared_ptr<Slot>>> name_parameters();

  /// Dotted path from the root that was last named; "" for the root.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 protected:
  /// A new parameter of this module. The handle stays valid as long as the module. Errors: kInvalidArgument if a
  /// parameter or child has the name.
  Tensor register_parameter(std::string name, const Shape& shape, tensor::Init init);
  /// Makes `child`, a member of the derived class, known under `name`. Errors: as register_parameter's.
  void register_module(std::string name, Module& child);

 private:
  void check_free(std::string_view name) const;
  void collect(const std::string& prefix,
               std::vector<std::pair<std::string, std::shared_ptr<Slot>>>& out);
  std::string path_;
  std::vector<std::pair<std::string, std::shared_ptr<Slot>>> parameters_;
  std::vector<std::pair<std::string, Module*>> children_;
};

/// Gives Self, whose forward takes tensors and gives one, the call operator: module(x) runs forward(x) and
/// tells a trace who is running.
template <class Self>
class Callable : public Module {
 public:
  template <class... Args>
  [[nodiscard]] Tensor operator()(const Tensor& first, const Args&... rest) const {
    tensor::CallScope scope(path());
    Tensor out = static_cast<const Self*>(this)->forward(first, rest...);
    scope.note(first, out);
    return out;
  }
};

/// Children "0", "1" ... of one type.
template <class T>
class ModuleList : public Module {
 public:
  /// Adds a child constructed from args.
  template <class... Args>
  T& emplace(Args&&... args) {
    items_.push_back(std::make_unique<T>(std::forward<Args>(args)...));
    register_module(std::to_string(items_.size() - 1), *items_.back());
    return *items_.back();
  }
  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }
  [[nodiscard]] size_t size() const noexcept { return items_.size(); }

 private:
  std::vector<std::unique_ptr<T>> items_;
};

}  // namespace pio::nn
