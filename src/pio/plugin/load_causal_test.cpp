// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/load_causal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"

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
