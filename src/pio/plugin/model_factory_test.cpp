// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/model_factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

using testing::HasSubstr;

struct TinyConfig : BaseConfig {
  int64_t width = 4;
  void fields(FieldVisitor& v) override {
    BaseConfig::fields(v);
    v.visit("width", width, 1, 100);
  }
};

class TinyPlugin final : public ModelPluginInterface {
 public:
  void load_model(const LoadOptions&) override { ++loads; }
  [[nodiscard]] const TinyConfig& tiny() { return dynamic_cast<TinyConfig&>(config()); }
  int loads = 0;

 protected:
  std::unique_ptr<BaseConfig> make_config() const override { return std::make_unique<TinyConfig>(); }
};

// Writes its own loop: the prompt again, backwards.
class EchoPlugin : public ModelPluginInterface {
 public:
  generation::GenerationResult infer(generation::Request request) override {
    generation::GenerationResult out;
    out.ids.assign(request.ids.rbegin(), request.ids.rend());
    out.finish_reason = generation::FinishReason::kStop;
    return out;
  }
};
class EchoChild final : public EchoPlugin {};

class CausalPlugin : public CausalLMPlugin {
 protected:
  std::unique_ptr<BaseConfig> make_config() const override { return std::make_unique<TinyConfig>(); }
  std::shared_ptr<nn::Module> make_model(const BaseConfig&) const override { return nullptr; }
};
class CausalLoop final : public CausalPlugin {
 public:
  generation::GenerationResult infer(generation::Request) override { return {}; }
};

const PluginClass kTiny = plugin_class<TinyPlugin>();

template <class F>
void expect_error(ErrorCode code, const char* message, F&& call) {
  try {
    call();
    ADD_FAILURE() << "accepted; wanted: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

TEST(ModelFactory, MakesWhatWasRegistered) {
  ModelFactory factory;
  factory.register_plugin("tiny", kTiny);
  const auto made = factory.create("tiny", {}, {{"width", 7}});
  auto& plugin = dynamic_cast<TinyPlugin&>(*made);
  EXPECT_EQ(plugin.tiny().width, 7);
  EXPECT_EQ(plugin.loads, 1) << "load_model() is a step of every life";
  const auto loaded = factory.create("tiny", "some/path", {});
  EXPECT_EQ(dynamic_cast<TinyPlugin&>(*loaded).config().model_path, "some/path");
  EXPECT_EQ(dynamic_cast<TinyPlugin&>(*loaded).loads, 1);
}

TEST(ModelFactory, ANameIsTakenOnce) {
  ModelFactory factory;
  factory.register_plugin("tiny", kTiny);
  expect_error(ErrorCode::kInvalidArgument, "\"tiny\" is there already", [&] { factory.register_plugin("tiny", kTiny); });
  EXPECT_EQ(factory.available().size(), 1u);
}

TEST(ModelFactory, ANameIsOneOfAFolder) {
  ModelFactory factory;
  for (const char* name : {"", "Tiny", "1st", "a-b", "a.b", "a b", "_a", "\xff"}) {
    expect_error(ErrorCode::kInvalidArgument, "expected a lower-case letter",
                 [&] { factory.register_plugin(name, kTiny); });
  }
  factory.register_plugin("a_1", kTiny);
}

// A decoder without a checkpoint is there to be looked at: fresh, and not fit to answer.
TEST(ModelFactory, WithoutAPathADecoderStaysFresh) {
  ModelFactory factory;
  factory.register_plugin("causal", plugin_class<CausalPlugin>());
  const auto made = factory.create("causal", {}, {{"width", 5}});
  EXPECT_EQ(dynamic_cast<CausalPlugin&>(*made).loaded(), nullptr);
  expect_error(ErrorCode::kInvalidArgument, "needs a model_path", [&] { static_cast<void>(made->infer({.ids = {1}})); });
  expect_error(ErrorCode::kNotFound, "no/such/file",
               [&] { static_cast<void>(factory.create("causal", "no/such/file", {})); });
}

TEST(ModelFactory, UnknownNamesTheNearest) {
  ModelFactory factory;
  expect_error(ErrorCode::kNotFound, "nearest: none", [&] { static_cast<void>(factory.find("x")); });
  for (const char* name : {"gemma", "llama", "mamba", "qwen"}) {
    factory.register_plugin(name, kTiny);
  }
  expect_error(ErrorCode::kNotFound, "no architecture \"lama\"; nearest: llama, ",
               [&] { static_cast<void>(factory.create("lama", {}, {})); });
}

TEST(ModelFactory, TheExactTypeBeatsAClassName) {
  ModelFactory factory;
  factory.add({.name = "wide", .model_types = {"wide"}, .architectures = {"SharedForCausalLM"}}, kTiny);
  factory.add({.name = "exact", .model_types = {"exact"}}, kTiny);
  const auto found = [&](const char* config) {
    formats::Checkpoint checkpoint{formats::CheckpointKind::kHuggingFace, "x", nullptr, nullptr, nullptr};
    checkpoint.config = std::make_shared<formats::HfConfig>(json::parse_value(config, "config.json"), "config.json");
    return factory.find_for(checkpoint).manifest.name;
  };
  EXPECT_EQ(found(R"({"model_type": "exact", "architectures": ["SharedForCausalLM"]})"), "exact");
  EXPECT_EQ(found(R"({"model_type": "other", "architectures": ["SharedForCausalLM"]})"), "wide");
}

TEST(ModelFactory, CreateRefusesUnknownFieldsAndBadValues) {
  ModelFactory factory;
  factory.register_plugin("tiny", kTiny);
  const auto create = [&](json::Object fields) {
    return [&factory, fields] { static_cast<void>(factory.create("tiny", {}, fields)); };
  };
  expect_error(ErrorCode::kInvalidArgument, "unknown config field \"depth\", expected one of model_name, ",
               create({{"depth", 1}}));
  EXPECT_THROW(create({{"depth", 1}})(), UnknownFieldError);
  expect_error(ErrorCode::kInvalidArgument, "\"width\" is \\\"7\\\"", create({{"width", "7"}}));
  expect_error(ErrorCode::kInvalidArgument, "\"width\" is 101", create({{"width", 101}}));
  expect_error(ErrorCode::kInvalidArgument, "\"width\" is null", create({{"width", nullptr}}));
}

// The interface alone is a plugin: it loads nothing and is not generative.
TEST(ModelFactory, EveryStepOfTheInterfaceHasABody) {
  ModelFactory factory;
  factory.register_plugin("bare", plugin_class<ModelPluginInterface>());
  const auto plugin = factory.create("bare", "some/path", {{"model_name", "x"}});
  EXPECT_EQ(plugin->config().model_name, "x");
  EXPECT_EQ(plugin->config().model_path, "some/path");
  EXPECT_FALSE(factory.find("bare").plugin.is_generative());
  expect_error(ErrorCode::kUnsupported, "not generative", [&] { static_cast<void>(plugin->infer({})); });
}

TEST(ModelFactory, AnOverriddenInferIsAnOwnLoop) {
  ModelFactory factory;
  factory.register_plugin("echo", plugin_class<EchoPlugin>());
  EXPECT_TRUE(factory.find("echo").plugin.has_own_loop);
  EXPECT_TRUE(factory.find("echo").plugin.is_generative());
  EXPECT_EQ(factory.find("echo").plugin.kind, PluginKind::kGeneric);
  EXPECT_EQ(factory.create("echo", "some/path", {})->infer({.ids = {1, 2, 3}}).ids,
            (std::vector<int32_t>{3, 2, 1}));
  EXPECT_TRUE(plugin_class<EchoChild>().has_own_loop) << "inherited from a class of the folder";

  EXPECT_EQ(plugin_class<CausalPlugin>().kind, PluginKind::kCausalLM);
  EXPECT_FALSE(plugin_class<CausalPlugin>().has_own_loop);
  EXPECT_TRUE(plugin_class<CausalPlugin>().is_generative());
  EXPECT_EQ(plugin_class<CausalLoop>().kind, PluginKind::kCausalLM);
  EXPECT_TRUE(plugin_class<CausalLoop>().has_own_loop);
  EXPECT_FALSE(kTiny.has_own_loop);
}

}  // namespace
}  // namespace pio::plugin
