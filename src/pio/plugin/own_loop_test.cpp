// SPDX-License-Identifier: Apache-2.0
// M11, as far as C++ goes: what a plugin's own loop throws is its request's error, and the next
// request is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"
#include "pio/plugin/model_factory.h"

namespace pio::plugin {
namespace {

// Echoes the prompt piece by piece; fails in the middle where the prompt says so.
class Echo : public ModelPluginInterface {
 public:
  generation::GenerationResult infer(generation::Request request) override {
    generation::GenerationResult out;
    for (const char c : request.prompt) {
      if (c == '!') {
        throw std::runtime_error("the loop broke");
      }
      if (c == '?') {
        fail(ErrorCode::kInvalidArgument, "[echo] got ?, expected text");
      }
      out.text += c;
      if (request.on_text && !request.on_text({&c, 1})) {
        out.finish_reason = generation::FinishReason::kCancelled;
        return out;
      }
    }
    out.finish_reason = generation::FinishReason::kStop;
    return out;
  }
};

generation::Request request(std::string prompt) {
  generation::Request out;
  out.prompt = std::move(prompt);
  return out;
}

TEST(OwnLoop, M11AnErrorIsThatRequestsAlone) {
  ModelFactory factory;
  factory.register_plugin("echo", plugin_class<Echo>());
  const auto plugin = factory.create("echo", {}, {});
  EXPECT_TRUE(plugin->has_own_loop());
  for (int round = 0; round < 3; ++round) {
    EXPECT_THROW(static_cast<void>(plugin->infer(request("ab!c"))), std::runtime_error);
    EXPECT_THROW(static_cast<void>(plugin->infer(request("ab?c"))), Error);
    EXPECT_EQ(plugin->infer(request("abc")).text, "abc");
  }
}

// The way out of an endless loop: on_text says false, which a loop that streams looks at.
TEST(OwnLoop, M11EndsWhenItsReaderHasEnough) {
  Echo plugin;
  auto endless = request(std::string(1'000'000, 'a'));
  int pieces = 0;
  endless.on_text = [&](std::string_view) { return ++pieces < 5; };
  const auto result = plugin.infer(std::move(endless));
  EXPECT_EQ(result.finish_reason, generation::FinishReason::kCancelled);
  EXPECT_EQ(result.text, "aaaaa");
}

// M10: a name that is taken is refused, naming it, and what was there stays.
TEST(OwnLoop, M10ATakenNameLeavesTheFirst) {
  ModelFactory factory;
  factory.register_plugin("echo", plugin_class<Echo>());
  try {
    factory.register_plugin("echo", plugin_class<ModelPluginInterface>());
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("\"echo\" is there already"));
  }
  EXPECT_TRUE(factory.find("echo").plugin.has_own_loop);
  EXPECT_EQ(factory.available().size(), 1u);
}

}  // namespace
}  // namespace pio::plugin
