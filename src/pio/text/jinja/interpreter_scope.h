// SPDX-License-Identifier: Apache-2.0
// The guards that the interpreter's halves share.
#pragma once

#include "pio/text/jinja/interpreter.h"

namespace pio::text::jinja {

/// Makes a scope the current one while it lives.
class Interpreter::InScope {
 public:
  InScope(Interpreter& interpreter, ScopePtr scope)
      : interpreter_(interpreter), before_(std::exchange(interpreter.scope_, std::move(scope))) {}
  ~InScope() { interpreter_.scope_ = std::move(before_); }
  InScope(const InScope&) = delete;
  InScope& operator=(const InScope&) = delete;

 private:
  Interpreter& interpreter_;
  ScopePtr before_;
};

/// Collects the output while it lives.
class Interpreter::Capture {
 public:
  explicit Capture(Interpreter& interpreter)
      : interpreter_(interpreter), before_(std::exchange(interpreter.out_, &text_)) {}
  ~Capture() {
    interpreter_.out_ = before_;
    interpreter_.open_bytes_ -= text_.size();
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  [[nodiscard]] std::string text() const { return std::string(text_.view()); }

 private:
  Interpreter& interpreter_;
  TextBuilder text_;
  TextBuilder* before_;
};

/// One level of evaluation, charged a step.
class Interpreter::Deeper {
 public:
  explicit Deeper(Runtime& runtime) : runtime_(runtime) {
    runtime.budget.step();
    if (runtime.depth >= kMaxEvalDepth) {
      fail_limit("recursion");
    }
    ++runtime.depth;
  }
  ~Deeper() { --runtime_.depth; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  Runtime& runtime_;
};

}  // namespace pio::text::jinja
