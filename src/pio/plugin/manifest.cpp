// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

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

// "1.2.3" as numbers; missing ones are 0.
std::optional<std::array<int, 3>> version_numbers(std::string_view text) {
  std::array<int, 3> out{};
  for (int& number : out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) {
      return out;
    }
    if (text.front() != '.') {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
  return std::nullopt;
}

void check_version(const Reader& reader, const std::string& min_pio, std::string_view source) {
  if (min_pio.empty()) {
    return;
  }
  const auto wanted = version_numbers(min_pio);
  if (!wanted) {
    reader.reject(concat("key \"min_pio\" is \"", escaped(min_pio), "\", expected a version such as \"",
                         PIO_VERSION, "\""));
  }
  if (*wanted > *version_numbers(PIO_VERSION)) {
    fail(ErrorCode::kUnsupported, concat(escaped(source), ": key \"min_pio\" wants inference-pio ",
                                         escaped(min_pio), " or newer, this is ", PIO_VERSION));
  }
}

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
               .entry_point = reader.text("entry_point", false),
               .min_pio = reader.text("min_pio", false),
               .model_types = reader.texts("model_types"),
               .architectures = reader.texts("architectures"),
               .gguf_architectures = reader.texts("gguf_architectures")};
  if (out.type != "model") {
    reader.reject(concat("key \"type\" is \"", escaped(out.type), "\", expected \"model\""));
  }
  if (!out.language.empty() && out.language != "cpp" && out.language != "python") {
    reader.reject(concat("key \"language\" is \"", escaped(out.language),
                         "\", expected \"cpp\" or \"python\""));
  }
  check_version(reader, out.min_pio, source);
  return out;
}

bool is_model_name(std::string_view name) noexcept {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

bool opens(const Manifest& manifest, const formats::Checkpoint& checkpoint) {
  const auto contains = [](const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  if (checkpoint.gguf != nullptr) {
    return contains(manifest.gguf_architectures,
                    checkpoint.gguf->get_string("general.architecture").value_or(""));
  }
  if (contains(manifest.model_types, checkpoint.config->get_string("model_type").value_or(""))) {
    return true;
  }
  const auto classes = checkpoint.config->get_strings("architectures").value_or(std::vector<std::string>{});
  return std::ranges::any_of(classes, [&](const std::string& name) {
    return contains(manifest.architectures, name);
  });
}

}  // namespace pio::plugin
