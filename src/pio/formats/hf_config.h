// SPDX-License-Identifier: Apache-2.0
// The JSON files beside a Hugging Face checkpoint's weights, with getters that check.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pio/base/json.h"

namespace pio::formats {

/// One object of a config file: the whole file, or a nested part such as "rope_scaling". Cheap to
/// copy; keeps the document alive. The get_ functions return nothing if the key is absent or null
/// (published configs write null for "not used"); the require_ functions refuse both. Errors:
/// kBadFile naming file, key (dotted, where nested) and value: another type, a float where a whole
/// number is wanted, a value outside [min, max].
class ConfigSection {
 public:
  static constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  static constexpr double kAny = std::numeric_limits<double>::max();

  /// value: must hold an object; prefix: "" or the dotted path of the section with a final dot.
  /// Errors: kBadFile if it is no object.
  ConfigSection(std::shared_ptr<const json::Value> value, std::string file, std::string prefix);

  /// Makes messages call a key what `spelled` makes of its dotted name: for values that come from a file with
  /// other names.
  void set_spelling(std::function<std::string(const std::string& dotted_key)> spelled) {
    spelled_ = std::move(spelled);
  }

  /// The object itself.
  [[nodiscard]] const json::Value& raw() const noexcept { return *value_; }
  /// The file, for messages.
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  /// Whether `key` is there and not null.
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

  [[nodiscard]] std::optional<int64_t> get_int(std::string_view key, int64_t min = kMin,
                                               int64_t max = kMax) const;
  /// Any number, whole or not.
  [[nodiscard]] std::optional<double> get_float(std::string_view key, double min = -kAny,
                                                double max = kAny) const;
  [[nodiscard]] std::optional<bool> get_bool(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> get_string(std::string_view key) const;

  /// A list of whole numbers; a single one counts as a list of one (eos_token_id has both forms).
  [[nodiscard]] std::optional<std::vector<int64_t>> get_ints(std::string_view key,
                                                             int64_t min = kMin,
                                                             int64_t max = kMax) const;
  /// A list of numbers.
  [[nodiscard]] std::optional<std::vector<double>> get_floats(std::string_view key) const;
  /// A list of strings ("layer_types", "architectures").
  [[nodiscard]] std::optional<std::vector<std::string>> get_strings(std::string_view key) const;
  /// A nested object.
  [[nodiscard]] std::optional<ConfigSection> section(std::string_view key) const;

  [[nodiscard]] int64_t require_int(std::string_view key, int64_t min = kMin,
                                    int64_t max = kMax) const;
  [[nodiscard]] double require_float(std::string_view key, double min = -kAny,
                                     double max = kAny) const;
  [[nodiscard]] std::string require_string(std::string_view key) const;

  /// Throws kBadFile: "<file>: key "<prefix><key>" is <value>, expected <wanted>".
  [[noreturn]] void reject(std::string_view key, std::string_view wanted) const;

 private:
  [[nodiscard]] const json::Value* find(std::string_view key) const;
  [[nodiscard]] std::string key_in_file(std::string_view key) const;
  [[nodiscard]] int64_t whole(std::string_view key, const json::Value& value, int64_t min,
                              int64_t max) const;
  [[nodiscard]] const json::Array* list(std::string_view key, std::string_view wanted) const;

  std::shared_ptr<const json::Value> value_;
  std::string file_;
  std::string prefix_;
  std::function<std::string(const std::string&)> spelled_;
};

/// The config files of a folder. The object itself is config.json.
class HfConfig final : public ConfigSection {
 public:
  /// Reads `folder`'s config.json, and generation_config.json and tokenizer_config.json where they
  /// are. Errors: kNotFound without config.json; kBadFile naming file and byte.
  explicit HfConfig(const std::filesystem::path& folder);
  /// A config.json from memory; `file` stands for its path in messages.
  HfConfig(json::Value config, std::string file);

  /// generation_config.json, or nothing.
  [[nodiscard]] const std::optional<ConfigSection>& generation() const { return generation_; }
  /// tokenizer_config.json without its "added_tokens_decoder" (megabytes in some checkpoints; the
  /// tokenizer reads the file itself), or nothing.
  [[nodiscard]] const std::optional<ConfigSection>& tokenizer() const { return tokenizer_; }

 private:
  std::optional<ConfigSection> generation_;
  std::optional<ConfigSection> tokenizer_;
};

}  // namespace pio::formats
