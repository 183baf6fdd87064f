// SPDX-License-Identifier: Apache-2.0
// Base of layers and models: owns parameters, knows its children and, once rooted, its path.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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
  /// A parameter where it is held: its handle, and what puts another in its place.
  struct Parameter {
    std::string name;
    Tensor tensor;
    std::function<void(const Tensor&)> replace;
  };
  /// Parameters and children of one module, each in the order in which they were registered.
  struct Members {
    std::vector<Parameter> parameters;
    std::vector<std::pair<std::string, Module*>> children;
  };

  Module() = default;
  Module(const Module&) = delete;  // children are registered by address
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  /// Names every parameter and module of the tree by its place under this root, as a trace of the tree needs
  /// it; returns the parameters with their names, in the order of registration.
  std::vector<std::pair<std::string, std::shared_ptr<Slot>>> name_parameters();
  /// Whether name_parameters() was called on it or a module above it.
  [[nodiscard]] bool is_named() const noexcept { return is_named_; }
  /// The parameters of the tree by their place under this module; nothing is named.
  [[nodiscard]] std::vector<std::pair<std::string, Tensor>> named_parameters();
  /// The modules of the tree, this one ("") first.
  [[nodiscard]] std::vector<std::pair<std::string, Module*>> named_modules();

  /// Puts other parameters in the places of those of the same names under this module; what was computed with the
  /// old ones keeps them. Errors: kInvalidArgument, before anything changes, for a name that the tree has not,
  /// another shape, or a tensor that is no parameter.
  void replace_parameters(std::span<const std::pair<std::string, Tensor>> values);

  /// Dotted path from the root that was last named; "" for the root.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// The module applied to one tensor; a root that maps ids [1, rows] i32 to logits [1, rows, vocab] f32 is a
  /// model. Errors: kInvalidArgument if it takes anything else than one tensor.
  [[nodiscard]] virtual Tensor call(const Tensor& x) const;

 protected:
  /// Makes `member`, of the derived class, a new parameter known under `name`. Loading puts other tensors into it, so
  /// forward reads it there. Errors: kInvalidArgument if a parameter or child has the name.
  void register_parameter(std::string name, Tensor& member, const Shape& shape, tensor::Init init);
  /// Makes `child`, a member of the derived class, known under `name`. Errors: as register_parameter's.
  void register_module(std::string name, Module& child);

  /// What a walk of the tree finds here. Overridden where members are not registered (Python's attributes).
  [[nodiscard]] virtual Members members() const;

 private:
  // A parameter of the tree and everything that puts another in one of its places.
  struct Found {
    std::string name;
    Tensor tensor;
    std::vector<std::function<void(const Tensor&)>> replace;
  };
  // What a walk of the tree has met: a module or parameter in two places has the name of the first.
  struct Walk {
    std::vector<Found> parameters;
    std::vector<std::pair<std::string, Module*>> modules;
    std::unordered_map<const Slot*, size_t> by_slot{};  ///< indices into parameters
    std::unordered_set<const Module*> seen{};
  };

  void check_free(std::string_view name) const;
  [[nodiscard]] Walk walk();
  void collect(const std::string& prefix, int depth, Walk& walk);
  std::string path_;
  bool is_named_ = false;
  std::vector<std::pair<std::string, Tensor*>> parameters_;
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
  [[nodiscard]] Tensor call(const Tensor& x) const override {
    if constexpr (requires(const Self& self) { self.forward(x); }) {
      return (*this)(x);
    } else {
      return Module::call(x);
    }
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
