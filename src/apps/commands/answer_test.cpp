// SPDX-License-Identifier: Apache-2.0
// Requests reach the loop that a plugin writes itself.
#include "answer.h"

#include <gtest/gtest.h>

#include "../checkpoints.h"
#include "pio/plugin/load_causal.h"

namespace pio::apps {
namespace {

// Its own loop: the prompt backwards, in pieces or at once.
class EchoPlugin final : public plugin::ModelPluginInterface {
 public:
  generation::GenerationResult infer(generation::Request request) override {
    generation::GenerationResult out;
    out.text.assign(request.prompt.rbegin(), request.prompt.rend());
    for (const char c : out.text) {
      if (request.max_tokens > 0 && !request.on_text({&c, 1})) {
        break;
      }
    }
    out.finish_reason = generation::FinishReason::kStop;
    return out;
  }
};

TEST(AnswerTest, AnOwnLoopIsCalled) {
  plugin::ModelFactory factory;
  factory.add({.name = "echo", .model_types = {"llama"}}, plugin::plugin_class<EchoPlugin>());
  const auto model = plugin::load_generative(
      factory, "", "src/inference_pio/models/llama/tests/golden/llama_tied", {});
  for (const int64_t streams : {0, 1}) {
    testing::internal::CaptureStdout();
    const auto result = answer(*model, {.prompt = "abc", .max_tokens = streams}, true);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "cba") << "once, streamed or not";
    EXPECT_EQ(result.text, "cba");
  }
}

// The interface's own infer: not generative.
class SilentPlugin final : public plugin::ModelPluginInterface {};

TEST(AnswerTest, ALoopThatAnswersNothingIsAModelThatIsRefused) {
  SilentPlugin model;
  EXPECT_THROW(static_cast<void>(answer(model, {.prompt = "abc"}, true)), ModelError);
}

}  // namespace
}  // namespace pio::apps
