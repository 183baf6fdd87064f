// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/gguf_config.h"

#include <algorithm>
#include <array>

#include "pio/base/error.h"
#include "pio/plugin/base_config.h"
#include "pio/quant/quant_type.h"

namespace pio::plugin {
namespace {

enum class Kind : uint8_t { kInt, kFloat };

struct Key {
  std::string_view gguf;  // behind "<architecture>."
  std::string_view config;
  Kind kind;
};
constexpr std::array kKeys = {
    Key{"block_count", "num_hidden_layers", Kind::kInt},
    Key{"context_length", "max_position_embeddings", Kind::kInt},
    Key{"embedding_length", "hidden_size", Kind::kInt},
    Key{"feed_forward_length", "intermediate_size", Kind::kInt},
    Key{"attention.head_count", "num_attention_heads", Kind::kInt},
    Key{"attention.head_count_kv", "num_key_value_heads", Kind::kInt},
    Key{"attention.key_length", "head_dim", Kind::kInt},
    Key{"attention.sliding_window", "sliding_window", Kind::kInt},
    Key{"attention.layer_norm_rms_epsilon", "rms_norm_eps", Kind::kFloat},
    Key{"rope.freq_base", "rope_theta", Kind::kFloat},
};

struct Name {
  std::string_view part;  // between "model.layers.<i>." and the suffix, or the whole stem
  std::string_view gguf;
};
constexpr std::array kLayerNames = {
    Name{"input_layernorm", "attn_norm"},      Name{"self_attn.q_proj", "attn_q"},
    Name{"self_attn.k_proj", "attn_k"},        Name{"self_attn.v_proj", "attn_v"},
    Name{"self_attn.o_proj", "attn_output"},   Name{"post_attention_layernorm", "ffn_norm"},
    Name{"mlp.gate_proj", "ffn_gate"},         Name{"mlp.up_proj", "ffn_up"},
    Name{"mlp.down_proj", "ffn_down"},         Name{"self_attn.q_norm", "attn_q_norm"},
    Name{"self_attn.k_norm", "attn_k_norm"},
};
constexpr std::array kTopNames = {
    Name{"model.embed_tokens", "token_embd"},
    Name{"model.norm", "output_norm"},
    Name{"lm_head", "output"},
};

constexpr std::array kScalingKeys = {
    Key{"rope.scaling.type", "rope_scaling.rope_type", Kind::kInt},
    Key{"rope.scaling.factor", "rope_scaling.factor", Kind::kFloat},
    Key{"rope.scaling.original_context_length", "rope_scaling.original_max_position_embeddings", Kind::kInt},
    Key{"rope.scaling.yarn_beta_fast", "rope_scaling.beta_fast", Kind::kFloat},
    Key{"rope.scaling.yarn_beta_slow", "rope_scaling.beta_slow", Kind::kFloat},
};

// Further keys, with the value at which they change nothing.
struct Neutral {
  std::string_view gguf;
  double value;
};
constexpr std::array kNeutralScaling = {
    Neutral{"rope.scaling.attn_factor", 1.0},
    Neutral{"rope.scaling.yarn_attn_factor", 1.0},
    Neutral{"rope.scaling.yarn_ext_factor", 1.0},
    Neutral{"rope.scaling.yarn_log_multiplier", 0.0},
};
constexpr std::string_view kFinetuned = "rope.scaling.finetuned";  // says nothing about the positions

// What the file calls a key of the config: messages name what the reader finds in the file.
std::string key_in_file(const std::string& prefix, const std::string& key) {
  const auto names = aliases(key);
  const auto fits = [&](const Key& known) {
    return std::ranges::find(names, known.config) != names.end();
  };
  if (const auto* found = std::ranges::find_if(kKeys, fits); found != kKeys.end()) {
    return concat(prefix, found->gguf);
  }
  if (const auto* found = std::ranges::find_if(kScalingKeys, fits); found != kScalingKeys.end()) {
    return concat(prefix, found->gguf);
  }
  return key == "rope_scaling.factors" ? "rope_freqs.weight" : key;
}

// Rows of the embedding; where it is missing, what the metadata say, so that loading lists it with all others.
std::optional<int64_t> vocab_size(const formats::GgufFile& file, const std::string& prefix) {
  const formats::TensorInfo* embedding = file.find("token_embd.weight");
  if (embedding != nullptr && !embedding->shape.empty()) {
    return embedding->shape[0];
  }
  if (const auto size = file.get_int(prefix + "vocab_size")) {
    return size;
  }
  const formats::GgufValue* tokens = file.get("tokenizer.ggml.tokens");
  const auto* list = tokens != nullptr ? std::get_if<formats::GgufArray>(&tokens->data) : nullptr;
  return list != nullptr ? std::optional(static_cast<int64_t>(list->count)) : std::nullopt;
}

[[noreturn]] void refuse(const formats::GgufFile& file, std::string_view key, const std::string& why) {
  fail(ErrorCode::kUnsupported, concat(escaped(file.path()), ": key \"", escaped(key), "\" ", why));
}

// A key under rope.scaling that is neither read nor neutral would give other positions than its author's.
void check_scaling_keys(const formats::GgufFile& file, const std::string& prefix) {
  for (const auto& entry : file.entries()) {
    if (!entry.key.starts_with(prefix + "rope.scaling.")) {
      continue;
    }
    const std::string_view key = entry.key.substr(prefix.size());
    if (key == kFinetuned || std::ranges::find(kScalingKeys, key, &Key::gguf) != kScalingKeys.end()) {
      continue;
    }
    const auto* neutral = std::ranges::find(kNeutralScaling, key, &Neutral::gguf);
    if (neutral == kNeutralScaling.end()) {
      refuse(file, entry.key, "is a rope scaling that is not known here");
    }
    if (const double value = file.get_float(entry.key).value_or(0); value != neutral->value) {
      refuse(file, entry.key, concat("is ", value, ", only ", neutral->value, " is supported"));
    }
  }
}

// All dims of a head must rotate.
void check_rotary_dims(const formats::GgufFile& file, const std::string& prefix) {
  const std::string key = prefix + "rope.dimension_count";
  const auto dims = file.get_int(key);
  auto head = file.get_int(prefix + "attention.key_length");
  const auto hidden = file.get_int(prefix + "embedding_length");
  const auto heads = file.get_int(prefix + "attention.head_count");
  if (!head && hidden && heads && *heads > 0) {
    head = *hidden / *heads;
  }
  if (dims && head && *dims != *head) {
    refuse(file, key, concat("is ", *dims, ", but a head has ", *head,
                             " dims: partial rotary positions are not supported"));
  }
}

json::Value scaling(const formats::GgufFile& file, const std::string& prefix) {
  check_scaling_keys(file, prefix);
  json::Object out;
  const auto factor = file.get_float(prefix + "rope.scaling.factor");
  // Without a type a factor is a linear one.
  const std::string type(file.get_string(prefix + "rope.scaling.type").value_or(factor ? "linear" : "none"));
  if (type != "none") {
    out.emplace_back("rope_type", type);
    for (const Key& key : kScalingKeys) {
      const std::string name = prefix + std::string(key.gguf);
      const std::string_view field = key.config.substr(key.config.find('.') + 1);
      if (key.kind == Kind::kFloat) {
        if (const auto value = file.get_float(name)) {
          out.emplace_back(field, *value);
        }
      } else if (key.gguf != "rope.scaling.type") {
        if (const auto value = file.get_int(name)) {
          out.emplace_back(field, *value);
        }
      }
    }
  }
  if (const formats::TensorInfo* freqs = file.find("rope_freqs.weight")) {
    const int64_t count = freqs->count();
    std::vector<float> values(static_cast<size_t>(count));
    quant::traits(freqs->type).dequantize(freqs->bytes.data(), values.data(), count);
    json::Array factors;
    for (const float value : values) {
      factors.emplace_back(static_cast<double>(value));
    }
    out.emplace_back("factors", std::move(factors));
  }
  return out.empty() ? json::Value() : json::Value(std::move(out));
}

}  // namespace

formats::ConfigSection gguf_config(const formats::GgufFile& file) {
  const auto architecture = file.get_string("general.architecture");
  if (!architecture) {
    fail(ErrorCode::kBadFile, concat(escaped(file.path()), ": key \"general.architecture\" is missing"));
  }
  const std::string prefix = std::string(*architecture) + ".";
  check_rotary_dims(file, prefix);
  json::Object out;
  out.emplace_back("model_type", std::string(*architecture));
  for (const Key& key : kKeys) {
    const std::string name = prefix + std::string(key.gguf);
    if (key.kind == Kind::kInt) {
      if (const auto value = file.get_int(name)) {
        out.emplace_back(key.config, *value);
      }
    } else if (const auto value = file.get_float(name)) {
      out.emplace_back(key.config, *value);
    }
  }
  if (const auto vocab = vocab_size(file, prefix)) {
    out.emplace_back("vocab_size", *vocab);
  }
  out.emplace_back("tie_word_embeddings", file.find("output.weight") == nullptr);
  out.emplace_back("attention_bias", file.find("blk.0.attn_q.bias") != nullptr);
  out.emplace_back("mlp_bias", file.find("blk.0.ffn_up.bias") != nullptr);
  for (const char* role : {"bos", "eos"}) {
    if (const auto id = file.get_int(concat("tokenizer.ggml.", role, "_token_id"))) {
      out.emplace_back(concat(role, "_token_id"), *id);
    }
  }
  if (json::Value rope = scaling(file, prefix); !rope.is_null()) {
    out.emplace_back("rope_scaling", std::move(rope));
  }
  formats::ConfigSection section(std::make_shared<const json::Value>(std::move(out)), file.path(), "");
  section.set_spelling([prefix](const std::string& key) { return key_in_file(prefix, key); });
  return section;
}

std::string gguf_name(const std::string& parameter) {
  const size_t dot = parameter.rfind('.');
  if (dot == std::string::npos) {
    return {};
  }
  const std::string_view stem = std::string_view(parameter).substr(0, dot);
  const std::string_view suffix = std::string_view(parameter).substr(dot);
  for (const Name& name : kTopNames) {
    if (stem == name.part) {
      return concat(name.gguf, suffix);
    }
  }
  constexpr std::string_view kLayers = "model.layers.";
  if (stem.starts_with(kLayers)) {
    const size_t end = stem.find('.', kLayers.size());
    const std::string_view index = stem.substr(kLayers.size(), end - kLayers.size());
    for (const Name& name : kLayerNames) {
      if (end != std::string_view::npos && stem.substr(end + 1) == name.part) {
        return concat("blk.", index, ".", name.gguf, suffix);
      }
    }
  }
  return {};
}

std::function<std::vector<int32_t>(const std::string&, int64_t)> paired_qk_rows(int64_t heads,
                                                                                int64_t kv_heads) {
  return [heads, kv_heads](const std::string& parameter, int64_t rows) {
    const bool q = parameter.find(".q_proj.") != std::string::npos;
    const bool k = parameter.find(".k_proj.") != std::string::npos;
    std::vector<int32_t> order;
    if (!q && !k) {
      return order;
    }
    const int64_t head_dim = rows / (q ? heads : kv_heads);
    PIO_CHECK(head_dim > 0 && head_dim % 2 == 0, "[gguf] ", parameter, ": got head_dim ", head_dim,
              ", expected an even number");
    const int64_t half = head_dim / 2;
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t in_head = row % head_dim;
      order.push_back(static_cast<int32_t>(row - in_head + in_head % half * 2 + in_head / half));
    }
    return order;
  };
}

}  // namespace pio::plugin
