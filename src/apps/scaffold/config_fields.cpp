// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/config_fields.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "apps/scaffold/model_name.h"
#include "pio/base/error.h"
#include "pio/plugin/base_config.h"

namespace pio::apps {
namespace {

constexpr std::array kBase = {
    KnownField{"max_position_embeddings", FieldKind::kInt},
    KnownField{"bos_token_id", FieldKind::kOptionalInt},
    KnownField{"eos_token_id", FieldKind::kOptionalInt},
    KnownField{"pad_token_id", FieldKind::kOptionalInt},
};
constexpr std::array kDecoder = {
    KnownField{"hidden_size", FieldKind::kInt},
    KnownField{"num_layers", FieldKind::kInt},
    KnownField{"num_attention_heads", FieldKind::kInt},
    KnownField{"num_key_value_heads", FieldKind::kOptionalInt},
    KnownField{"head_dim", FieldKind::kOptionalInt},
    KnownField{"intermediate_size", FieldKind::kInt},
    KnownField{"vocab_size", FieldKind::kInt},
    KnownField{"rms_norm_eps", FieldKind::kReal},
    KnownField{"tie_word_embeddings", FieldKind::kBool},
    KnownField{"attention_bias", FieldKind::kBool},
    KnownField{"mlp_bias", FieldKind::kBool},
    KnownField{"qk_norm", FieldKind::kBool, true},
    KnownField{"sliding_window", FieldKind::kOptionalInt},
    KnownField{"rope_theta", FieldKind::kReal},
};
constexpr std::array<std::string_view, 2> kRope = {"rope_scaling", "rope_parameters"};
// Read elsewhere: by BaseConfig, the manifest and the check of hidden_act; or about the file, not
// the model.
constexpr std::array<std::string_view, 8> kElsewhere = {
    "model_name",  "model_path",    "model_type", "dtype",
    "torch_dtype", "architectures", "hidden_act", "transformers_version"};
// Members of the configuration classes of either language, and types that members behind one still
// need.
constexpr std::array<std::string_view, 13> kMembers = {
    "fields", "load",   "override_with", "to_json", "tied_head", "spec", "rope",
    "field",  "plugin", "int64_t",       "list",    "dict",      "str"};
constexpr size_t kMaxList = 256;
constexpr size_t kMaxText = 500;

bool fits(FieldKind kind, const json::Value& value) {
  switch (kind) {
    case FieldKind::kInt:
    case FieldKind::kOptionalInt:
      return value.is_integer();
    case FieldKind::kReal:
      return value.is_number() && value.as_double() > 0;
    case FieldKind::kBool:
      return value.is_bool();
    case FieldKind::kObject:
      return value.is_object();
    default:
      return false;
  }
}

bool is_scalar(const json::Value& value) {
  return value.is_bool() || value.is_number() ||
         (value.is_string() && value.as_string().size() <= kMaxText);
}

class Sorter {
 public:
  explicit Sorter(const json::Object& config) : config_(config) {}

  // Those of `known` that are there, under their own names; their keys are used up.
  std::vector<ConfigField> take(std::span<const KnownField> known) {
    std::vector<ConfigField> out;
    for (const KnownField& field : known) {
      for (const std::string_view key : plugin::aliases(field.name)) {
        used_.emplace(key);
        const json::Value* value = find(key);
        if (value == nullptr || value->is_null() || has(out, field.name)) {
          continue;
        }
        if (value->is_array() && !value->as_array().empty() && key.ends_with("_token_id")) {
          value = &value->as_array().front();  // several end tokens: the first stands for them
        }
        if (fits(field.kind, *value)) {
          out.push_back({std::string(field.name), field.kind, *value});
        } else {
          left_out_.push_back(escaped(key));
        }
      }
    }
    return out;
  }
  std::vector<ConfigField> take_rope() {
    std::vector<ConfigField> out;
    for (const std::string_view key : kRope) {
      used_.emplace(key);
      if (const json::Value* value = find(key); value != nullptr && value->is_object()) {
        out.push_back({std::string(key), FieldKind::kObject, *value});
      }
    }
    return out;
  }
  // What is left of the scalars and lists.
  std::vector<ConfigField> take_rest() {
    std::vector<ConfigField> out;
    for (const auto& [key, value] : config_) {
      const bool elsewhere = std::ranges::find(kElsewhere, key) != kElsewhere.end();
      if (elsewhere || used_.contains(key) || value.is_null()) {
        continue;
      }
      const auto kind = kind_of(value);
      if (kind && is_identifier(key)) {
        out.push_back({key, *kind, value});
      } else {
        left_out_.push_back(escaped(key, 60));
      }
    }
    return out;
  }
  [[nodiscard]] std::string activation() const {
    const json::Value* value = find("hidden_act");
    const bool is_usual = value == nullptr || value->is_null() ||
                          (value->is_string() && value->as_string() == "silu");
    return is_usual             ? ""
           : value->is_string() ? concat("\"", escaped(value->as_string(), 60), "\"")
                                : escaped(value->dump(), 60);
  }
  std::vector<std::string> left_out() { return std::move(left_out_); }

 private:
  static bool has(const std::vector<ConfigField>& fields, std::string_view name) {
    return std::ranges::find(fields, name, &ConfigField::name) != fields.end();
  }
  const json::Value* find(std::string_view key) const {
    const auto it = std::ranges::find(
        config_, key, [](const auto& member) -> std::string_view { return member.first; });
    return it == config_.end() ? nullptr : &it->second;
  }
  static std::optional<FieldKind> kind_of(const json::Value& value) {
    if (value.is_bool()) {
      return FieldKind::kBool;
    }
    if (value.is_integer()) {
      return FieldKind::kInt;
    }
    if (value.is_number()) {
      return FieldKind::kReal;
    }
    if (is_scalar(value)) {
      return FieldKind::kText;
    }
    const bool plain = value.is_array() && value.as_array().size() <= kMaxList &&
                       std::ranges::all_of(value.as_array(), [](const json::Value& item) {
                         return item.is_null() || is_scalar(item);
                       });
    return plain ? std::optional(FieldKind::kList) : std::nullopt;
  }
  // A model's name has the form of a field's; names of members are taken.
  static bool is_identifier(std::string_view key) {
    return why_not_a_model_name(key).empty() && std::ranges::find(kMembers, key) == kMembers.end();
  }

  const json::Object& config_;
  std::set<std::string, std::less<>> used_;
  std::vector<std::string> left_out_;
};

}  // namespace

std::span<const KnownField> decoder_fields() { return kDecoder; }

ConfigFields config_fields(const json::Object& config) {
  Sorter sorter(config);
  ConfigFields out;
  out.base = sorter.take(kBase);
  out.decoder = sorter.take(kDecoder);
  out.rope = sorter.take_rope();
  out.unused = sorter.take_rest();
  out.left_out = sorter.left_out();
  out.activation = sorter.activation();
  return out;
}

}  // namespace pio::apps
