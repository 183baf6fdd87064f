// SPDX-License-Identifier: Apache-2.0
// Checkpoints that do not fit the model they name (hostile_inputs.md, M01-M08), as a Hugging Face folder and as a
// GGUF: each is refused with a message that says what is wrong.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "hostile_checkpoint.h"

namespace pio::models::llama::test {
namespace {

using formats::expect_rejected;

using Change = std::function<void(Parts&)>;

/// One way to be wrong. A change that is null has no form in that kind of file.
struct Case {
  const char* name;
  const char* hf_message;
  Change hf;
  const char* gguf_message;
  Change gguf;
  ErrorCode code = ErrorCode::kBadFile;
};

Change json(const char* key, const char* value) {
  return [=](Parts& p) {
    if (std::ranges::find(p.keys, std::string(key), &Parts::Key::name) == p.keys.end()) {
      p.keys.push_back({key, value});
    }
    p.key(key).json = value;
  };
}
Change no_key(const char* key) {
  return [=](Parts& p) { p.drop_key(key); };
}
Change meta(const char* key, GgufType type, std::string bytes) {
  return [=](Parts& p) {
    if (std::ranges::find(p.keys, std::string(key), &Parts::Key::name) == p.keys.end()) {
      p.keys.push_back({key, ""});
    }
    p.key(key).type = type;
    p.key(key).bytes = bytes;
  };
}
Change u32(const char* key, uint32_t value) { return meta(key, GgufType::kU32, raw(value)); }
Change f32(const char* key, float value) { return meta(key, GgufType::kF32, raw(value)); }

const float kNan = std::numeric_limits<float>::quiet_NaN();

const Case kCases[] = {
    {"M01 two missing", "missing model.embed_tokens.weight [40, 32], model.layers.1.mlp.up_proj.weight [48, 32]",
     [](Parts& p) { p.drop("model.embed_tokens.weight"), p.drop("model.layers.1.mlp.up_proj.weight"); },
     "missing blk.0.attn_q.weight [32, 32], blk.1.ffn_up.weight [48, 32]",
     [](Parts& p) { p.drop("blk.0.attn_q.weight"), p.drop("blk.1.ffn_up.weight"); }},
    {"M01 no embedding", "missing model.embed_tokens.weight",
     [](Parts& p) { p.drop("model.embed_tokens.weight"); }, "missing token_embd.weight [40, 32], blk.1.ffn_up.weight [48, 32]",
     [](Parts& p) { p.tokens = 40, p.drop("token_embd.weight"), p.drop("blk.1.ffn_up.weight"); }},
    {"M01 no tensors", "missing model.embed_tokens.weight", [](Parts& p) { p.tensors.clear(); },
     "\"vocab_size\" is missing", [](Parts& p) { p.tensors.clear(); }},
    {"M01 unexpected", "unexpected model.layers.0.self_attn.q_norm.weight",
     [](Parts& p) { p.tensors.push_back({"model.layers.0.self_attn.q_norm.weight", {8}}); },
     "unexpected blk.0.attn_q_norm.weight",
     [](Parts& p) { p.tensors.push_back({"blk.0.attn_q_norm.weight", {8}}); }},
    {"M02 transposed", "model.layers.0.self_attn.k_proj.weight: expected [16, 32], file has [32, 16]",
     [](Parts& p) { p.tensor("model.layers.0.self_attn.k_proj.weight").shape = {32, 16}; },
     "blk.0.attn_k.weight: expected [16, 32], file has [32, 16]",
     [](Parts& p) { p.tensor("blk.0.attn_k.weight").shape = {32, 16}; }},
    {"M02 rank", "model.norm.weight: expected [32], file has [1, 32]",
     [](Parts& p) { p.tensor("model.norm.weight").shape = {1, 32}; },
     "output_norm.weight: expected [32], file has [1, 32]",
     [](Parts& p) { p.tensor("output_norm.weight").shape = {1, 32}; }},
    {"M02 vocabulary", "the tokenizer has 41 tokens, the embedding 40 rows", [](Parts& p) { p.tokens = 41; },
     "the tokenizer has 41 tokens, the embedding 40 rows", [](Parts& p) { p.tokens = 41; }},
    {"M04 no heads", "\"num_attention_heads\" is 0", json("num_attention_heads", "0"),
     "\"llama.attention.head_count\" is 0", u32("llama.attention.head_count", 0)},
    {"M04 no kv heads", "\"num_key_value_heads\" is 0", json("num_key_value_heads", "0"),
     "\"llama.attention.head_count_kv\" is 0", u32("llama.attention.head_count_kv", 0)},
    {"M04 head_dim 0", "\"head_dim\" is 0", json("head_dim", "0"), "\"llama.attention.key_length\" is 0",
     u32("llama.attention.key_length", 0)},
    {"M04 head_dim odd", "head_dim 7 is odd", json("head_dim", "7"), "head_dim 7 is odd",
     u32("llama.attention.key_length", 7)},
    {"M04 more kv heads than heads", "num_attention_heads 4 is not a multiple of num_key_value_heads 8",
     json("num_key_value_heads", "8"), "num_attention_heads 4 is not a multiple of num_key_value_heads 8",
     u32("llama.attention.head_count_kv", 8)},
    {"M04 heads and kv heads", "num_attention_heads 4 is not a multiple of num_key_value_heads 3",
     json("num_key_value_heads", "3"), "num_attention_heads 4 is not a multiple of num_key_value_heads 3",
     u32("llama.attention.head_count_kv", 3)},
    {"M04 hidden and heads", "hidden_size 33 is not a multiple of num_attention_heads 4",
     json("hidden_size", "33"), "hidden_size 33 is not a multiple of num_attention_heads 4",
     u32("llama.embedding_length", 33)},
    {"M05 text", "\"num_hidden_layers\" is \"2\"", json("num_hidden_layers", "\"2\""), "llama.block_count",
     meta("llama.block_count", GgufType::kString, formats::gguf_string("2"))},
    {"M05 float", "\"num_hidden_layers\" is 2.5", json("num_hidden_layers", "2.5"), "llama.block_count",
     f32("llama.block_count", 2.0f)},
    {"M05 null", "\"num_hidden_layers\" is null", json("num_hidden_layers", "null"),
     "\"llama.block_count\" is missing", no_key("llama.block_count")},
    {"M05 missing layers", "\"num_layers\" is missing, expected a whole number or key \"num_hidden_layers\"",
     no_key("num_hidden_layers"), "\"llama.block_count\" is missing", no_key("llama.block_count")},
    {"M05 missing hidden", "\"hidden_size\" is missing", no_key("hidden_size"),
     "\"llama.embedding_length\" is missing", no_key("llama.embedding_length")},
    {"M05 null heads", "\"num_attention_heads\" is null", json("num_attention_heads", "null"),
     "\"llama.attention.head_count\" is missing", no_key("llama.attention.head_count")},
    {"M05 null mlp", "\"intermediate_size\" is null", json("intermediate_size", "null"),
     "\"llama.feed_forward_length\" is missing", no_key("llama.feed_forward_length")},
    {"M05 null vocabulary", "\"vocab_size\" is null", json("vocab_size", "null"), nullptr, nullptr},
    {"M05 negative", "\"hidden_size\" is -32", json("hidden_size", "-32"), "\"llama.embedding_length\" is -32",
     meta("llama.embedding_length", GgufType::kI32, raw(int32_t{-32}))},
    {"M05 2^63", "\"hidden_size\" is 9223372036854775808", json("hidden_size", "9223372036854775808"),
     "llama.embedding_length", meta("llama.embedding_length", GgufType::kU64, raw(uint64_t{1} << 63))},
    {"M05 a list", "\"hidden_size\" is an array", json("hidden_size", "[32]"), "llama.block_count",
     meta("llama.block_count", GgufType::kArray, formats::gguf_array(4, 1, raw(uint32_t{2})))},
    {"M05 a flag as text", "\"tie_word_embeddings\" is \"no\"", json("tie_word_embeddings", "\"no\""),
     "llama.rope.freq_base", meta("llama.rope.freq_base", GgufType::kBool, std::string(1, '\1'))},
    {"M06 layers", "\"num_hidden_layers\" is 1000000000", json("num_hidden_layers", "1000000000"),
     "\"llama.block_count\" is 1000000000", u32("llama.block_count", 1000000000)},
    {"M06 more layers than tensors", "missing model.layers.2.", json("num_hidden_layers", "4096"),
     "missing blk.2.", u32("llama.block_count", 4096)},
    {"M06 vocabulary", "\"vocab_size\" is 2147483648", json("vocab_size", "2147483648"), nullptr, nullptr},
    {"M06 context", "\"max_position_embeddings\" is 1099511627776",
     json("max_position_embeddings", "1099511627776"), "\"llama.context_length\" is 1099511627776",
     meta("llama.context_length", GgufType::kU64, raw(uint64_t{1} << 40))},
    {"M07 theta 0", "\"rope_theta\" is 0", json("rope_theta", "0"), "\"llama.rope.freq_base\" is 0",
     f32("llama.rope.freq_base", 0.0f)},
    {"M07 theta negative", "\"rope_theta\" is -1", json("rope_theta", "-1.0"),
     "\"llama.rope.freq_base\" is -1", f32("llama.rope.freq_base", -1.0f)},
    {"M07 theta NaN", "config.json", json("rope_theta", "NaN"), "\"llama.rope.freq_base\" is ",
     f32("llama.rope.freq_base", kNan)},
    {"M07 eps 0", "\"rms_norm_eps\" is 0", json("rms_norm_eps", "0"),
     "\"llama.attention.layer_norm_rms_epsilon\" is 0", f32("llama.attention.layer_norm_rms_epsilon", 0.0f)},
    {"M07 eps negative", "\"rms_norm_eps\" is -1", json("rms_norm_eps", "-1e-5"),
     "\"llama.attention.layer_norm_rms_epsilon\" is -", f32("llama.attention.layer_norm_rms_epsilon", -1e-5f)},
    {"M07 eps NaN", "config.json", json("rms_norm_eps", "NaN"),
     "\"llama.attention.layer_norm_rms_epsilon\" is ", f32("llama.attention.layer_norm_rms_epsilon", kNan)},
    {"M07 scaling factor 0", "\"rope_scaling.factor\" is 0",
     json("rope_scaling", R"({"rope_type": "linear", "factor": 0})"), "\"llama.rope.scaling.factor\" is 0",
     [](Parts& p) {
       meta("llama.rope.scaling.type", GgufType::kString, formats::gguf_string("linear"))(p);
       f32("llama.rope.scaling.factor", 0.0f)(p);
     }},
    {"M07 frequency factors", "\"rope_scaling.high_freq_factor\" is 1",
     json("rope_scaling", R"({"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 1})"),
     "\"rope_freqs.weight\" is an array, expected numbers above 0",
     [](Parts& p) { p.tensors.push_back({"rope_freqs.weight", {4}, kNan}); }},
    {"M07 number of frequency factors", nullptr, nullptr, "rope_freqs.weight has 3 factors",
     [](Parts& p) { p.tensors.push_back({"rope_freqs.weight", {3}, 1.0f}); }},
    {"M08 unknown", "no architecture opens model type \"lama\"; nearest: llama", json("model_type", "\"lama\""),
     "no architecture opens model type \"lama\"; nearest: llama",
     meta("general.architecture", GgufType::kString, formats::gguf_string("lama")), ErrorCode::kUnsupported},
    {"M08 none", "no architecture opens model type \"\"", no_key("model_type"),
     "no architecture opens model type \"\"", no_key("general.architecture"), ErrorCode::kUnsupported},
};

void refuse(const Case& c, const char* message, const Change& change, bool gguf) {
  SCOPED_TRACE(concat(c.name, gguf ? " (GGUF)" : " (folder)"));
  const TempFolder folder;
  Parts parts = gguf ? gguf_parts() : hf_parts();
  change(parts);
  const auto path = gguf ? write_gguf(folder, parts) : write_hf(folder, parts);
  expect_rejected({.code = c.code,
                   .message = message,
                   .source = folder.path().filename().string(),
                   .names_byte = false},
                  [&] { static_cast<void>(load(path)); });
}

TEST(LlamaHostile, RefusesWhatDoesNotFit) {
  for (const Case& c : kCases) {
    if (c.hf) {
      refuse(c, c.hf_message, c.hf, false);
    }
    if (c.gguf) {
      refuse(c, c.gguf_message, c.gguf, true);
    }
  }
}

}  // namespace
}  // namespace pio::models::llama::test
