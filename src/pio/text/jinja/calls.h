// SPDX-License-Identifier: Apache-2.0
// The values behind `loop`, macros and `caller`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pio/text/jinja/interpreter.h"

namespace pio::text::jinja {

/// The `loop` variable of one loop.
class LoopObject final : public Object, public std::enable_shared_from_this<LoopObject> {
 public:
  /// items: a list or tuple. outer: where a recursive call runs the body.
  LoopObject(Interpreter& interpreter, const Value& items, const ForStmt& stmt, ScopePtr outer,
             int depth0);
  [[nodiscard]] std::string_view type_name() const override { return "LoopContext"; }
  [[nodiscard]] std::string repr() const override;
  [[nodiscard]] bool callable() const override { return true; }
  Value call(Runtime& runtime, const Args& args) override;
  std::optional<Value> attribute(Runtime& runtime, std::string_view name) override;
  void advance() { ++index0_; }

  /// Drops what changed() remembers when the loop ends: it may hold the loop itself.
  class Ended {
   public:
    explicit Ended(LoopObject& loop) : loop_(loop) {}
    ~Ended();
    Ended(const Ended&) = delete;
    Ended& operator=(const Ended&) = delete;

   private:
    LoopObject& loop_;
  };

 private:
  static Value cycle(Runtime& runtime, const Value& self, const Args& args);
  static Value changed(Runtime& runtime, const Value& self, const Args& args);
  [[nodiscard]] int64_t size() const { return static_cast<int64_t>(items_.items().size()); }

  Interpreter& interpreter_;
  Value items_;
  const ForStmt& stmt_;
  ScopePtr outer_;
  int depth0_;
  int64_t index0_ = -1;
  bool ended_ = false;
  std::optional<Value> last_changed_;
};

/// A macro, or the body of a call block.
class MacroObject final : public Object {
 public:
  MacroObject(Interpreter& interpreter, const MacroDefinition& macro, ScopePtr closure)
      : interpreter_(interpreter), macro_(macro), closure_(std::move(closure)) {}
  [[nodiscard]] std::string_view type_name() const override { return "Macro"; }
  [[nodiscard]] std::string repr() const override;
  [[nodiscard]] bool callable() const override { return true; }
  Value call(Runtime& runtime, const Args& args) override;
  std::optional<Value> attribute(Runtime& runtime, std::string_view name) override;

 private:
  Interpreter& interpreter_;
  const MacroDefinition& macro_;
  ScopePtr closure_;
};

}  // namespace pio::text::jinja
