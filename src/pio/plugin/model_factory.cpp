// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/model_factory.h"

#include <algorithm>
#include <numeric>

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

// Levenshtein distance, for "did you mean".
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::string_view name(PluginKind kind) noexcept {
  return kind == PluginKind::kCausalLM ? "causal_lm" : "generic";
}

void ModelFactory::add(Manifest manifest, PluginClass plugin, std::filesystem::path source) {
  for (const Architecture& known : architectures_) {
    PIO_CHECK(known.manifest.name != manifest.name, "architecture \"", escaped(manifest.name),
              "\" is there already (", known.manifest.path, ")");
  }
  architectures_.push_back({std::move(manifest), std::move(plugin), std::move(source)});
}

void ModelFactory::add_broken(Manifest manifest, std::string reason) {
  broken_.push_back({std::move(manifest), std::move(reason)});
}

void ModelFactory::register_plugin(const std::string& name, PluginClass plugin) {
  PIO_CHECK(is_model_name(name), "[register] the name is \"", escaped(name),
            "\", expected a lower-case letter, then letters, digits and _");
  add(Manifest{.name = name, .version = "0", .type = "model", .description = "registered by hand",
               .language = "cpp", .path = "registered"},
      std::move(plugin));
}

const Architecture& ModelFactory::find(std::string_view name) const {
  for (const Architecture& architecture : architectures_) {
    if (architecture.manifest.name == name) {
      return architecture;
    }
  }
  for (const BrokenArchitecture& architecture : broken_) {
    if (architecture.manifest.name == name) {
      fail(ErrorCode::kBadFile, concat("architecture \"", escaped(name), "\" (",
                                       architecture.manifest.path, ") is broken: ", architecture.reason));
    }
  }
  fail(ErrorCode::kNotFound, concat("no architecture \"", escaped(name), "\"; nearest: ", nearest(name)));
}

const Architecture& ModelFactory::find_for(const formats::Checkpoint& checkpoint) const {
  std::string model_type;
  std::vector<std::string> classes;
  if (checkpoint.gguf != nullptr) {
    model_type = checkpoint.gguf->get_string("general.architecture").value_or("");
  } else {
    model_type = checkpoint.config->get_string("model_type").value_or("");
    classes = checkpoint.config->get_strings("architectures").value_or(std::vector<std::string>{});
  }
  for (const Architecture& architecture : architectures_) {
    const Manifest& manifest = architecture.manifest;
    if (checkpoint.gguf != nullptr ? contains(manifest.gguf_architectures, model_type)
                                   : contains(manifest.model_types, model_type)) {
      return architecture;
    }
  }
  for (const Architecture& architecture : architectures_) {
    for (const std::string& name : classes) {
      if (contains(architecture.manifest.architectures, name)) {
        return architecture;
      }
    }
  }
  fail(ErrorCode::kUnsupported,
       concat(escaped(checkpoint.path.string()), ": no architecture opens model type \"",
              escaped(model_type), "\"; nearest: ", nearest(model_type),
              ". To add one, put a model folder under src/inference_pio/models/ (CONTRIBUTING.md)"));
}

std::string ModelFactory::nearest(std::string_view name) const {
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const Architecture& architecture : architectures_) {
    ranked.emplace_back(distance(name, architecture.manifest.name), architecture.manifest.name);
  }
  std::ranges::sort(ranked);
  std::string out;
  for (size_t i = 0; i < std::min<size_t>(3, ranked.size()); ++i) {
    out += concat(i == 0 ? "" : ", ", ranked[i].second);
  }
  return out.empty() ? "none" : out;
}

std::shared_ptr<ModelPluginInterface> ModelFactory::create(const std::string& name,
                                                           const std::filesystem::path& model_path,
                                                           json::Object fields,
                                                           const LoadOptions& options) const {
  auto plugin = find(name).plugin.make();
  if (!model_path.empty()) {
    fields.emplace_back("model_path", model_path.string());
  }
  plugin->initialize(fields);
  plugin->load_model(options);
  return plugin;
}

}  // namespace pio::plugin
