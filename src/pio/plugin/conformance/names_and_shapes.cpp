// SPDX-License-Identifier: Apache-2.0
// The module tree's parameters are the checkpoint's tensors; what is not read is listed.
#include <set>

#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome names_and_shapes(const Subject& subject) {
  const formats::Checkpoint files = formats::open_checkpoint(subject.model);
  // Loading fails, naming them all, on missing, misshapen and unexpected tensors.
  const auto made =
      subject.factory.create(subject.architecture, subject.model, {}, {.checkpoint = files});
  auto& model = dynamic_cast<CausalLMPlugin&>(*made);
  std::set<const std::byte*> used;
  size_t parameters = 0;
  for (const auto& [name, slot] : model.model().name_parameters()) {
    if (!slot->loaded) {
      return failed(concat(name, " was never loaded"));
    }
    used.insert(slot->data.data());
    ++parameters;
  }
  std::string unused;
  size_t tensors = 0;
  for (const formats::TensorInfo& info : files.weights->tensors()) {
    ++tensors;
    if (!used.contains(info.bytes.data())) {
      unused += concat(unused.empty() ? "; not read: " : ", ", info.name);
    }
  }
  return pass(concat(parameters, " parameters, ", tensors, " tensors", unused));
}

}  // namespace pio::plugin::conformance
