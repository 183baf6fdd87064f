// SPDX-License-Identifier: Apache-2.0
// What the factory knows of a plugin before it makes one: its kind, and whether it writes its own
// loop.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>

#include "pio/plugin/model_plugin.h"

namespace pio::plugin {

using PluginMaker = std::function<std::shared_ptr<ModelPluginInterface>()>;

/// What a plugin's base makes of it.
enum class PluginKind : uint8_t { kGeneric, kCausalLM };

/// "generic" or "causal_lm".
[[nodiscard]] std::string_view name(PluginKind kind) noexcept;

/// A plugin class as a value: Python's class object.
struct PluginClass {
  PluginMaker make;
  PluginKind kind = PluginKind::kGeneric;
  bool has_own_loop = false;  ///< it overrides infer(): run, chat and serve call that
  /// Runs the unit tests of its folder and says how many passed; throws what failed. Null where they are programs.
  std::function<std::string()> unit_tests = nullptr;

  /// Whether it answers requests at all.
  [[nodiscard]] bool is_generative() const noexcept {
    return kind == PluginKind::kCausalLM || has_own_loop;
  }
};

namespace detail {
/// The class that declares a member function.
template <class Owner, class Result, class... Args>
Owner owner_of(Result (Owner::*)(Args...));
}  // namespace detail

/// The PluginClass of `Plugin`, whose infer(), where overridden, must be public.
template <std::derived_from<ModelPluginInterface> Plugin>
[[nodiscard]] PluginClass plugin_class() {
  using Owner = decltype(detail::owner_of(&Plugin::infer));
  constexpr bool kOwnLoop =
      !std::same_as<Owner, ModelPluginInterface> && !std::same_as<Owner, CausalLMPlugin>;
  return {.make =
              [] {
                auto plugin = std::make_shared<Plugin>();
                plugin->note_own_loop(kOwnLoop);
                return plugin;
              },
          .kind = std::derived_from<Plugin, CausalLMPlugin> ? PluginKind::kCausalLM
                                                            : PluginKind::kGeneric,
          .has_own_loop = kOwnLoop};
}

}  // namespace pio::plugin
