// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/source_config.h"

#include <algorithm>
#include <array>

#include "pio/base/error.h"
#include "pio/base/mmap_file.h"
#include "pio/formats/gguf.h"
#include "pio/plugin/gguf_config.h"

namespace pio::apps {
namespace {

SourceConfig read_gguf(const std::filesystem::path& path) {
  const formats::GgufFile file(path);
  SourceConfig out;
  out.config = plugin::gguf_config(file).raw().as_object();
  out.origin = path.filename().string();
  out.gguf_architectures.emplace_back(*file.get_string("general.architecture"));
  return out;
}

SourceConfig read_json(const std::filesystem::path& path) {
  const MmapFile file(path);
  const formats::HfConfig config(json::parse_value(file.text(), file.path()), file.path());
  SourceConfig out;
  out.config = config.raw().as_object();
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path().filename();
  out.origin = path.filename() == "config.json" ? concat("config.json of ", folder.string())
                                                : path.filename().string();
  if (const auto type = config.get_string("model_type")) {
    out.model_types.push_back(*type);
  }
  out.architectures = config.get_strings("architectures").value_or(std::vector<std::string>{});
  return out;
}

// Facts of a family that its configs do not state.
struct Family {
  std::string_view type;  // model_type, or a GGUF's architecture
  bool paired_qk_rows;
  bool qk_norm;
};
constexpr std::array kFamilies = {
    Family{"llama", true, false},
    Family{"mistral", true, false},
    Family{"qwen3", false, true},
};

const Family* family_of(const SourceConfig& source) {
  const auto& types = source.model_types.empty() ? source.gguf_architectures : source.model_types;
  const auto* found = types.empty() ? kFamilies.end()
                                    : std::ranges::find(kFamilies, types.front(), &Family::type);
  return found == kFamilies.end() ? nullptr : found;
}

// Says in the config what its family implies, and drops a window that is not used.
void complete(SourceConfig& source) {
  if (const Family* family = family_of(source)) {
    source.has_paired_qk_rows = family->paired_qk_rows;
    if (family->qk_norm) {
      source.config.emplace_back("qk_norm", true);
    }
  }
  const auto is = [](std::string_view key) {
    return [key](const auto& member) { return member.first == key; };
  };
  const auto use = std::ranges::find_if(source.config, is("use_sliding_window"));
  if (use != source.config.end() && use->second.is_bool() && !use->second.as_bool()) {
    std::erase_if(source.config, is("sliding_window"));
    std::erase_if(source.config, is("use_sliding_window"));
  }
}

}  // namespace

SourceConfig read_source(const std::filesystem::path& path) {
  SourceConfig out = path.extension() == ".gguf"           ? read_gguf(path)
                     : std::filesystem::is_directory(path) ? read_json(path / "config.json")
                                                           : read_json(path);
  complete(out);
  out.origin = escaped(out.origin);
  return out;
}

SourceConfig default_source() {
  return {.config = {{"architectures", json::Array{"LlamaForCausalLM"}},
                     {"hidden_act", "silu"},
                     {"hidden_size", 2048},
                     {"intermediate_size", 5632},
                     {"max_position_embeddings", 4096},
                     {"model_type", "llama"},
                     {"num_attention_heads", 32},
                     {"num_hidden_layers", 22},
                     {"num_key_value_heads", 4},
                     {"rms_norm_eps", 1e-5},
                     {"rope_theta", 10000.0},
                     {"tie_word_embeddings", false},
                     {"vocab_size", 32000}},
          .origin = "the Llama family",
          .model_types = {},
          .architectures = {},
          .gguf_architectures = {},
          .has_paired_qk_rows = true};
}

}  // namespace pio::apps
