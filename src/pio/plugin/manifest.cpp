// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/manifest.h"

#include <algorithm>
#include <array>

#include "pio/base/error.h"
#include "pio/base/json.h"

namespace pio::plugin {
namespace {

class Reader {
 public:
  Reader(const json::Value& value, std::string_view source) : value_(value), source_(source) {
    if (!value.is_object()) {
      reject(concat("is of type ", value.kind(), ", expected an object"));
    }
  }
  [[noreturn]] void reject(const std::string& what) const {
    fail(ErrorCode::kBadFile, concat(escaped(source_), ": ", what));
  }
  std::string text(std::string_view key, bool required) const {
    const json::Value* found = value_.find(key);
    if (found == nullptr && !required) {
      return {};
    }
    if (found == nullptr || !found->is_string() || found->as_string().empty()) {
      reject(concat("key \"", key, "\" is ", found == nullptr ? "missing" : found->kind(),
                    ", expected a text"));
    }
    return found->as_string();
  }
  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> out;
    const json::Value* found = value_.find(key);
    if (found == nullptr) {
      return out;
    }
    const bool texts = found->is_array() && std::ranges::all_of(found->as_array(), [](const auto& item) {
                         return item.is_string();
                       });
    if (!texts) {
      reject(concat("key \"", key, "\" is ", found->kind(), ", expected a list of texts"));
    }
    for (const json::Value& item : found->as_array()) {
      out.push_back(item.as_string());
    }
    return out;
  }

 private:
  const json::Value& value_;
  std::string_view source_;
};

}  // namespace

Manifest parse_manifest(std::string_view text, std::string_view source) {
  constexpr std::array<std::string_view, 10> kKnown = {
      "name",        "version",     "type",          "description",        "language",
      "entry_point", "model_types", "architectures", "gguf_architectures", "min_pio"};
  const json::Value value = json::parse_value(text, source);
  const Reader reader(value, source);
  for (const auto& member : value.as_object()) {
    if (std::ranges::find(kKnown, member.first) == kKnown.end()) {
      reader.reject(concat("unknown key \"", escaped(member.first), "\""));
    }
  }
  Manifest out{.name = reader.text("name", true),
               .version = reader.text("version", true),
               .type = reader.text("type", true),
               .description = reader.text("description", true),
               .language = reader.text("language", false),
               .model_types = reader.texts("model_types"),
               .architectures = reader.texts("architectures"),
               .gguf_architectures = reader.texts("gguf_architectures")};
  if (out.type != "model") {
    reader.reject(concat("key \"type\" is \"", escaped(out.type), "\", expected \"model\""));
  }
  return out;
}

}  // namespace pio::plugin
