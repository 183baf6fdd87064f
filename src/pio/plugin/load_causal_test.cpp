// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/load_causal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

const std::filesystem::path kCheckpoint = "src/inference_pio/models/llama/tests/golden/llama_tied";

// Not generative; notes whether it was handed the opened files.
class Encoder final : public ModelPluginInterface {
 public:
  explicit Encoder(bool& was_opened) : was_opened_(was_opened) {}
  void initialize(const json::Object&) override {}
  void load_model(const LoadOptions& options) override {
    was_opened_ = options.checkpoint.has_value();
  }
  generation::GenerationResult infer(generation::Request) override { return {}; }

 private:
  bool& was_opened_;
};

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
  factory.add(Manifest{.name = "encoder", .model_types = {"llama"}},
              [&] { return std::make_unique<Encoder>(was_opened); });
  EXPECT_EQ(error_of(factory, "", kCheckpoint), "architecture \"encoder\" is not generative");
  EXPECT_TRUE(was_opened);
}

TEST(LoadCausal, AWrongNameIsToldBeforeTheFilesAreLookedAt) {
  EXPECT_THAT(error_of({}, "nope", "/none"), testing::HasSubstr("no architecture \"nope\""));
  EXPECT_THAT(error_of({}, "", "/none"), testing::HasSubstr("/none"));
}

}  // namespace
}  // namespace pio::plugin
