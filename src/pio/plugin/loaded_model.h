// SPDX-License-Identifier: Apache-2.0
// A language model that is ready to run.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pio/generation/service.h"
#include "pio/nn/model.h"
#include "pio/plugin/text_loader.h"

namespace pio::plugin {

/// What CausalLMPlugin::load_model() makes, in one piece. Who runs it holds it: another load of the plugin makes
/// another, and this one stays as it is.
struct LoadedModel {
  std::shared_ptr<nn::Module> model;
  TextParts text;
  int64_t weight_bytes = 0;                 ///< of the checkpoint's files
  std::vector<std::string> unread_tensors;  ///< that no parameter took: inert, ignored or allowed ones
  std::unique_ptr<generation::Runner> runner;
  std::unique_ptr<generation::Generator> generator;

  /// The loop that answers requests of any thread; started when it is first asked for. From then on nobody else
  /// drives `generator`, and `runner` only in its turn. Thread-safe.
  [[nodiscard]] generation::Service& service() {
    std::call_once(started_, [this] { service_ = std::make_unique<generation::Service>(*generator); });
    return *service_;
  }

 private:
  std::once_flag started_;
  std::unique_ptr<generation::Service> service_;  // last: it ends before what it drives
};

}  // namespace pio::plugin
