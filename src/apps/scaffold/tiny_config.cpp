// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/tiny_config.h"

#include <algorithm>

#include "pio/base/error.h"
#include "pio/nn/rope_config.h"
#include "pio/plugin/base_config.h"

namespace pio::apps {
namespace {

constexpr int64_t kHidden = 64;
constexpr int64_t kHeads = 4;
constexpr int64_t kLayers = 2;
constexpr int64_t kIntermediate = 96;
constexpr int64_t kContext = 256;
constexpr int64_t kWindow = 16;

class Shrinker {
 public:
  explicit Shrinker(const json::Object& from) : from_(from) {}

  json::Object run() {
    copy();
    const int64_t heads = number("num_attention_heads").value_or(kHeads);
    const int64_t hidden = number("hidden_size").value_or(kHidden);
    set("hidden_size", kHidden);
    set("num_layers", kLayers);
    set("num_attention_heads", kHeads);
    if (const auto kv_heads = number("num_key_value_heads")) {
      set("num_key_value_heads", *kv_heads == heads ? kHeads : *kv_heads == 1 ? 1 : kHeads / 2);
    }
    if (const auto dim = number("head_dim")) {
      const bool is_usual = heads > 0 && *dim == hidden / heads;
      set("head_dim", kHidden / kHeads * (is_usual ? 1 : 2));
    }
    set("intermediate_size", kIntermediate);
    set("vocab_size", kTinyVocab);
    set("max_position_embeddings", kContext);
    if (number("sliding_window")) {
      set("sliding_window", kWindow);
    }
    set("bos_token_id", kTinyBos);
    set("eos_token_id", kTinyEos);
    if (number("pad_token_id")) {
      set("pad_token_id", kTinyEos);
    }
    set("dtype", "bfloat16");
    set("hidden_act", "silu");
    return std::move(out_);
  }

 private:
  // All but objects, of which those with rotary settings stay if they are known here.
  void copy() {
    const auto layers = number("num_layers");
    for (const auto& [key, value] : from_) {
      const bool per_layer = value.is_array() && layers &&
                             static_cast<int64_t>(value.as_array().size()) == *layers &&
                             *layers > kLayers;
      if (per_layer) {
        const auto& list = value.as_array();
        out_.emplace_back(key, json::Array(list.begin(), list.begin() + kLayers));
      } else if (!value.is_object() || is_known_rope(key, value)) {
        out_.emplace_back(key, value);
      }
    }
  }
  static bool is_known_rope(const std::string& key, const json::Value& value) {
    if ((key != "rope_scaling" && key != "rope_parameters") || value.find("factors") != nullptr) {
      return false;  // factors are one per dim of the large model's heads
    }
    try {
      const auto document = std::make_shared<const json::Value>(json::Object{{key, value}});
      static_cast<void>(nn::read_rope(formats::ConfigSection(document, "", ""), kContext));
      return true;
    } catch (const Error&) {
      return false;
    }
  }
  [[nodiscard]] std::optional<int64_t> number(std::string_view field) const {
    for (const std::string_view name : plugin::aliases(field)) {
      for (const auto& [key, value] : from_) {
        if (key == name && value.is_integer()) {
          return value.as_integer();
        }
      }
    }
    return std::nullopt;
  }
  // Under the name that the config uses, or Hugging Face's.
  void set(std::string_view field, json::Value value) {
    const auto names = plugin::aliases(field);
    const auto is_name = [&](const auto& member) {
      return std::ranges::find(names, std::string_view(member.first)) != names.end();
    };
    if (const auto it = std::ranges::find_if(out_, is_name); it != out_.end()) {
      it->second = std::move(value);
      return;
    }
    out_.emplace_back(field == "num_layers" ? "num_hidden_layers"
                      : field == "dtype"    ? "torch_dtype"
                                            : field,
                      std::move(value));
  }

  const json::Object& from_;
  json::Object out_;
};

}  // namespace

json::Object tiny_config(const json::Object& config) { return Shrinker(config).run(); }

}  // namespace pio::apps
