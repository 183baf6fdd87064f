// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/load_causal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"
#include "pio/ops/ops.h"

namespace pio::plugin {
namespace {

const std::filesystem::path kCheckpoint = "src/inference_pio/models/llama/tests/golden/llama_tied";

// Notes whether it was loaded, with the opened files; has a loop of its own or none.
class Encoder : public ModelPluginInterface {
 public:
  explicit Encoder(bool& was_opened) : was_opened_(was_opened) {}
  void load_model(const LoadOptions& options) override {
    was_opened_ = options.checkpoint.has_value();
  }

 private:
  bool& was_opened_;
};

PluginClass encoder(bool& was_opened, bool own_loop) {
  return {.make = [&] { return std::make_unique<Encoder>(was_opened); }, .has_own_loop = own_loop};
}

std::string error_of(const ModelFactory& factory, const std::string& name,
                     const std::filesystem::path& path) {
  try {
    static_cast<void>(load_causal(factory, name, path, {}));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(LoadCausal, TheFilesAreOpenedOnce) {
  ModelFactory factory;
  bool was_opened = false;
  factory.add(Manifest{.name = "loop", .model_types = {"llama"}}, encoder(was_opened, true));
  EXPECT_NE(load_generative(factory, "", kCheckpoint, {}), nullptr);
  EXPECT_TRUE(was_opened);
  EXPECT_THAT(error_of(factory, "", kCheckpoint),
              testing::HasSubstr("\"loop\" has only a loop of its own"));
}

// Embedding and tied head alone; counts how often its code runs.
class Counting final : public nn::Model {
 public:
  explicit Counting(int& traces) : traces_(traces) {
    register_parameter("model.embed_tokens.weight", weight_, {256, 64}, tensor::Init::kUniform);
  }
  [[nodiscard]] nn::Tensor forward(const nn::Tensor& ids) const override {
    ++traces_;
    return ops::linear(ops::embedding(ids, weight_), weight_);
  }

 private:
  int& traces_;
  nn::Tensor weight_;
};

class CountingPlugin final : public CausalLMPlugin {
 public:
  explicit CountingPlugin(int& traces) : traces_(traces) {}

 protected:
  std::unique_ptr<BaseConfig> make_config() const override { return std::make_unique<BaseConfig>(); }
  std::shared_ptr<nn::Module> make_model(const BaseConfig& /*config*/) const override {
    return std::make_unique<Counting>(traces_);
  }

 private:
  int& traces_;
};

TEST(LoadCausal, AModelIsTracedOncePerCapacity) {
  int traces = 0;
  ModelFactory factory;
  factory.register_plugin("counting", {.make = [&] { return std::make_unique<CountingPlugin>(traces); },
                                       .kind = PluginKind::kCausalLM});
  const auto model = load_causal(factory, "counting", kCheckpoint, {.chunk = 64, .allow_extra = true});
  EXPECT_EQ(model->runner().vocab(), 256);
  EXPECT_EQ(traces, 3) << "plans of 1, 8 and 64 rows";
}

TEST(LoadCausal, WhatIsNotGenerativeIsNotLoaded) {
  ModelFactory factory;
  bool was_opened = false;
  factory.add(Manifest{.name = "encoder", .model_types = {"llama"}}, encoder(was_opened, false));
  EXPECT_EQ(error_of(factory, "", kCheckpoint), "architecture \"encoder\" is not generative");
  EXPECT_THROW(static_cast<void>(load_generative(factory, "encoder", kCheckpoint, {})), Error);
  EXPECT_FALSE(was_opened);
}

TEST(LoadCausal, AWrongNameIsToldBeforeTheFilesAreLookedAt) {
  EXPECT_THAT(error_of({}, "nope", "/none"), testing::HasSubstr("no architecture \"nope\""));
  EXPECT_THAT(error_of({}, "", "/none"), testing::HasSubstr("/none"));
}

}  // namespace
}  // namespace pio::plugin
