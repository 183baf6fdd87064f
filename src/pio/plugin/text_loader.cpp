// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/text_loader.h"

#include <filesystem>
#include <optional>

#include "pio/base/error.h"
#include "pio/base/mmap_file.h"

namespace pio::plugin {
namespace {

namespace fs = std::filesystem;

std::optional<MmapFile> map_if_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) ? std::optional<MmapFile>(path) : std::nullopt;
}

std::shared_ptr<const text::Tokenizer> tokenizer_of_folder(const fs::path& folder) {
  const auto file = map_if_there(folder / "tokenizer.json");
  if (!file) {
    return nullptr;
  }
  const auto config = map_if_there(folder / "tokenizer_config.json");
  return text::Tokenizer::from_json(file->text(), file->path(), config ? config->text() : "",
                                    config ? config->path() : "");
}

std::shared_ptr<const text::Tokenizer> tokenizer_of_gguf(const formats::GgufFile& file) {
  const std::string prefix = "tokenizer.ggml.";
  const auto model = file.get_string(prefix + "model");
  if (!model) {
    return nullptr;
  }
  if (*model != "gpt2") {
    fail(ErrorCode::kUnsupported, concat(escaped(file.path()), ": tokenizer.ggml.model \"",
                                         escaped(*model), "\": only \"gpt2\" (byte-level BPE) is read"));
  }
  text::VocabSpec spec;
  spec.source = file.path();
  spec.pre = file.get_string(prefix + "pre").value_or("default");
  spec.tokens = file.get_array_of_strings(prefix + "tokens").value_or(std::vector<std::string_view>{});
  spec.token_types = file.get_array_of_ints(prefix + "token_type").value_or(std::vector<int64_t>{});
  spec.merges = file.get_array_of_strings(prefix + "merges").value_or(std::vector<std::string_view>{});
  spec.bos = file.get_int(prefix + "bos_token_id");
  spec.eos = file.get_int(prefix + "eos_token_id");
  spec.unk = file.get_int(prefix + "unknown_token_id");
  spec.pad = file.get_int(prefix + "padding_token_id");
  spec.eot = file.get_int(prefix + "eot_token_id");
  spec.add_bos = file.get_bool(prefix + "add_bos_token");
  spec.add_eos = file.get_bool(prefix + "add_eos_token");
  return text::Tokenizer::from_vocab(spec);
}

// tokenizer_config.json's chat_template: a text, or a list of {name, template} with one called "default".
std::optional<std::string> template_in_config(const formats::ConfigSection& config) {
  const json::Value* found = config.raw().find("chat_template");
  if (found == nullptr || found->is_null()) {
    return std::nullopt;
  }
  if (found->is_string()) {
    return found->as_string();
  }
  for (const json::Value& item : found->is_array() ? found->as_array() : json::Array{}) {
    const json::Value* name = item.find("name");
    const json::Value* text = item.find("template");
    if (name != nullptr && name->is_string() && name->as_string() == "default" && text != nullptr &&
        text->is_string()) {
      return text->as_string();
    }
  }
  config.reject("chat_template", "a text, or a list with one named \"default\"");
}

// Refuses ids outside the vocabulary, -1 for none apart, and notes those that end an answer.
void read_ids(const formats::ConfigSection& section, int64_t vocab, std::unordered_set<int32_t>& eos) {
  for (const std::string_view key : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
    for (const int64_t id : section.get_ints(key, -1, vocab - 1).value_or(std::vector<int64_t>{})) {
      if (key == "eos_token_id" && id >= 0) {
        eos.insert(static_cast<int32_t>(id));
      }
    }
  }
}

// Defaults are transformers': top_k is 50 where sampling is on and nothing else is said.
generation::SamplingParams sampling_of(const formats::ConfigSection& section) {
  constexpr int64_t kDefaultTopK = 50;
  generation::SamplingParams out;
  out.repetition_penalty = section.get_float("repetition_penalty", 0.0, 100.0).value_or(1.0);
  if (!section.get_bool("do_sample").value_or(false)) {
    return out;
  }
  out.temperature = section.get_float("temperature", 0.0, 100.0).value_or(1.0);
  out.top_k = section.get_int("top_k", 0, INT32_MAX).value_or(kDefaultTopK);
  out.top_p = section.get_float("top_p", 0.0, 1.0).value_or(1.0);
  out.min_p = section.get_float("min_p", 0.0, 1.0).value_or(0.0);
  return out;
}

}  // namespace

std::shared_ptr<const text::Tokenizer> load_tokenizer(const formats::Checkpoint& checkpoint) {
  return checkpoint.gguf != nullptr ? tokenizer_of_gguf(*checkpoint.gguf)
                                    : tokenizer_of_folder(checkpoint.path);
}

std::shared_ptr<const text::ChatTemplate> load_chat_template(const formats::Checkpoint& checkpoint) {
  if (checkpoint.gguf != nullptr) {
    const auto text = checkpoint.gguf->get_string("tokenizer.chat_template");
    return text ? std::make_shared<text::ChatTemplate>(*text, checkpoint.gguf->path()) : nullptr;
  }
  if (const auto file = map_if_there(checkpoint.path / "chat_template.jinja")) {
    return std::make_shared<text::ChatTemplate>(file->text(), file->path());
  }
  const auto& config = checkpoint.config->tokenizer();
  const auto text = config ? template_in_config(*config) : std::nullopt;
  return text ? std::make_shared<text::ChatTemplate>(*text, config->file()) : nullptr;
}

json::Object load_special_tokens(const formats::Checkpoint& checkpoint) {
  json::Object out;
  if (checkpoint.config != nullptr && checkpoint.config->tokenizer()) {
    for (const auto& [key, value] : checkpoint.config->tokenizer()->raw().as_object()) {
      const json::Value* content = value.is_object() ? value.find("content") : &value;
      if (key.ends_with("_token") && content != nullptr && content->is_string()) {
        out.emplace_back(key, *content);
      }
    }
  }
  if (checkpoint.gguf != nullptr) {
    const std::string prefix = "tokenizer.ggml.";
    const auto tokens = checkpoint.gguf->get_array_of_strings(prefix + "tokens");
    for (const auto& [role, key] : {std::pair{"bos_token", "bos_token_id"}, {"eos_token", "eos_token_id"},
                                    {"unk_token", "unknown_token_id"}, {"pad_token", "padding_token_id"}}) {
      if (tokens && !tokens->empty()) {
        if (const auto id = checkpoint.gguf->get_uint(prefix + key, 0, tokens->size() - 1)) {
          out.emplace_back(role, (*tokens)[*id]);
        }
      }
    }
  }
  return out;
}

TextParts load_text(const formats::Checkpoint& checkpoint, int64_t vocab) {
  TextParts out;
  out.tokenizer = load_tokenizer(checkpoint);
  out.chat_template = load_chat_template(checkpoint);
  if (checkpoint.config != nullptr) {
    read_ids(*checkpoint.config, vocab, out.eos);
    if (const auto& generation = checkpoint.config->generation()) {
      read_ids(*generation, vocab, out.eos);
      out.sampling = sampling_of(*generation);
    }
  }
  if (out.tokenizer == nullptr) {
    return out;
  }
  const text::Tokenizer& tokenizer = *out.tokenizer;
  if (tokenizer.size() > vocab) {
    fail(ErrorCode::kBadFile, concat(escaped(checkpoint.path.string()), ": the tokenizer has ",
                                     tokenizer.size(), " tokens, the embedding ", vocab, " rows"));
  }
  for (const auto& id : {tokenizer.eos_id(), tokenizer.eot_id()}) {
    if (id) {
      out.eos.insert(*id);
    }
  }
  out.special_tokens = load_special_tokens(checkpoint);
  return out;
}

}  // namespace pio::plugin
