// SPDX-License-Identifier: Apache-2.0
#include "checkpoint_facts.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "pio/base/error.h"
#include "pio/formats/gguf_value_reader.h"
#include "pio/plugin/model_factory.h"

namespace pio::apps {
namespace {

constexpr size_t kFirstItems = 5;
constexpr size_t kShownText = 100;  // bytes

int64_t elements(const std::vector<int64_t>& shape) {
  int64_t out = 1;
  for (const int64_t dim : shape) {
    out *= dim;
  }
  return out;
}

// The decimal number that people wrote into an f32: 1e-05, not 9.999999747378752e-06.
double as_written(float value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double out = 0;
  std::from_chars(text.data(), end, out);
  return out;
}

json::Value scalar(const formats::GgufValue& value) {
  const bool is_f32 = value.type == formats::GgufType::kF32;
  if (const auto* number = std::get_if<double>(&value.data)) {
    return is_f32 ? as_written(static_cast<float>(*number)) : *number;
  }
  if (const auto* number = std::get_if<uint64_t>(&value.data)) {
    return *number;
  }
  if (const auto* number = std::get_if<int64_t>(&value.data)) {
    return *number;
  }
  if (const auto* flag = std::get_if<bool>(&value.data)) {
    return *flag;
  }
  return std::get<std::string_view>(value.data);
}

json::Value metadata_value(const formats::GgufFile& file,
                           const formats::GgufMetadata::Entry& entry) {
  const auto* array = std::get_if<formats::GgufArray>(&entry.value.data);
  if (array == nullptr) {
    return scalar(entry.value);
  }
  json::Array first;
  const auto shown = static_cast<size_t>(std::min<uint64_t>(array->count, kFirstItems));
  if (array->element == formats::GgufType::kString) {
    const auto texts = file.get_array_of_strings(entry.key).value();
    first.assign(texts.begin(), texts.begin() + static_cast<int64_t>(shown));
  } else {
    for (size_t i = 0; i < shown; ++i) {
      first.push_back(scalar(formats::element(*array, i)));
    }
  }
  return json::Object{
      {"type", entry.value.type_name()}, {"length", array->count}, {"first", std::move(first)}};
}

// Bytes of the GGUF file, or of the folder's safetensors files.
int64_t file_bytes(const formats::Checkpoint& checkpoint) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (checkpoint.gguf != nullptr) {
    return static_cast<int64_t>(fs::file_size(checkpoint.path, ignored));
  }
  int64_t out = 0;
  for (const auto& entry : fs::directory_iterator(checkpoint.path, ignored)) {
    if (entry.path().extension() == ".safetensors" && entry.is_regular_file(ignored)) {
      out += static_cast<int64_t>(entry.file_size(ignored));
    }
  }
  return out;
}

json::Value tensor_facts(const std::string& name, std::string_view type,
                         const std::vector<int64_t>& shape, std::span<const std::byte> bytes) {
  return json::Object{{"name", name},
                      {"type", type},
                      {"shape", json::Array(shape.begin(), shape.end())},
                      {"bytes", static_cast<int64_t>(bytes.size())}};
}

json::Value metadata_of(const formats::Checkpoint& checkpoint) {
  if (checkpoint.gguf == nullptr) {
    return checkpoint.config->raw();
  }
  json::Object out;
  for (const auto& entry : checkpoint.gguf->entries()) {
    out.emplace_back(entry.key, metadata_value(*checkpoint.gguf, entry));
  }
  return out;
}

// One line: a text in quotes and cut, an array's length and first items, all else as JSON.
std::string shown(const json::Value& value) {
  if (value.is_string()) {
    return concat("\"", escaped(value.as_string(), kShownText), "\"");
  }
  if (!value.is_object()) {
    return value.dump();
  }
  std::string out = concat(value.find("length")->as_unsigned(), " of [");
  const json::Array& first = value.find("first")->as_array();
  for (size_t i = 0; i < first.size(); ++i) {
    out += concat(i == 0 ? "" : ", ", shown(first[i]));
  }
  return out + (first.size() < value.find("length")->as_unsigned() ? ", ...]" : "]");
}

}  // namespace

json::Object checkpoint_facts(const formats::Checkpoint& checkpoint) {
  std::string architecture;
  std::string reason;
  try {
    architecture = plugin::model_factory().find_for(checkpoint).manifest.name;
  } catch (const Error& error) {
    reason = error.what();
  }
  int64_t parameters = 0;
  json::Array tensors;
  for (const formats::TensorInfo& info : checkpoint.weights->tensors()) {
    tensors.push_back(
        tensor_facts(info.name, quant::traits(info.type).name, info.shape, info.bytes));
    parameters += elements(info.shape);
  }
  for (const formats::OtherTensor& info : checkpoint.weights->others()) {
    tensors.push_back(tensor_facts(info.name, info.dtype, info.shape, info.bytes));
    parameters += elements(info.shape);
  }
  return {{"path", checkpoint.path.string()},
          {"format", checkpoint.gguf != nullptr ? concat("GGUF v", checkpoint.gguf->version())
                                                : std::string("safetensors")},
          {"architecture", architecture},
          {"reason", reason},
          {"parameters", parameters},
          {"file_bytes", file_bytes(checkpoint)},
          {"metadata", metadata_of(checkpoint)},
          {"tensors", std::move(tensors)}};
}

std::string checkpoint_text(const formats::Checkpoint& checkpoint) {
  const json::Value facts(checkpoint_facts(checkpoint));
  const auto text = [&](const char* key) { return facts.find(key)->as_string(); };
  const std::string opened_by =
      text("reason").empty() ? text("architecture") : concat("none: ", text("reason"));
  std::string out =
      concat(text("path"), "\n  format        ", text("format"), "\n  architecture  ", opened_by,
             "\n  parameters    ", facts.find("parameters")->as_integer(), "\n  file size     ",
             facts.find("file_bytes")->as_integer(), " bytes\nmetadata\n");
  if (checkpoint.gguf == nullptr) {
    out += checkpoint.config->raw().dump(2) + "\n";
  } else {
    for (const auto& entry : checkpoint.gguf->entries()) {
      out += concat("  ", escaped(entry.key), "  ", entry.value.type_name(), "  ",
                    shown(metadata_value(*checkpoint.gguf, entry)), "\n");
    }
  }
  out += "tensors\n";
  int64_t bytes = 0;
  for (const json::Value& tensor : facts.find("tensors")->as_array()) {
    out += concat("  ", escaped(tensor.find("name")->as_string()), "  ",
                  tensor.find("type")->as_string(), "  ", tensor.find("shape")->dump(), "\n");
    bytes += tensor.find("bytes")->as_integer();
  }
  return out + concat(facts.find("tensors")->as_array().size(), " tensors, ", bytes, " bytes\n");
}

}  // namespace pio::apps
