// SPDX-License-Identifier: Apache-2.0
// A request under way, as Python waits for it.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

#include "pio/plugin/loaded_model.h"

namespace pio::bindings {

namespace nb = nanobind;

/// A request to a model's service: its pieces as they come, and the whole. Keeps the model alive; ends the request when
/// it is dropped. Every call needs the GIL, and waits without it; Ctrl-C ends the request and raises.
class Answer {
 public:
  /// Submits `request`, whose on_text is replaced.
  Answer(std::shared_ptr<plugin::LoadedModel> model, generation::Request request);
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { cancel(); }

  /// The whole answer, once. Errors: what the request was refused for; kInternal for one that broke.
  [[nodiscard]] generation::GenerationResult result();
  /// The next piece of text. Errors: as result(); StopIteration at the end; kCancelled where the model was closed.
  [[nodiscard]] std::string next_piece();
  void cancel() noexcept;

 private:
  class Pieces;

  std::shared_ptr<plugin::LoadedModel> model_;
  std::shared_ptr<Pieces> pieces_;
  std::shared_ptr<generation::Ticket> ticket_;
  bool is_cancelled_ = false;  // by its reader
};

}  // namespace pio::bindings
