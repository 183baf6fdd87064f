// SPDX-License-Identifier: Apache-2.0
// The configuration that every architecture has, and how its fields are read, overridden and written.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/formats/hf_config.h"

namespace pio::plugin {

/// Sees each field of a config with its name and, for numbers, its bounds.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual void visit(std::string_view name, int64_t& field, int64_t min, int64_t max) = 0;
  /// A number above 0.
  virtual void visit(std::string_view name, double& field) = 0;
  virtual void visit(std::string_view name, bool& field) = 0;
  virtual void visit(std::string_view name, std::string& field) = 0;
  virtual void visit(std::string_view name, std::optional<int64_t>& field, int64_t min, int64_t max) = 0;
  /// A field of any kind (Python's); wanted: what fits() accepts, for messages.
  virtual void visit(std::string_view name, json::Value& field, std::string_view wanted,
                     const std::function<bool(const json::Value&)>& fits) = 0;
  /// Any number, 0 and below too.
  virtual void visit_any(std::string_view name, double& field) = 0;
  /// A list, as the file has it.
  virtual void visit(std::string_view name, json::Array& field) = 0;
  /// A number that a file must give: its default serves only a module made without a checkpoint.
  virtual void visit_required(std::string_view name, int64_t& field, int64_t min, int64_t max) {
    visit(name, field, min, max);
  }
};

/// Largest values that a config may hold: above them a file is broken, not large.
inline constexpr int64_t kMaxDim = int64_t{1} << 24;
inline constexpr int64_t kMaxLayers = 4096;
inline constexpr int64_t kMaxContext = int64_t{1} << 31;

/// kInvalidArgument for a field that a config does not declare.
class UnknownFieldError : public Error {
 public:
  explicit UnknownFieldError(const std::string& message) : Error(ErrorCode::kInvalidArgument, message) {}
};

/// Fields common to all. Subclasses add theirs in fields(), each with a default.
struct BaseConfig {
  std::string model_name;
  std::string model_path;
  std::string model_type;
  std::string dtype;
  int64_t max_position_embeddings = 2048;
  std::optional<int64_t> bos_token_id, eos_token_id, pad_token_id;  ///< -1 in a file: none

  virtual ~BaseConfig() = default;
  /// Visits every field, the base's first.
  virtual void fields(FieldVisitor& visitor);
  /// The field that says whether the head reads the embedding, or null if the architecture has none.
  [[nodiscard]] virtual bool* tied_head() noexcept { return nullptr; }

  /// Takes each field from config.json, under its own name or one of its aliases (num_hidden_layers for
  /// num_layers ...), and keeps the default where there is none or null. Keys without a field are left alone.
  /// Errors: kBadFile naming file, key and value; also for a required field without a value.
  virtual void load(const formats::ConfigSection& section);
  /// Sets fields by name. Errors: UnknownFieldError for an unknown name; kInvalidArgument for a value of the wrong
  /// kind.
  void override_with(const json::Object& values);
  /// All fields; loading the result gives an equal config.
  [[nodiscard]] json::Object to_json();
  /// The names of all fields, for the message about another.
  [[nodiscard]] virtual std::string known_fields();
};

/// Names under which a field may stand in config.json, its own first; dotted where it lies in a section.
[[nodiscard]] std::vector<std::string_view> aliases(std::string_view field);
/// Fields with further names.
[[nodiscard]] std::vector<std::string_view> aliased_fields();
/// Least and largest sensible value of a whole number by its field's name: above it a file is broken.
[[nodiscard]] std::pair<int64_t, int64_t> field_bounds(std::string_view field);

}  // namespace pio::plugin
