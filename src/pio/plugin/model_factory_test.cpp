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
  void initialize(const json::Object& fields) override { config.override_with(fields); }
  void load_model(const LoadOptions&) override { ++loads; }
  generation::GenerationResult infer(generation::Request) override { return {}; }
  TinyConfig config;
  int loads = 0;
};

std::unique_ptr<ModelPluginInterface> make_tiny() { return std::make_unique<TinyPlugin>(); }

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
  factory.register_plugin("tiny", make_tiny);
  const auto made = factory.create("tiny", {}, {{"width", 7}});
  auto& plugin = dynamic_cast<TinyPlugin&>(*made);
  EXPECT_EQ(plugin.config.width, 7);
  EXPECT_EQ(plugin.loads, 0) << "without a path nothing is loaded";
  const auto loaded = factory.create("tiny", "some/path", {});
  EXPECT_EQ(dynamic_cast<TinyPlugin&>(*loaded).config.model_path, "some/path");
  EXPECT_EQ(dynamic_cast<TinyPlugin&>(*loaded).loads, 1);
}

TEST(ModelFactory, ANameIsTakenOnce) {
  ModelFactory factory;
  factory.register_plugin("tiny", make_tiny);
  expect_error(ErrorCode::kInvalidArgument, "\"tiny\" is there already", [&] { factory.register_plugin("tiny", make_tiny); });
  EXPECT_EQ(factory.available().size(), 1u);
}

TEST(ModelFactory, UnknownNamesTheNearest) {
  ModelFactory factory;
  expect_error(ErrorCode::kNotFound, "nearest: none", [&] { static_cast<void>(factory.find("x")); });
  for (const char* name : {"gemma", "llama", "mamba", "qwen"}) {
    factory.register_plugin(name, make_tiny);
  }
  expect_error(ErrorCode::kNotFound, "no architecture \"lama\"; nearest: llama, ",
               [&] { static_cast<void>(factory.create("lama", {}, {})); });
}

TEST(ModelFactory, TheExactTypeBeatsAClassName) {
  ModelFactory factory;
  factory.add({.name = "wide", .model_types = {"wide"}, .architectures = {"SharedForCausalLM"}}, make_tiny);
  factory.add({.name = "exact", .model_types = {"exact"}}, make_tiny);
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
  factory.register_plugin("tiny", make_tiny);
  const auto create = [&](json::Object fields) {
    return [&factory, fields] { static_cast<void>(factory.create("tiny", {}, fields)); };
  };
  expect_error(ErrorCode::kInvalidArgument, "unknown config field \"depth\"", create({{"depth", 1}}));
  expect_error(ErrorCode::kInvalidArgument, "\"width\" is \\\"7\\\"", create({{"width", "7"}}));
  expect_error(ErrorCode::kInvalidArgument, "\"width\" is 101", create({{"width", 101}}));
  expect_error(ErrorCode::kInvalidArgument, "\"width\" is null", create({{"width", nullptr}}));
}

}  // namespace
}  // namespace pio::plugin
