// SPDX-License-Identifier: Apache-2.0
// Tokenizers from GGUF metadata. The file says little more than a name, tokenizer.ggml.pre, so that
// what each name stands for is written down here.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/bpe.h"
#include "pio/text/split_rules.h"
#include "pio/text/tokenizer_parts.h"
#include "pio/text/unicode.h"

namespace pio::text {
namespace {

// A step that is no pattern: every digit alone, as the Digits pre-tokenizer splits.
constexpr std::string_view kEachDigit = "digits";

struct Preset {
  std::vector<std::string_view> names;
  std::vector<std::string_view> steps;  // split patterns, in order
  bool nfc = false;
  bool ignore_merges = false;
  bool add_bos = false;
};

constexpr std::string_view kPunctuationRuns = R"([\p{P}\$\+<=>\^~\|]+)";

// clang-format off
const Preset* find_preset(std::string_view name) {
  static const Preset presets[] = {
      {.names = {"gpt-2", "phi-2", "jais", "trillion", "granite-docling"}, .steps = {kGpt2Pattern}},
      {.names = {"mpt", "olmo"}, .steps = {kGpt2Pattern}, .nfc = true},
      {.names = {"smollm", "starcoder", "refact", "codeshell"}, .steps = {kEachDigit, kGpt2Pattern}},
      {.names = {"command-r"}, .steps = {kEachDigit, kGpt2Pattern}, .nfc = true},
      {.names = {"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"},
       .steps = {kLlama3Pattern}, .ignore_merges = true, .add_bos = true},
      {.names = {"dbrx", "smaug-bpe", "chatglm-bpe"}, .steps = {kLlama3Pattern}},
      {.names = {"glm4"}, .steps = {kLlama3Pattern}, .ignore_merges = true},
      {.names = {"qwen2"}, .steps = {kQwen2Pattern}, .nfc = true},
      {.names = {"qwen35"}, .steps = {kQwen35Pattern}},
      {.names = {"stablelm2", "deepseek-r1-qwen", "megrez", "hunyuan"}, .steps = {kQwen2Pattern}},
      {.names = {"gpt-4o", "llama4"}, .steps = {kO200kPattern}},
      {.names = {"tekken"}, .steps = {kTekkenPattern}, .ignore_merges = true, .add_bos = true},
      {.names = {"falcon"}, .steps = {R"([\p{P}\$\+<=>\^~\|`]+)", kGpt2Pattern, "[0-9][0-9][0-9]"}},
      {.names = {"deepseek-coder"},
       .steps = {"[\r\n]", R"(\s?\p{L}+)", R"(\s?\p{P}+)", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", kEachDigit}},
      {.names = {"deepseek-v3", "hunyuan-dense"},
       .steps = {R"(\p{N}{1,3})", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
                 R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      // What files without a name mean.
      {.names = {"", "default"}, .steps = {kPunctuationRuns, kGpt2Pattern, R"(\p{N}+)", "[0-9][0-9][0-9]"}},
  };
  for (const auto& preset : presets) {
    if (std::find(preset.names.begin(), preset.names.end(), name) != preset.names.end()) {
      return &preset;
    }
  }
  return nullptr;
}
// clang-format on

std::unique_ptr<const PreTokenizer> make_pre_tokenizer(const Preset& preset,
                                                       std::string_view where) {
  std::vector<std::unique_ptr<const PreTokenizer>> steps;
  for (const auto step : preset.steps) {
    std::unique_ptr<const Matcher> matcher;
    if (step == kEachDigit) {
      matcher = std::make_unique<SetMatcher>(digit_characters());
    } else {
      matcher = make_regex_matcher(step, where);
    }
    steps.push_back(std::make_unique<Split>(std::move(matcher), SplitBehavior::kIsolated));
  }
  return std::make_unique<PreTokenizerSequence>(std::move(steps));
}

TokenKind kind_of(int64_t type, const std::string& source, size_t id) {
  switch (type) {
    case 0:
    case 1:
      return TokenKind::kNormal;
    case 2:
      return TokenKind::kUnknown;
    case 3:
      return TokenKind::kControl;
    case 4:
      return TokenKind::kUserDefined;
    case 5:
      return TokenKind::kUnused;
    case 6:
      return TokenKind::kByte;
    default:
      fail(ErrorCode::kBadFile, concat(escaped(source), ": tokenizer.ggml.token_type[", id, "] is ",
                                       type, ", wanted 0 to 6"));
  }
}

// Also collects the tokens that are looked for in the text.
std::shared_ptr<Vocabulary> read_tokens(const VocabSpec& spec, std::vector<AddedToken>& added) {
  const auto count = spec.tokens.size();
  if (count == 0 || (!spec.token_types.empty() && spec.token_types.size() != count)) {
    fail(ErrorCode::kBadFile,
         concat(escaped(spec.source), ": ", count, " tokenizer.ggml.tokens and ",
                spec.token_types.size(), " token types"));
  }
  auto vocabulary = std::make_shared<Vocabulary>(spec.source);
  vocabulary->extend(static_cast<int64_t>(count));
  size_t total_bytes = 0;
  for (const auto token : spec.tokens) {
    total_bytes += token.size();
  }
  vocabulary->reserve(count, total_bytes);
  for (size_t id = 0; id < count; ++id) {
    const auto text = spec.tokens[id];
    const auto kind = spec.token_types.empty() ? TokenKind::kNormal
                                               : kind_of(spec.token_types[id], spec.source, id);
    if (text.empty()) {
      continue;  // an id without a token
    }
    vocabulary->add(text, static_cast<int64_t>(id), kind);
    if (kind == TokenKind::kControl || kind == TokenKind::kUnknown ||
        kind == TokenKind::kUserDefined) {
      if (text.size() > AddedTokenMatcher::kMaxBytes) {
        fail(ErrorCode::kUnsupported,
             concat(escaped(spec.source), ": control token ", id, " has ", text.size(),
                    " bytes, the limit is ", AddedTokenMatcher::kMaxBytes));
      }
      added.push_back({.content = std::string(text),
                       .id = static_cast<int32_t>(id),
                       .special = kind != TokenKind::kUserDefined});
    }
  }
  vocabulary->finish();
  return vocabulary;
}

MergeTable read_merges(const VocabSpec& spec, const Vocabulary& vocabulary) {
  MergeBuilder builder(vocabulary, spec.merges.size());
  for (size_t i = 0; i < spec.merges.size(); ++i) {
    const auto merge = spec.merges[i];
    const size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos) {
      fail(ErrorCode::kBadFile, concat(escaped(spec.source), ": tokenizer.ggml.merges[", i,
                                       "] is \"", escaped(merge), "\", wanted two tokens"));
    }
    builder.add(merge.substr(0, space), merge.substr(space + 1));
  }
  return builder.take();
}

std::optional<int32_t> checked_id(const VocabSpec& spec, std::string_view name,
                                  std::optional<int64_t> id) {
  if (id && (*id < 0 || *id >= static_cast<int64_t>(spec.tokens.size()))) {
    fail(ErrorCode::kBadFile, concat(escaped(spec.source), ": the ", name, " token is id ", *id,
                                     ", the file has ", spec.tokens.size(), " tokens"));
  }
  return id ? std::optional(static_cast<int32_t>(*id)) : std::nullopt;
}

void add_wanted(const VocabSpec& spec, std::string_view name, bool wanted,
                std::optional<int32_t> id, std::vector<int32_t>& to) {
  if (wanted && !id) {
    fail(ErrorCode::kBadFile,
         concat(escaped(spec.source), ": add_", name, "_token is set, but no ", name, " token"));
  }
  if (wanted) {
    to.push_back(*id);
  }
}

}  // namespace

std::shared_ptr<const Tokenizer> Tokenizer::from_vocab(const VocabSpec& spec) {
  const auto* preset = find_preset(spec.pre);
  if (preset == nullptr) {
    fail(ErrorCode::kUnsupported, concat(escaped(spec.source), ": tokenizer.ggml.pre \"",
                                         escaped(spec.pre), "\" is not supported"));
  }
  auto parts = std::make_unique<Parts>();
  std::vector<AddedToken> added;
  const auto vocabulary = read_tokens(spec, added);
  parts->special_ids = {.bos = checked_id(spec, "bos", spec.bos),
                        .eos = checked_id(spec, "eos", spec.eos),
                        .unk = checked_id(spec, "unk", spec.unk),
                        .pad = checked_id(spec, "pad", spec.pad),
                        .eot = checked_id(spec, "eot", spec.eot)};
  add_wanted(spec, "bos", spec.add_bos.value_or(preset->add_bos && spec.bos),
             parts->special_ids.bos, parts->prefix);
  add_wanted(spec, "eos", spec.add_eos.value_or(false), parts->special_ids.eos, parts->suffix);
  parts->added = AddedTokenMatcher(std::move(added));
  parts->nfc = preset->nfc;
  parts->pre_tokenizer =
      make_pre_tokenizer(*preset, concat(escaped(spec.source), ": tokenizer.ggml.pre ", spec.pre));
  parts->model = std::make_unique<Bpe>(vocabulary, read_merges(spec, *vocabulary),
                                       Bpe::Options{.ignore_merges = preset->ignore_merges});
  parts->vocabulary = vocabulary;
  return std::make_shared<const Tokenizer>(std::move(parts));
}

}  // namespace pio::text
