// SPDX-License-Identifier: Apache-2.0
// A tiny Llama checkpoint in parts, as a Hugging Face folder and as a GGUF, for tests that break one.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "pio/formats/gguf_test_builder.h"
#include "pio/formats/safetensors_test_builder.h"
#include "pio/plugin/load_causal.h"

namespace pio::models::llama::test {

using formats::GgufType;
using formats::raw;
using formats::TempFolder;

inline constexpr int64_t kHidden = 32, kHeads = 4, kKvHeads = 2, kHeadDim = 8, kMlp = 48, kVocab = 40;
inline constexpr int kLayers = 2;

/// A checkpoint's parts, right until a case changes them. Config values are JSON text, or for a GGUF raw bytes.
struct Parts {
  struct Tensor {
    std::string name;
    std::vector<int64_t> shape;
    float first = 0.01f;
  };
  struct Key {
    std::string name;
    std::string json;                   // config.json's value
    GgufType type = GgufType::kU32;     // and the GGUF's
    std::string bytes;
  };
  std::vector<Tensor> tensors;
  std::vector<Key> keys;
  int tokens = 0;  // of a tokenizer

  Tensor& tensor(std::string_view name) {
    return *std::ranges::find(tensors, name, &Tensor::name);
  }
  void drop(std::string_view name) {
    std::erase_if(tensors, [&](const Tensor& t) { return t.name == name; });
  }
  Key& key(std::string_view name) { return *std::ranges::find(keys, name, &Key::name); }
  void drop_key(std::string_view name) {
    std::erase_if(keys, [&](const Key& k) { return k.name == name; });
  }
};

inline Parts hf_parts() {
  Parts p;
  p.tensors = {{"model.embed_tokens.weight", {kVocab, kHidden}},
               {"model.norm.weight", {kHidden}},
               {"lm_head.weight", {kVocab, kHidden}}};
  for (int i = 0; i < kLayers; ++i) {
    const std::string at = concat("model.layers.", i, ".");
    const int64_t q = kHeads * kHeadDim, kv = kKvHeads * kHeadDim;
    p.tensors.insert(p.tensors.end(), {{at + "self_attn.q_proj.weight", {q, kHidden}},
                                       {at + "self_attn.k_proj.weight", {kv, kHidden}},
                                       {at + "self_attn.v_proj.weight", {kv, kHidden}},
                                       {at + "self_attn.o_proj.weight", {kHidden, q}},
                                       {at + "mlp.gate_proj.weight", {kMlp, kHidden}},
                                       {at + "mlp.up_proj.weight", {kMlp, kHidden}},
                                       {at + "mlp.down_proj.weight", {kHidden, kMlp}},
                                       {at + "input_layernorm.weight", {kHidden}},
                                       {at + "post_attention_layernorm.weight", {kHidden}}});
  }
  p.keys = {{"model_type", "\"llama\""},
            {"hidden_size", "32"},
            {"num_hidden_layers", "2"},
            {"num_attention_heads", "4"},
            {"num_key_value_heads", "2"},
            {"intermediate_size", "48"},
            {"vocab_size", "40"},
            {"max_position_embeddings", "64"},
            {"rms_norm_eps", "1e-5"},
            {"rope_theta", "10000.0"}};
  return p;
}

inline Parts gguf_parts() {
  Parts p = hf_parts();
  for (Parts::Tensor& tensor : p.tensors) {
    tensor.name = plugin::gguf_name(tensor.name);
  }
  const auto u32 = [](std::string name, uint32_t value) {
    return Parts::Key{"llama." + name, "", GgufType::kU32, raw(value)};
  };
  const auto f32 = [](std::string name, float value) {
    return Parts::Key{"llama." + name, "", GgufType::kF32, raw(value)};
  };
  p.keys = {{"general.architecture", "", GgufType::kString, formats::gguf_string("llama")},
            u32("embedding_length", 32),
            u32("block_count", 2),
            u32("attention.head_count", 4),
            u32("attention.head_count_kv", 2),
            u32("feed_forward_length", 48),
            u32("context_length", 64),
            f32("attention.layer_norm_rms_epsilon", 1e-5f),
            f32("rope.freq_base", 10000.0f)};
  return p;
}

inline int64_t count_of(const std::vector<int64_t>& shape) {
  int64_t out = 1;
  for (const int64_t dim : shape) {
    out *= dim;
  }
  return out;
}

inline std::string values_of(const Parts::Tensor& tensor) {
  const bool factors = tensor.name == "rope_freqs.weight";
  std::string out;
  for (int64_t i = 0; i < count_of(tensor.shape); ++i) {
    const float value = factors ? 1.0f : static_cast<float>((i * 37 % 101) - 50) / 250.0f;
    formats::put(out, i == 0 ? tensor.first : value);
  }
  return out;
}

inline std::string token_name(int i) { return concat("t", i); }

inline std::filesystem::path write_hf(const TempFolder& folder, const Parts& parts) {
  std::string header;
  std::string data;
  for (const Parts::Tensor& tensor : parts.tensors) {
    const std::string values = values_of(tensor);
    header += header.empty() ? "{" : ",";
    header += formats::entry(tensor.name, "F32", formats::shape_text(tensor.shape),
                             concat("[", data.size(), ",", data.size() + values.size(), "]"));
    data += values;
  }
  folder.write("model.safetensors", formats::safetensors(header.empty() ? "{}" : header + "}", data));
  std::string config;
  for (const Parts::Key& key : parts.keys) {
    config += concat(config.empty() ? "{" : ", ", "\"", key.name, "\": ", key.json);
  }
  folder.write("config.json", config + "}");
  if (parts.tokens > 0) {
    std::string vocab;
    for (int i = 0; i < parts.tokens; ++i) {
      vocab += concat(i == 0 ? "" : ", ", "\"", token_name(i), "\": ", i);
    }
    folder.write("tokenizer.json",
                 concat(R"({"version": "1.0", "added_tokens": [], "normalizer": null, )",
                        R"("pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}, )",
                        R"("post_processor": null, "decoder": {"type": "ByteLevel"}, )",
                        R"("model": {"type": "BPE", "merges": [], "vocab": {)", vocab, "}}}"));
  }
  return folder.path();
}

inline std::filesystem::path write_gguf(const TempFolder& folder, const Parts& parts) {
  formats::GgufBuilder builder;
  for (const Parts::Key& key : parts.keys) {
    builder.key(key.name, key.type, key.bytes);
  }
  if (parts.tokens > 0) {
    std::string texts;
    std::string types;
    for (int i = 0; i < parts.tokens; ++i) {
      texts += formats::gguf_string(token_name(i));
      formats::put(types, int32_t{1});
    }
    const auto array = [](GgufType type, int count, const std::string& bytes) {
      return formats::gguf_array(static_cast<uint32_t>(type), static_cast<uint64_t>(count), bytes);
    };
    builder.key_string("tokenizer.ggml.model", "gpt2");
    builder.key("tokenizer.ggml.tokens", GgufType::kArray, array(GgufType::kString, parts.tokens, texts));
    builder.key("tokenizer.ggml.token_type", GgufType::kArray, array(GgufType::kI32, parts.tokens, types));
    builder.key("tokenizer.ggml.merges", GgufType::kArray, array(GgufType::kString, 0, ""));
  }
  for (const Parts::Tensor& tensor : parts.tensors) {
    const std::string values = values_of(tensor);
    std::vector<uint64_t> dims(tensor.shape.rbegin(), tensor.shape.rend());
    builder.tensor(tensor.name, dims, /*F32*/ 0, values.size());
    builder.data.replace(builder.data.size() - values.size(), values.size(), values);
  }
  return folder.write("model.gguf", builder.build());
}

inline std::shared_ptr<plugin::CausalLMPlugin> load(const std::filesystem::path& path,
                                             const plugin::LoadOptions& options = {.chunk = 8}) {
  return plugin::load_causal(plugin::model_factory(), "", path, options);
}

inline generation::GenerationResult answer(plugin::CausalLMPlugin& model) {
  generation::Request request;
  request.ids = {1, 2, 3};
  request.max_tokens = 4;
  return model.infer(std::move(request));
}

}  // namespace pio::models::llama::test
