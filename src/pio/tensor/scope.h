// SPDX-License-Identifier: Apache-2.0
// What a trace notes while model code runs: which module is calling, and what each call took and gave.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pio/tensor/tensor.h"

namespace pio::tensor {

/// One finished module call.
struct ModuleCall {
  std::string path;  ///< "model.layers.3"
  NodePtr input;     ///< the first tensor argument, or null
  NodePtr output;    ///< the result
};

/// The record of the trace in progress on this thread, or null in eager code.
class Recorder {
 public:
  Recorder();
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  [[nodiscard]] static Recorder* current() noexcept;

  /// Path of the module whose code is running, and how often it has asked in this trace, over all of its
  /// calls: "model.layers.3.self_attn:0". A module that is called twice has two states.
  [[nodiscard]] std::string next_state_name();
  [[nodiscard]] const std::vector<ModuleCall>& calls() const noexcept { return calls_; }

 private:
  friend class CallScope;
  std::vector<std::string> stack_;            ///< paths of the modules that are running
  std::map<std::string, int> states_;         ///< names given out, by path
  std::vector<ModuleCall> calls_;
  Recorder* outer_;
};

/// Marks, while it lives, that module `path` is running; a no-op outside a trace.
class CallScope {
 public:
  explicit CallScope(const std::string& path);
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;
  void note(const Tensor& input, const Tensor& output);

 private:
  Recorder* recorder_;
};

}  // namespace pio::tensor
