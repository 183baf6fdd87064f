// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/load_causal.h"

#include "pio/base/error.h"

namespace pio::plugin {

std::unique_ptr<CausalLMPlugin> load_causal(const ModelFactory& factory, const std::string& name,
                                            const std::filesystem::path& path,
                                            LoadOptions options) {
  if (!name.empty()) {
    static_cast<void>(factory.find(name));  // a wrong name is told before the files are looked at
  }
  options.checkpoint = formats::open_checkpoint(path);
  const Architecture& architecture =
      name.empty() ? factory.find_for(*options.checkpoint) : factory.find(name);
  auto made = factory.create(architecture.manifest.name, path, {}, options);
  auto* causal = dynamic_cast<CausalLMPlugin*>(made.get());
  if (causal == nullptr) {
    fail(ErrorCode::kUnsupported,
         concat("architecture \"", escaped(architecture.manifest.name), "\" is not generative"));
  }
  made.release();
  return std::unique_ptr<CausalLMPlugin>(causal);
}

}  // namespace pio::plugin
