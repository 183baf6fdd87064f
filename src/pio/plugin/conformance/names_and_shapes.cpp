// SPDX-License-Identifier: Apache-2.0
// The module tree's parameters are the checkpoint's tensors; what is not read is listed.
#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome names_and_shapes(const Subject& subject) {
  // Loading fails, naming them all, on missing, misshapen and unexpected tensors.
  const auto model = subject.load({});
  const auto parameters = model->model()->name_parameters();
  for (const auto& [name, slot] : parameters) {
    if (!slot->loaded) {
      return failed(concat(name, " was never loaded"));
    }
  }
  std::string unread;
  for (const std::string& name : model->loaded()->unread_tensors) {
    unread += concat(unread.empty() ? "; not read: " : ", ", name);
  }
  return pass(concat(parameters.size(), " parameters", unread));
}

}  // namespace pio::plugin::conformance
