// SPDX-License-Identifier: Apache-2.0
// Tokenizers from tokenizer.json: model, added tokens, post-processor, decoder. The pre-tokenizers
// are in tokenizer_json_steps.cpp. Whatever is not known here is refused by name.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/bpe.h"
#include "pio/text/json_node.h"
#include "pio/text/nfc.h"
#include "pio/text/tokenizer_json_reader.h"
#include "pio/text/tokenizer_json_steps.h"
#include "pio/text/tokenizer_parts.h"

namespace pio::text {
namespace {

std::unique_ptr<const TokenModel> make_model(const JsonNode& model, const TokenizerJson& file) {
  // Files older than the "type" member hold BPE where there are merges.
  const auto type = model.member("type").is_null() && file.has_merges ? "BPE" : model.type();
  if (type != "BPE") {
    model.unsupported(concat("model type \"", escaped(type), "\""));
  }
  if (!file.has_vocabulary || !file.has_merges) {
    model.reject("a BPE model needs \"vocab\" and \"merges\"");
  }
  for (const std::string_view name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const auto affix = model.member(name);
    if (!affix.is_null() && !affix.as_string().empty()) {
      affix.unsupported(concat("\"", escaped(affix.as_string()), "\""));
    }
  }
  if (const auto dropout = model.member("dropout");
      !dropout.is_null() && !(dropout.value().is_number() && dropout.value().as_double() == 0)) {
    dropout.unsupported("dropout");
  }
  const auto& vocabulary = *file.vocabulary;
  if (vocabulary.size() == 0) {
    model.reject("the vocabulary is empty");
  }
  Bpe::Options options{.fuse_unk = model.member("fuse_unk").bool_or(false),
                       .ignore_merges = model.member("ignore_merges").bool_or(false)};
  if (const auto unk = model.member("unk_token"); !unk.is_null()) {
    options.unk = vocabulary.find_in_model(unk.as_string());
  }
  MergeBuilder merges(vocabulary, file.merges.size());
  for (size_t i = 0; i < file.merges.size(); ++i) {
    merges.add(file.merges.left(i), file.merges.right(i));
  }
  auto bpe = std::make_unique<Bpe>(file.vocabulary, merges.take(), options);
  if (!bpe->has_all_bytes()) {
    if (model.member("byte_fallback").bool_or(false)) {
      model.member("byte_fallback").unsupported("a byte-level vocabulary without all bytes");
    }
    if (!model.member("unk_token").is_null() && !options.unk) {
      model.member("unk_token").reject("the vocabulary lacks it");
    }
  }
  return bpe;
}

AddedToken read_added_token(const JsonNode& node) {
  AddedToken out;
  out.content = node.member("content").as_string();
  const auto id = node.member("id").as_integer();
  if (id < 0 || id >= Vocabulary::kMaxTokens) {
    node.member("id").reject(concat("id ", id, ", wanted 0 to ", Vocabulary::kMaxTokens - 1));
  }
  out.id = static_cast<int32_t>(id);
  out.special = node.member("special").bool_or(false);
  out.lstrip = node.member("lstrip").bool_or(false);
  out.rstrip = node.member("rstrip").bool_or(false);
  out.single_word = node.member("single_word").bool_or(false);
  out.normalized = node.member("normalized").bool_or(!out.special);
  if (out.content.size() > AddedTokenMatcher::kMaxBytes) {
    node.unsupported(concat("an added token of ", out.content.size(), " bytes (limit ",
                            AddedTokenMatcher::kMaxBytes, ")"));
  }
  return out;
}

void read_added_tokens(const JsonNode& list, Vocabulary& vocabulary, Tokenizer::Parts& parts) {
  if (list.is_null()) {
    return;
  }
  std::vector<AddedToken> tokens;
  for (const auto& node : list.elements()) {
    auto token = read_added_token(node);
    if (!token.content.empty()) {
      vocabulary.add_added(token.content, token.id,
                           token.special ? TokenKind::kControl : TokenKind::kUserDefined);
      tokens.push_back(std::move(token));
    }
  }
  // Where contents are equal after normalization, special tokens go first.
  std::stable_partition(tokens.begin(), tokens.end(),
                        [](const AddedToken& t) { return t.special; });
  std::vector<AddedToken> plain;
  std::vector<AddedToken> normalized;
  for (auto& token : tokens) {
    if (token.normalized && parts.nfc) {
      token.content = nfc(token.content);
    }
    (token.normalized ? normalized : plain).push_back(std::move(token));
  }
  parts.added = AddedTokenMatcher(std::move(plain));
  parts.added_normalized = AddedTokenMatcher(std::move(normalized));
}

// The ids that "special_tokens" gives to a template's name.
std::vector<int32_t> template_ids(const JsonNode& special_tokens, const JsonNode& name,
                                  int64_t token_count) {
  std::vector<int32_t> out;
  for (const auto& id : special_tokens.member(name.as_string()).member("ids").elements()) {
    if (id.as_integer() < 0 || id.as_integer() >= token_count) {
      id.reject(concat("id ", id.as_integer(), ", the file has ", token_count, " tokens"));
    }
    out.push_back(static_cast<int32_t>(id.as_integer()));
  }
  return out;
}

// [special tokens] $A [special tokens]
void read_template(const JsonNode& node, int64_t token_count, Tokenizer::Parts& parts) {
  bool after_text = false;
  std::vector<int32_t> prefix;
  std::vector<int32_t> suffix;
  for (const auto& piece : node.member("single").elements()) {
    if (const auto sequence = piece.member("Sequence"); !sequence.is_null()) {
      if (after_text || sequence.member("id").as_string() != "A") {
        piece.unsupported("a template other than one $A");
      }
      after_text = true;
      continue;
    }
    const auto ids = template_ids(node.member("special_tokens"),
                                  piece.member("SpecialToken").member("id"), token_count);
    auto& to = after_text ? suffix : prefix;
    to.insert(to.end(), ids.begin(), ids.end());
  }
  if (!after_text) {
    node.unsupported("a template without $A");
  }
  // A template in a sequence goes around what the ones before it made.
  parts.prefix.insert(parts.prefix.begin(), prefix.begin(), prefix.end());
  parts.suffix.insert(parts.suffix.end(), suffix.begin(), suffix.end());
}

void read_post_processor(const JsonNode& node, int64_t token_count, Tokenizer::Parts& parts) {
  if (node.is_null() || node.type() == "ByteLevel") {
    return;  // ByteLevel here is about offsets only
  }
  if (node.type() == "TemplateProcessing") {
    read_template(node, token_count, parts);
  } else if (node.type() == "Sequence") {
    for (const auto& step : node.member("processors").elements()) {
      read_post_processor(step, token_count, parts);
    }
  } else {
    node.unsupported(concat("post-processor type \"", escaped(node.type()), "\""));
  }
}

// Only what leaves decoding at "join the bytes" is accepted.
void check_decoder(const JsonNode& node, bool& has_byte_level) {
  if (node.is_null()) {
    return;
  }
  if (node.type() == "ByteLevel") {
    has_byte_level = true;
  } else if (node.type() == "Sequence") {
    for (const auto& step : node.member("decoders").elements()) {
      check_decoder(step, has_byte_level);
    }
  } else if (node.type() != "Fuse") {
    node.unsupported(concat("decoder type \"", escaped(node.type()), "\""));
  }
}

// tokenizer_config.json names a token by its text, bare or in an object.
std::optional<int32_t> named_token(const JsonNode& config, std::string_view name,
                                   const Vocabulary& vocabulary) {
  auto token = config.member(name);
  if (token.value().is_object()) {
    token = token.member("content");
  }
  return token.is_null() ? std::nullopt : vocabulary.find(token.as_string());
}

SpecialIds read_config(std::string_view text, std::string_view source,
                       const Vocabulary& vocabulary) {
  if (text.empty()) {
    return {};
  }
  const auto value = json::parse_value(text, source);
  const JsonNode config(value, concat(escaped(source), ": "));
  return {.bos = named_token(config, "bos_token", vocabulary),
          .eos = named_token(config, "eos_token", vocabulary),
          .unk = named_token(config, "unk_token", vocabulary),
          .pad = named_token(config, "pad_token", vocabulary),
          .eot = named_token(config, "eot_token", vocabulary)};
}

}  // namespace

std::shared_ptr<const Tokenizer> Tokenizer::from_json(std::string_view text,
                                                      std::string_view source,
                                                      std::string_view config_text,
                                                      std::string_view config_source) {
  auto file = read_tokenizer_json(text, source);
  const JsonNode root(file.rest, concat(escaped(source), ": "));
  auto parts = std::make_unique<Parts>();
  const auto model = root.member("model");
  parts->model = make_model(model, file);
  parts->nfc = normalizes_to_nfc(root.member("normalizer"));
  auto& vocabulary = *file.vocabulary;
  read_added_tokens(root.member("added_tokens"), vocabulary, *parts);
  vocabulary.finish();
  parts->pre_tokenizer = make_pre_tokenizer(root.member("pre_tokenizer"));
  read_post_processor(root.member("post_processor"), vocabulary.size(), *parts);
  bool has_byte_level = false;
  check_decoder(root.member("decoder"), has_byte_level);
  if (!has_byte_level) {
    root.member("decoder").unsupported("a decoder without ByteLevel");
  }
  parts->special_ids = read_config(config_text, config_source, vocabulary);
  parts->vocabulary = file.vocabulary;
  return std::make_shared<const Tokenizer>(std::move(parts));
}

}  // namespace pio::text
