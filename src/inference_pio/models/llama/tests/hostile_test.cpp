// SPDX-License-Identifier: Apache-2.0
// Checkpoints that do not fit the model they name (hostile_inputs.md, M01-M09), as a Hugging Face folder and as a
// GGUF, made from tiny weights: each is refused with a message that says what is wrong, or fails one request alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "pio/base/log.h"
#include "pio/formats/gguf_test_builder.h"
#include "pio/formats/safetensors_test_builder.h"
#include "pio/plugin/conformance.h"
#include "pio/plugin/load_causal.h"

namespace pio {
namespace {

using formats::expect_rejected;
using formats::GgufType;
using formats::raw;
using formats::TempFolder;

constexpr int64_t kHidden = 32, kHeads = 4, kKvHeads = 2, kHeadDim = 8, kMlp = 48, kVocab = 40;
constexpr int kLayers = 2;

/// A checkpoint's parts, right until a case changes them. Config values are JSON text, or for a GGUF raw bytes.
struct Parts {
  struct Tensor {
    std::string name;
    std::vector<int64_t> shape;
    float first = 0.01f;
  };
  struct Key {
    std::string name;
    std::string json;                   // config.json's value
    GgufType type = GgufType::kU32;     // and the GGUF's
    std::string bytes;
  };
  std::vector<Tensor> tensors;
  std::vector<Key> keys;
  int tokens = 0;  // of a tokenizer

  Tensor& tensor(std::string_view name) {
    return *std::ranges::find(tensors, name, &Tensor::name);
  }
  void drop(std::string_view name) {
    std::erase_if(tensors, [&](const Tensor& t) { return t.name == name; });
  }
  Key& key(std::string_view name) { return *std::ranges::find(keys, name, &Key::name); }
  void drop_key(std::string_view name) {
    std::erase_if(keys, [&](const Key& k) { return k.name == name; });
  }
};

Parts hf_parts() {
  Parts p;
  p.tensors = {{"model.embed_tokens.weight", {kVocab, kHidden}},
               {"model.norm.weight", {kHidden}},
               {"lm_head.weight", {kVocab, kHidden}}};
  for (int i = 0; i < kLayers; ++i) {
    const std::string at = concat("model.layers.", i, ".");
    const int64_t q = kHeads * kHeadDim, kv = kKvHeads * kHeadDim;
    p.tensors.insert(p.tensors.end(), {{at + "self_attn.q_proj.weight", {q, kHidden}},
                                       {at + "self_attn.k_proj.weight", {kv, kHidden}},
                                       {at + "self_attn.v_proj.weight", {kv, kHidden}},
                                       {at + "self_attn.o_proj.weight", {kHidden, q}},
                                       {at + "mlp.gate_proj.weight", {kMlp, kHidden}},
                                       {at + "mlp.up_proj.weight", {kMlp, kHidden}},
                                       {at + "mlp.down_proj.weight", {kHidden, kMlp}},
                                       {at + "input_layernorm.weight", {kHidden}},
                                       {at + "post_attention_layernorm.weight", {kHidden}}});
  }
  p.keys = {{"model_type", "\"llama\""},
            {"hidden_size", "32"},
            {"num_hidden_layers", "2"},
            {"num_attention_heads", "4"},
            {"num_key_value_heads", "2"},
            {"intermediate_size", "48"},
            {"vocab_size", "40"},
            {"max_position_embeddings", "64"},
            {"rms_norm_eps", "1e-5"},
            {"rope_theta", "10000.0"}};
  return p;
}

Parts gguf_parts() {
  Parts p = hf_parts();
  for (Parts::Tensor& tensor : p.tensors) {
    tensor.name = plugin::gguf_name(tensor.name);
  }
  const auto u32 = [](std::string name, uint32_t value) {
    return Parts::Key{"llama." + name, "", GgufType::kU32, raw(value)};
  };
  const auto f32 = [](std::string name, float value) {
    return Parts::Key{"llama." + name, "", GgufType::kF32, raw(value)};
  };
  p.keys = {{"general.architecture", "", GgufType::kString, formats::gguf_string("llama")},
            u32("embedding_length", 32),
            u32("block_count", 2),
            u32("attention.head_count", 4),
            u32("attention.head_count_kv", 2),
            u32("feed_forward_length", 48),
            u32("context_length", 64),
            f32("attention.layer_norm_rms_epsilon", 1e-5f),
            f32("rope.freq_base", 10000.0f)};
  return p;
}

int64_t count_of(const std::vector<int64_t>& shape) {
  int64_t out = 1;
  for (const int64_t dim : shape) {
    out *= dim;
  }
  return out;
}

std::string values_of(const Parts::Tensor& tensor) {
  const bool factors = tensor.name == "rope_freqs.weight";
  std::string out;
  for (int64_t i = 0; i < count_of(tensor.shape); ++i) {
    const float value = factors ? 1.0f : static_cast<float>((i * 37 % 101) - 50) / 250.0f;
    formats::put(out, i == 0 ? tensor.first : value);
  }
  return out;
}

std::string token_name(int i) { return concat("t", i); }

std::filesystem::path write_hf(const TempFolder& folder, const Parts& parts) {
  std::string header;
  std::string data;
  for (const Parts::Tensor& tensor : parts.tensors) {
    const std::string values = values_of(tensor);
    header += header.empty() ? "{" : ",";
    header += formats::entry(tensor.name, "F32", formats::shape_text(tensor.shape),
                             concat("[", data.size(), ",", data.size() + values.size(), "]"));
    data += values;
  }
  folder.write("model.safetensors", formats::safetensors(header.empty() ? "{}" : header + "}", data));
  std::string config;
  for (const Parts::Key& key : parts.keys) {
    config += concat(config.empty() ? "{" : ", ", "\"", key.name, "\": ", key.json);
  }
  folder.write("config.json", config + "}");
  if (parts.tokens > 0) {
    std::string vocab;
    for (int i = 0; i < parts.tokens; ++i) {
      vocab += concat(i == 0 ? "" : ", ", "\"", token_name(i), "\": ", i);
    }
    folder.write("tokenizer.json",
                 concat(R"({"version": "1.0", "added_tokens": [], "normalizer": null, )",
                        R"("pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}, )",
                        R"("post_processor": null, "decoder": {"type": "ByteLevel"}, )",
                        R"("model": {"type": "BPE", "merges": [], "vocab": {)", vocab, "}}}"));
  }
  return folder.path();
}

std::filesystem::path write_gguf(const TempFolder& folder, const Parts& parts) {
  formats::GgufBuilder builder;
  for (const Parts::Key& key : parts.keys) {
    builder.key(key.name, key.type, key.bytes);
  }
  if (parts.tokens > 0) {
    std::string texts;
    std::string types;
    for (int i = 0; i < parts.tokens; ++i) {
      texts += formats::gguf_string(token_name(i));
      formats::put(types, int32_t{1});
    }
    const auto array = [](GgufType type, int count, const std::string& bytes) {
      return formats::gguf_array(static_cast<uint32_t>(type), static_cast<uint64_t>(count), bytes);
    };
    builder.key_string("tokenizer.ggml.model", "gpt2");
    builder.key("tokenizer.ggml.tokens", GgufType::kArray, array(GgufType::kString, parts.tokens, texts));
    builder.key("tokenizer.ggml.token_type", GgufType::kArray, array(GgufType::kI32, parts.tokens, types));
    builder.key("tokenizer.ggml.merges", GgufType::kArray, array(GgufType::kString, 0, ""));
  }
  for (const Parts::Tensor& tensor : parts.tensors) {
    const std::string values = values_of(tensor);
    std::vector<uint64_t> dims(tensor.shape.rbegin(), tensor.shape.rend());
    builder.tensor(tensor.name, dims, /*F32*/ 0, values.size());
    builder.data.replace(builder.data.size() - values.size(), values.size(), values);
  }
  return folder.write("model.gguf", builder.build());
}

std::unique_ptr<plugin::CausalLMPlugin> load(const std::filesystem::path& path,
                                             const plugin::LoadOptions& options = {.chunk = 8}) {
  return plugin::load_causal(plugin::model_factory(), "", path, options);
}

generation::GenerationResult answer(plugin::CausalLMPlugin& model) {
  generation::Request request;
  request.ids = {1, 2, 3};
  request.max_tokens = 4;
  return model.infer(std::move(request));
}

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
    {"M01 two missing", "missing model.embed_tokens.weight, model.layers.1.mlp.up_proj.weight",
     [](Parts& p) { p.drop("model.embed_tokens.weight"), p.drop("model.layers.1.mlp.up_proj.weight"); },
     "missing blk.0.attn_q.weight, blk.1.ffn_up.weight",
     [](Parts& p) { p.drop("blk.0.attn_q.weight"), p.drop("blk.1.ffn_up.weight"); }},
    {"M01 no embedding", "missing model.embed_tokens.weight",
     [](Parts& p) { p.drop("model.embed_tokens.weight"); }, "missing token_embd.weight, blk.1.ffn_up.weight",
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

// A.3 (v): the parts unchanged load and answer, the same from both kinds of file but for the order of q and k.
TEST(LlamaHostile, UnchangedPartsLoad) {
  const TempFolder folder;
  const auto hf = load(write_hf(folder, hf_parts()));
  const auto gguf = load(write_gguf(folder, gguf_parts()));
  EXPECT_EQ(answer(*hf).ids.size(), 4u);
  EXPECT_EQ(answer(*gguf).ids.size(), 4u);
  EXPECT_EQ(answer(*hf).ids, answer(*hf).ids);
}

TEST(LlamaHostile, M01ExtraIsAWarningWhenAllowed) {
  static std::string warned;
  warned.clear();
  log::set_sink([](log::Level, std::string_view line) { warned += line; }, log::Level::kWarning);
  for (const bool gguf : {false, true}) {
    const TempFolder folder;
    Parts parts = gguf ? gguf_parts() : hf_parts();
    parts.tensors.push_back({"extra.weight", {8}});
    const auto model = load(gguf ? write_gguf(folder, parts) : write_hf(folder, parts),
                            {.chunk = 8, .allow_extra = true});
    EXPECT_EQ(answer(*model).finish_reason, generation::FinishReason::kLength);
    EXPECT_NE(warned.find("unexpected tensors: extra.weight"), std::string::npos) << warned;
    warned.clear();
  }
  log::set_sink(nullptr, log::Level::kWarning);
}

// A known inert buffer is no surprise.
TEST(LlamaHostile, M01InertBuffersPass) {
  const TempFolder folder;
  Parts parts = hf_parts();
  parts.tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", {4}});
  EXPECT_EQ(answer(*load(write_hf(folder, parts))).ids.size(), 4u);
}

TEST(LlamaHostile, M03NanFailsTheRequestAlone) {
  for (const float bad : {kNan, std::numeric_limits<float>::infinity()}) {
    for (const bool gguf : {false, true}) {
      const TempFolder good_folder;
      const TempFolder bad_folder;
      Parts parts = gguf ? gguf_parts() : hf_parts();
      const auto write = gguf ? write_gguf : write_hf;
      const auto good = load(write(good_folder, parts));
      const auto expected = answer(*good).ids;
      const std::string name = gguf ? "output_norm.weight" : "model.norm.weight";
      parts.tensor(name).first = bad;
      const auto path = write(bad_folder, parts);
      const auto broken = load(path);
      for (int i = 0; i < 2; ++i) {
        const auto result = answer(*broken);
        EXPECT_EQ(result.finish_reason, generation::FinishReason::kError);
        EXPECT_TRUE(result.error.starts_with("nan_logits")) << result.error;
        EXPECT_TRUE(result.ids.empty());
        EXPECT_EQ(answer(*good).ids, expected);
      }
      const auto results = plugin::check_model(plugin::model_factory(), "llama",
                                               {.goldens = bad_folder.path() / "none", .checkpoint = path});
      const auto finite = std::ranges::find(results, "finite weights", &plugin::CheckResult::name);
      ASSERT_NE(finite, results.end());
      EXPECT_EQ(finite->status, plugin::CheckStatus::kFailed);
      EXPECT_EQ(finite->detail, name + " has 1 that are not finite");
    }
  }
}

// The context is checked against memory before anything of its size is allocated.
TEST(LlamaHostile, M09TooMuchMemoryIsRefusedWithANumber) {
  for (const bool gguf : {false, true}) {
    const TempFolder folder;
    Parts parts = gguf ? gguf_parts() : hf_parts();
    json("max_position_embeddings", "2147483648")(parts);
    const auto path = gguf ? write_gguf(folder, gguf_parts()) : write_hf(folder, parts);
    const plugin::LoadOptions options{.context = gguf ? int64_t{1} << 31 : 0, .chunk = 8};
    for (const char* part : {"needs ", " GiB, ", " GiB free; try --ctx "}) {
      expect_rejected({.code = ErrorCode::kOutOfMemory, .message = part, .names_byte = false},
                      [&] { static_cast<void>(load(path, options)); });
    }
    EXPECT_EQ(answer(*load(path, {.context = 64, .chunk = 8})).ids.size(), 4u);
  }
}

}  // namespace
}  // namespace pio
