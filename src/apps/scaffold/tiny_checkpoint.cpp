// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/tiny_checkpoint.h"

#include <array>
#include <cmath>
#include <vector>

#include "apps/scaffold/tiny_config.h"
#include "apps/scaffold/write_text.h"
#include "pio/base/error.h"
#include "pio/base/fnv1a.h"
#include "pio/base/half.h"
#include "pio/base/split_mix.h"
#include "pio/formats/safetensors_writer.h"
#include "pio/nn/decoder.h"
#include "pio/plugin/decoder_config.h"
#include "pio/text/byte_alphabet.h"

namespace pio::apps {
namespace {

// Nearly normal, mean 0 and variance 1: sums of integers are the same everywhere, logarithms are
// not.
double normal(uint64_t& state) {
  constexpr int kTerms = 12;
  int64_t sum = 0;
  for (int i = 0; i < kTerms; ++i) {
    sum += static_cast<int64_t>(split_mix(state += kSplitMixStep) >> 32);
  }
  return static_cast<double>(sum - kTerms * (int64_t{1} << 31)) / 4294967296.0;
}

// Large enough that every layer moves the logits: else a wrong model passes.
double scale_of(std::string_view name, int64_t fan_in, bool tied) {
  const double unit = 1.0 / std::sqrt(static_cast<double>(fan_in));
  if (name.ends_with(".bias")) {
    return 0.3;
  }
  if (name.ends_with("embed_tokens.weight")) {
    return tied ? 1.6 * unit : 1.0;
  }
  if (name.starts_with("lm_head.")) {
    return 1.8 * unit;
  }
  const bool is_qk = name.find("q_proj.") != std::string_view::npos ||
                     name.find("k_proj.") != std::string_view::npos;
  return (is_qk ? 1.4 : 1.2) * unit;
}

void write_weights(const std::filesystem::path& path, const nn::DecoderSpec& spec) {
  nn::Decoder decoder(spec);
  std::vector<std::vector<uint16_t>> values;
  std::vector<formats::NewTensor> tensors;
  const auto parameters = decoder.name_parameters();
  values.reserve(parameters.size());
  for (const auto& [name, slot] : parameters) {
    formats::NewTensor tensor{.name = name, .dtype = "BF16"};
    int64_t count = 1;
    for (const Dim& dim : slot->shape.dims()) {
      tensor.shape.push_back(dim.to_int());
      count *= dim.to_int();
    }
    const bool is_norm = name.ends_with("norm.weight");
    const double scale = is_norm ? 0.25 : scale_of(name, tensor.shape.back(), spec.tied_head);
    uint64_t state = fnv1a(name);  // a stream of its own, whatever others there are
    auto& out = values.emplace_back();
    for (int64_t i = 0; i < count; ++i) {
      const double value = (is_norm ? 1.0 : 0.0) + scale * normal(state);
      out.push_back(f32_to_bf16(static_cast<float>(value)));
    }
    tensor.bytes = std::as_bytes(std::span(out));
    tensors.push_back(std::move(tensor));
  }
  formats::write_safetensors(path, tensors, {{"format", "pt"}});
}

json::Value special_token(int64_t id, const char* text) {
  return json::Object{{"id", id},        {"content", text}, {"single_word", false},
                      {"lstrip", false}, {"rstrip", false}, {"normalized", false},
                      {"special", true}};
}

// Every byte, a few merges, and the two special tokens.
json::Value tokenizer() {
  constexpr std::array<std::pair<const char*, const char*>, 14> kMerges = {{{"h", "e"},
                                                                            {"t", "he"},
                                                                            {"i", "n"},
                                                                            {"a", "n"},
                                                                            {"o", "n"},
                                                                            {"e", "r"},
                                                                            {"l", "l"},
                                                                            {"\xC4\xA0", "t"},
                                                                            {"\xC4\xA0", "a"},
                                                                            {"r", "e"},
                                                                            {"o", "r"},
                                                                            {"e", "s"},
                                                                            {"an", "d"},
                                                                            {"in", "g"}}};
  json::Object vocab;
  for (int byte = 0; byte < 256; ++byte) {
    const char raw = static_cast<char>(byte);
    std::string character;
    text::append_byte_characters(character, {&raw, 1});
    vocab.emplace_back(std::move(character), byte);
  }
  json::Array merges;
  for (const auto& [left, right] : kMerges) {
    merges.emplace_back(concat(left, " ", right));
    vocab.emplace_back(concat(left, right), static_cast<int64_t>(vocab.size()));
  }
  const json::Object byte_level = {{"type", "ByteLevel"},
                                   {"add_prefix_space", false},
                                   {"trim_offsets", true},
                                   {"use_regex", true}};
  return json::Object{{"version", "1.0"},
                      {"truncation", nullptr},
                      {"padding", nullptr},
                      {"added_tokens", json::Array{special_token(kTinyBos, "<s>"),
                                                   special_token(kTinyEos, "</s>")}},
                      {"normalizer", nullptr},
                      {"pre_tokenizer", byte_level},
                      {"post_processor", nullptr},
                      {"decoder", byte_level},
                      {"model", json::Object{{"type", "BPE"},
                                             {"dropout", nullptr},
                                             {"unk_token", nullptr},
                                             {"continuing_subword_prefix", nullptr},
                                             {"end_of_word_suffix", nullptr},
                                             {"fuse_unk", false},
                                             {"byte_fallback", false},
                                             {"ignore_merges", false},
                                             {"vocab", std::move(vocab)},
                                             {"merges", std::move(merges)}}}};
}

}  // namespace

void write_tiny_checkpoint(const std::filesystem::path& folder, const json::Object& config) {
  plugin::DecoderConfig decoder;
  decoder.load(formats::HfConfig(json::Value(config), "config.json"));
  write_text(folder / "config.json", json::Value(config).dump(2) + "\n");
  write_weights(folder / "model.safetensors", decoder.spec());
  write_text(folder / "tokenizer.json", tokenizer().dump() + "\n");
  const json::Object names = {
      {"tokenizer_class", "PreTrainedTokenizerFast"}, {"bos_token", "<s>"}, {"eos_token", "</s>"}};
  write_text(folder / "tokenizer_config.json", json::Value(names).dump(2) + "\n");
}

}  // namespace pio::apps
