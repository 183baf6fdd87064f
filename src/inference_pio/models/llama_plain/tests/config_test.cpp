// SPDX-License-Identifier: Apache-2.0
// What the plain parts cannot do is refused, never left out in silence.
#include "../config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"

namespace pio::models::llama_plain {
namespace {

using testing::HasSubstr;

// A config that loads, with `more` behind its keys; later keys of a name win.
LlamaPlainConfig load(const json::Object& more) {
  json::Object all = {{"hidden_size", 32},        {"num_hidden_layers", 2},
                      {"num_attention_heads", 4}, {"intermediate_size", 48},
                      {"vocab_size", 40},         {"rope_theta", 10000.0}};
  for (const auto& [key, value] : more) {
    std::erase_if(all, [&, name = key](const auto& member) { return member.first == name; });
    all.emplace_back(key, value);
  }
  LlamaPlainConfig config;
  config.load(formats::HfConfig(json::Value(all), "config.json"));
  config.check();
  return config;
}

void expect_rejected(const char* message, const json::Object& more) {
  try {
    static_cast<void>(load(more));
    ADD_FAILURE() << "accepted; wanted: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadFile);
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

TEST(LlamaPlainConfig, KvHeadsAreTheHeadsByDefault) {
  EXPECT_EQ(load({}).kv_heads(), 4);
  EXPECT_EQ(load({{"num_key_value_heads", 2}}).kv_heads(), 2);
}

TEST(LlamaPlainConfig, RefusesWhatThePlainPartsCannotDo) {
  expect_rejected("\"sliding_window\" is 16, expected null", {{"sliding_window", 16}});
  expect_rejected("\"hidden_act\" is \"gelu\", expected \"silu\"", {{"hidden_act", "gelu"}});
  expect_rejected("\"attention_bias\" is true", {{"attention_bias", true}});
  expect_rejected("\"mlp_bias\" is true", {{"mlp_bias", true}});
  expect_rejected("\"head_dim\" is 16, expected hidden_size / num_attention_heads = 8",
                  {{"head_dim", 16}});
  EXPECT_EQ(load({{"sliding_window", nullptr},
                  {"hidden_act", "silu"},
                  {"attention_bias", false},
                  {"head_dim", 8}})
                .head_dim(),
            8);
}

TEST(LlamaPlainConfig, M04RefusesNumbersThatDoNotFit) {
  expect_rejected("\"num_attention_heads\" is 0", {{"num_attention_heads", 0}});
  expect_rejected("\"num_key_value_heads\" is 0", {{"num_key_value_heads", 0}});
  expect_rejected("num_attention_heads 4 is not a multiple of num_key_value_heads 3",
                  {{"num_key_value_heads", 3}});
  expect_rejected("num_attention_heads 4 is not a multiple of num_key_value_heads 8",
                  {{"num_key_value_heads", 8}});
  expect_rejected("hidden_size 33 is not a multiple of num_attention_heads 4",
                  {{"hidden_size", 33}});
  expect_rejected("head_dim 7 is odd", {{"hidden_size", 28}});
}

}  // namespace
}  // namespace pio::models::llama_plain
