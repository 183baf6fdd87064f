// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/base_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

// Token ids: -1 stands for none, as published configs write it.
std::optional<int64_t> id_or_none(int64_t id) { return id < 0 ? std::nullopt : std::optional(id); }

constexpr double kTiny = 1e-30;
constexpr double kHuge = 1e30;

struct Alias {
  std::string_view field;
  std::string_view other;
};
constexpr std::array kAliases = {
    Alias{"num_layers", "num_hidden_layers"},   Alias{"num_layers", "n_layer"},
    Alias{"hidden_size", "n_embd"},             Alias{"num_attention_heads", "n_head"},
    Alias{"max_position_embeddings", "n_ctx"},  Alias{"max_position_embeddings", "n_positions"},
    Alias{"intermediate_size", "n_inner"},      Alias{"dtype", "torch_dtype"},
    Alias{"rope_scaling", "rope_parameters"},   Alias{"rope_theta", "rope_parameters.rope_theta"},
};

// The member at a dotted path, or null.
const json::Value* find_dotted(const json::Value& value, std::string_view path) {
  const size_t dot = path.find('.');
  const json::Value* found = value.find(path.substr(0, dot));
  return dot == std::string_view::npos || found == nullptr ? found : find_dotted(*found, path.substr(dot + 1));
}

class LoadVisitor final : public FieldVisitor {
 public:
  explicit LoadVisitor(const formats::ConfigSection& section) : section_(section) {}

  void visit(std::string_view name, int64_t& field, int64_t min, int64_t max) override {
    if (const auto key = present(name)) {
      field = section_.require_int(*key, min, max);
    }
  }
  void visit_required(std::string_view name, int64_t& field, int64_t min, int64_t max) override {
    if (!present(name)) {
      reject_absent(name);
    }
    visit(name, field, min, max);
  }
  void visit(std::string_view name, double& field) override {
    if (const auto key = present(name)) {
      field = section_.require_float(*key, kTiny, kHuge);
    }
  }
  void visit_any(std::string_view name, double& field) override {
    if (const auto key = present(name)) {
      field = section_.require_float(*key);
    }
  }
  void visit(std::string_view name, json::Array& field) override {
    if (const auto key = present(name)) {
      const json::Value& value = *section_.raw().find(*key);
      if (!value.is_array()) {
        section_.reject(*key, "a list");
      }
      field = value.as_array();
    }
  }
  void visit(std::string_view name, bool& field) override {
    if (const auto key = present(name)) {
      field = section_.get_bool(*key).value_or(field);
    }
  }
  void visit(std::string_view name, std::string& field) override {
    if (const auto key = present(name)) {
      field = section_.require_string(*key);
    }
  }
  void visit(std::string_view name, std::optional<int64_t>& field, int64_t min, int64_t max) override {
    const auto key = present(name);
    if (!key) {
      return;
    }
    if (name.ends_with("_token_id")) {  // a list where there are several: the first stands for it
      const auto ids = section_.get_ints(*key, min, max);
      field = ids && !ids->empty() ? id_or_none(ids->front()) : field;
    } else {
      field = section_.get_int(*key, min, max);
    }
  }
  void visit(std::string_view name, json::Value& field, std::string_view wanted,
             const std::function<bool(const json::Value&)>& fits) override {
    for (const std::string_view key : aliases(name)) {
      const json::Value* value = find_dotted(section_.raw(), key);
      if (value == nullptr || value->is_null() || is_off(name)) {
        continue;
      }
      if (!fits(*value)) {
        section_.reject(key, wanted);
      }
      field = *value;
      return;
    }
  }

 private:
  // Names the key that is null, or all that would do.
  [[noreturn]] void reject_absent(std::string_view name) const {
    std::string wanted = "a whole number";
    for (const std::string_view key : aliases(name)) {
      if (section_.raw().find(key) != nullptr) {
        section_.reject(key, "a whole number");
      }
      wanted += key == name ? "" : concat(" or key \"", key, "\"");
    }
    section_.reject(name, wanted);
  }
  // Qwen's configs give a window, and say beside it that it is not used.
  [[nodiscard]] bool is_off(std::string_view name) const {
    return name == "sliding_window" && !section_.get_bool("use_sliding_window").value_or(true);
  }
  // The first name of the field that has a value.
  std::optional<std::string_view> present(std::string_view name) const {
    for (const std::string_view key : aliases(name)) {
      if (section_.has(key) && !is_off(name)) {
        return key;
      }
    }
    return std::nullopt;
  }
  const formats::ConfigSection& section_;
};

class OverrideVisitor final : public FieldVisitor {
 public:
  explicit OverrideVisitor(const json::Object& values) : values_(values) {
    for (const auto& member : values) {
      unknown_.insert(member.first);
    }
  }

  void visit(std::string_view name, int64_t& field, int64_t min, int64_t max) override {
    if (const json::Value* value = find(name)) {
      require(value->is_integer() && value->as_integer() >= min && value->as_integer() <= max, name,
              *value, concat("a whole number from ", min, " to ", max));
      field = value->as_integer();
    }
  }
  void visit(std::string_view name, double& field) override {
    if (const json::Value* value = find(name)) {
      require(value->is_number() && value->as_double() >= kTiny && value->as_double() <= kHuge, name, *value,
              "a number above 0");
      field = value->as_double();
    }
  }
  void visit_any(std::string_view name, double& field) override {
    if (const json::Value* value = find(name)) {
      require(value->is_number(), name, *value, "a number");
      field = value->as_double();
    }
  }
  void visit(std::string_view name, json::Array& field) override {
    if (const json::Value* value = find(name)) {
      require(value->is_array(), name, *value, "a list");
      field = value->as_array();
    }
  }
  void visit(std::string_view name, bool& field) override {
    if (const json::Value* value = find(name)) {
      require(value->is_bool(), name, *value, "true or false");
      field = value->as_bool();
    }
  }
  void visit(std::string_view name, std::string& field) override {
    if (const json::Value* value = find(name)) {
      require(value->is_string(), name, *value, "a text");
      field = value->as_string();
    }
  }
  void visit(std::string_view name, std::optional<int64_t>& field, int64_t min, int64_t max) override {
    const json::Value* value = find(name);
    if (value != nullptr && value->is_null()) {
      field.reset();
    } else if (value != nullptr) {
      require(value->is_integer() && value->as_integer() >= min && value->as_integer() <= max, name,
              *value, concat("a whole number from ", min, " to ", max, ", or null"));
      const int64_t number = value->as_integer();
      field = name.ends_with("_token_id") ? id_or_none(number) : number;
    }
  }
  void visit(std::string_view name, json::Value& field, std::string_view wanted,
             const std::function<bool(const json::Value&)>& fits) override {
    if (const json::Value* value = find(name)) {
      require(fits(*value), name, *value, std::string(wanted));
      field = *value;
    }
  }
  void check_all_known(BaseConfig& config) const {
    if (!unknown_.empty()) {
      throw UnknownFieldError(concat("unknown config field \"", escaped(*unknown_.begin()),
                                     "\", expected one of ", config.known_fields()));
    }
  }

 private:
  const json::Value* find(std::string_view name) {
    unknown_.erase(std::string(name));
    for (const auto& [key, value] : values_) {
      if (key == name) {
        return &value;
      }
    }
    return nullptr;
  }
  static void require(bool holds, std::string_view name, const json::Value& value,
                      const std::string& wanted) {
    PIO_CHECK(holds, "config field \"", name, "\" is ", escaped(value.dump()), ", expected ", wanted);
  }
  const json::Object& values_;
  std::set<std::string> unknown_;
};

class DumpVisitor final : public FieldVisitor {
 public:
  void visit(std::string_view name, int64_t& field, int64_t, int64_t) override { add(name, field); }
  void visit(std::string_view name, double& field) override { add(name, field); }
  void visit_any(std::string_view name, double& field) override { add(name, field); }
  void visit(std::string_view name, json::Array& field) override { add(name, field); }
  void visit(std::string_view name, bool& field) override { add(name, field); }
  void visit(std::string_view name, std::string& field) override { add(name, field); }
  void visit(std::string_view name, std::optional<int64_t>& field, int64_t, int64_t) override {
    add(name, field ? json::Value(*field) : json::Value());
  }
  void visit(std::string_view name, json::Value& field, std::string_view,
             const std::function<bool(const json::Value&)>&) override {
    add(name, field);
  }
  json::Object take() { return std::move(out_); }

 private:
  void add(std::string_view name, json::Value value) { out_.emplace_back(name, std::move(value)); }
  json::Object out_;
};

}  // namespace

std::vector<std::string_view> aliases(std::string_view field) {
  std::vector<std::string_view> out = {field};
  for (const Alias& alias : kAliases) {
    if (alias.field == field) {
      out.push_back(alias.other);
    }
  }
  return out;
}

std::vector<std::string_view> aliased_fields() {
  std::vector<std::string_view> out;
  for (const Alias& alias : kAliases) {
    if (std::ranges::find(out, alias.field) == out.end()) {
      out.push_back(alias.field);
    }
  }
  return out;
}

std::pair<int64_t, int64_t> field_bounds(std::string_view field) {
  if (field == "num_layers") {
    return {1, kMaxLayers};
  }
  if (field == "hidden_size" || field == "intermediate_size" || field == "vocab_size" ||
      field == "num_attention_heads" || field == "num_key_value_heads") {
    return {1, kMaxDim};
  }
  return {INT64_MIN, INT64_MAX};
}

void BaseConfig::fields(FieldVisitor& v) {
  v.visit("model_name", model_name);
  v.visit("model_path", model_path);
  v.visit("model_type", model_type);
  v.visit("dtype", dtype);
  v.visit("max_position_embeddings", max_position_embeddings, 1, kMaxContext);
  v.visit("bos_token_id", bos_token_id, -1, INT32_MAX);
  v.visit("eos_token_id", eos_token_id, -1, INT32_MAX);
  v.visit("pad_token_id", pad_token_id, -1, INT32_MAX);
}

void BaseConfig::load(const formats::ConfigSection& section) {
  LoadVisitor visitor(section);
  fields(visitor);
}

void BaseConfig::override_with(const json::Object& values) {
  OverrideVisitor visitor(values);
  fields(visitor);
  visitor.check_all_known(*this);
}

json::Object BaseConfig::to_json() {
  DumpVisitor visitor;
  fields(visitor);
  return visitor.take();
}

std::string BaseConfig::known_fields() {
  std::string out;
  for (const auto& [name, value] : to_json()) {
    out += concat(out.empty() ? "" : ", ", name);
  }
  return out;
}

}  // namespace pio::plugin
