// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/hf_config.h"

#include <utility>

#include "pio/base/error.h"
#include "pio/base/mmap_file.h"
#include "pio/formats/byte_reader.h"
#include "pio/formats/json_without.h"

namespace pio::formats {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFileBytes = size_t{64} << 20;

std::string shown(const json::Value& value) {
  if (value.is_array() || value.is_object()) {
    return concat("an ", value.kind());
  }
  return value.is_string() ? concat("\"", escaped(value.as_string(), 60), "\"") : value.dump();
}

std::shared_ptr<const json::Value> read(const fs::path& path) {
  const MmapFile file(path);
  return std::make_shared<const json::Value>(json::parse_value(file.text(), path.string()));
}

std::shared_ptr<const json::Value> read_tokenizer_config(const fs::path& path) {
  const MmapFile file(path);
  if (file.bytes().size() > kMaxFileBytes) {
    fail_at(path.string(), kMaxFileBytes, "longer than 64 MiB");
  }
  const std::string rest = json_without(file.text(), "added_tokens_decoder", path.string());
  return std::make_shared<const json::Value>(json::parse_value(rest, path.string()));
}

std::optional<ConfigSection> read_if_present(const fs::path& path, decltype(read)& reader) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) {
    return std::nullopt;
  }
  return ConfigSection(reader(path), path.string(), "");
}

}  // namespace

ConfigSection::ConfigSection(std::shared_ptr<const json::Value> value, std::string file,
                             std::string prefix)
    : value_(std::move(value)), file_(std::move(file)), prefix_(std::move(prefix)) {
  if (!value_->is_object()) {
    fail(ErrorCode::kBadFile, concat(escaped(file_, 4096), ": byte 0: the document is ",
                                     shown(*value_), ", expected an object"));
  }
}

const json::Value* ConfigSection::find(std::string_view key) const {
  const json::Value* value = value_->find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string ConfigSection::key_in_file(std::string_view key) const {
  const std::string dotted = concat(prefix_, key);
  return spelled_ != nullptr ? spelled_(dotted) : dotted;
}

void ConfigSection::reject(std::string_view key, std::string_view wanted) const {
  const json::Value* value = value_->find(key);
  fail(ErrorCode::kBadFile,
       concat(escaped(file_, 4096), ": key \"", escaped(key_in_file(key)), "\" is ",
              value == nullptr ? "missing" : shown(*value), ", expected ", wanted));
}

int64_t ConfigSection::whole(std::string_view key, const json::Value& value, int64_t min,
                             int64_t max) const {
  if (!value.is_integer() || value.as_integer() < min || value.as_integer() > max) {
    reject(key, min == kMin && max == kMax
                    ? std::string("a whole number")
                    : concat("a whole number from ", min, max == kMax ? "" : concat(" to ", max)));
  }
  return value.as_integer();
}

std::optional<int64_t> ConfigSection::get_int(std::string_view key, int64_t min,
                                              int64_t max) const {
  const json::Value* value = find(key);
  return value == nullptr ? std::nullopt : std::optional(whole(key, *value, min, max));
}

std::optional<double> ConfigSection::get_float(std::string_view key, double min, double max) const {
  const json::Value* value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  const double number = value->is_number() ? value->as_double() : 0.0;
  if (!value->is_number() || !(number >= min && number <= max)) {  // GGUF metadata may hold a NaN
    std::string wanted = "a number";
    wanted += min == -kAny ? "" : concat(" from ", min);
    wanted += max == kAny ? "" : concat(" up to ", max);
    reject(key, wanted);
  }
  return value->as_double();
}

std::optional<bool> ConfigSection::get_bool(std::string_view key) const {
  const json::Value* value = find(key);
  if (value != nullptr && !value->is_bool()) {
    reject(key, "true or false");
  }
  return value == nullptr ? std::nullopt : std::optional(value->as_bool());
}

std::optional<std::string> ConfigSection::get_string(std::string_view key) const {
  const json::Value* value = find(key);
  if (value != nullptr && !value->is_string()) {
    reject(key, "a string");
  }
  return value == nullptr ? std::nullopt : std::optional(value->as_string());
}

const json::Array* ConfigSection::list(std::string_view key, std::string_view wanted) const {
  const json::Value* value = find(key);
  if (value != nullptr && !value->is_array()) {
    reject(key, wanted);
  }
  return value == nullptr ? nullptr : &value->as_array();
}

std::optional<std::vector<int64_t>> ConfigSection::get_ints(std::string_view key, int64_t min,
                                                            int64_t max) const {
  const json::Value* value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_array()) {
    return std::vector<int64_t>{whole(key, *value, min, max)};
  }
  std::vector<int64_t> out;
  for (const json::Value& item : value->as_array()) {
    out.push_back(whole(key, item, min, max));
  }
  return out;
}

std::optional<std::vector<double>> ConfigSection::get_floats(std::string_view key) const {
  const json::Array* items = list(key, "a list of numbers");
  if (items == nullptr) {
    return std::nullopt;
  }
  std::vector<double> out;
  for (const json::Value& item : *items) {
    if (!item.is_number()) {
      reject(key, concat("a list of numbers, it holds ", shown(item)));
    }
    out.push_back(item.as_double());
  }
  return out;
}

std::optional<std::vector<std::string>> ConfigSection::get_strings(std::string_view key) const {
  const json::Array* items = list(key, "a list of strings");
  if (items == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const json::Value& item : *items) {
    if (!item.is_string()) {
      reject(key, concat("a list of strings, it holds ", shown(item)));
    }
    out.push_back(item.as_string());
  }
  return out;
}

std::optional<ConfigSection> ConfigSection::section(std::string_view key) const {
  const json::Value* value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_object()) {
    reject(key, "an object");
  }
  // Shares ownership of the whole document, points to the part.
  ConfigSection out(std::shared_ptr<const json::Value>(value_, value), file_, concat(prefix_, key, "."));
  out.spelled_ = spelled_;
  return out;
}

int64_t ConfigSection::require_int(std::string_view key, int64_t min, int64_t max) const {
  if (!has(key)) {
    reject(key, "a whole number");
  }
  return *get_int(key, min, max);
}

double ConfigSection::require_float(std::string_view key, double min, double max) const {
  if (!has(key)) {
    reject(key, "a number");
  }
  return *get_float(key, min, max);
}

std::string ConfigSection::require_string(std::string_view key) const {
  if (!has(key)) {
    reject(key, "a string");
  }
  return *get_string(key);
}

HfConfig::HfConfig(const fs::path& folder)
    : ConfigSection(read(folder / "config.json"), (folder / "config.json").string(), ""),
      generation_(read_if_present(folder / "generation_config.json", read)),
      tokenizer_(read_if_present(folder / "tokenizer_config.json", read_tokenizer_config)) {}

HfConfig::HfConfig(json::Value config, std::string file)
    : ConfigSection(std::make_shared<const json::Value>(std::move(config)), std::move(file), "") {}

}  // namespace pio::formats
