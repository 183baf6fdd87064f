// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/load_causal.h"

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

// Opens the files and finds who takes them; what is not generative goes no further.
const Architecture& find_generative(const ModelFactory& factory, const std::string& name,
                                    const std::filesystem::path& path, LoadOptions& options) {
  if (!name.empty()) {
    static_cast<void>(factory.find(name));  // a wrong name is told before the files are looked at
  }
  options.checkpoint = formats::open_checkpoint(path);
  const Architecture& architecture =
      name.empty() ? factory.find_for(*options.checkpoint) : factory.find(name);
  if (!architecture.plugin.is_generative()) {
    fail(ErrorCode::kUnsupported,
         concat("architecture \"", escaped(architecture.manifest.name), "\" is not generative"));
  }
  return architecture;
}

// A load_model of its own that leaves the engine without a model is a mistake, unless infer() needs none.
void check_loaded(const Manifest& manifest, ModelPluginInterface& plugin) {
  if (loaded_causal(plugin) == nullptr) {
    fail(ErrorCode::kUnsupported, concat("load_model of architecture \"", escaped(manifest.name),
                                         "\" loaded no model: it must call load_model of CausalLMPlugin"));
  }
}

}  // namespace

std::shared_ptr<ModelPluginInterface> load_generative(const ModelFactory& factory,
                                                      const std::string& name,
                                                      const std::filesystem::path& path,
                                                      LoadOptions options) {
  const Architecture& found = find_generative(factory, name, path, options);
  auto out = factory.create(found.manifest.name, path, {}, options);
  if (!found.plugin.has_own_loop) {
    check_loaded(found.manifest, *out);
  }
  return out;
}

std::shared_ptr<CausalLMPlugin> load_causal(const ModelFactory& factory, const std::string& name,
                                            const std::filesystem::path& path,
                                            LoadOptions options) {
  const Architecture& found = find_generative(factory, name, path, options);
  if (found.plugin.kind != PluginKind::kCausalLM) {
    fail(ErrorCode::kUnsupported, concat("architecture \"", escaped(found.manifest.name),
                                         "\" has only a loop of its own: it gives no logits"));
  }
  auto out = std::dynamic_pointer_cast<CausalLMPlugin>(factory.create(found.manifest.name, path, {}, options));
  check_loaded(found.manifest, *out);
  return out;
}

CausalLMPlugin* loaded_causal(ModelPluginInterface& plugin) noexcept {
  auto* causal = dynamic_cast<CausalLMPlugin*>(&plugin);
  return causal != nullptr && causal->loaded() != nullptr ? causal : nullptr;
}

}  // namespace pio::plugin
