// SPDX-License-Identifier: Apache-2.0
// What is said before the weights are packed.
#include <gtest/gtest.h>

#include "pio/base/log.h"
#include "pio/formats/hostile_test_support.h"
#include "pio/plugin/load_causal.h"

namespace pio {
namespace {

const std::filesystem::path kTied = "src/inference_pio/models/llama/tests/golden/llama_tied";

TEST(LoadOrder, ABrokenTokenizerIsToldBeforeTheWeightsArePacked) {
  const formats::TempFolder folder;
  for (const char* name : {"config.json", "model.safetensors"}) {
    std::filesystem::copy_file(kTied / name, folder.path() / name);
  }
  int packed = 0;
  plugin::LoadOptions options{.context = 64, .chunk = 8};
  options.progress = [&](int64_t, int64_t) { ++packed; };
  static_cast<void>(plugin::load_causal(plugin::model_factory(), "", folder.path(), options));
  EXPECT_GT(packed, 0);
  packed = 0;
  folder.write("tokenizer.json", "{");
  formats::expect_rejected({.message = "tokenizer.json"}, [&] {
    static_cast<void>(plugin::load_causal(plugin::model_factory(), "", folder.path(), options));
  });
  EXPECT_EQ(packed, 0);
}

TEST(LoadOrder, AContextBeyondTheModelsIsAWarning) {
  static std::string warned;
  log::set_sink([](log::Level, std::string_view line) { warned += line; }, log::Level::kWarning);
  for (const int64_t context : {int64_t{64}, int64_t{1} << 20}) {
    warned.clear();
    const auto model =
        plugin::load_causal(plugin::model_factory(), "", kTied, {.context = context, .chunk = 8});
    const int64_t made_for = model->config().max_position_embeddings;
    if (context > made_for) {
      EXPECT_EQ(warned, concat("context ", context, ": the model was made for ", made_for,
                               " positions, beyond them its answers may be bad"));
    } else {
      EXPECT_EQ(warned, "");
    }
  }
  log::set_sink(nullptr, log::Level::kWarning);
}

}  // namespace
}  // namespace pio
