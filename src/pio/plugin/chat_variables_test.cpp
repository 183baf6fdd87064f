// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/chat_variables.h"

#include <gtest/gtest.h>

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

std::string variables(const char* messages, const json::Value& tools = nullptr) {
  const auto list = json::parse_value(messages, "test").as_array();
  return json::Value(template_variables({{"eos_token", "</s>"}}, list, tools, false)).dump();
}

TEST(ChatVariablesTest, AllThatTransformersPasses) {
  EXPECT_EQ(variables(R"([{"role": "user", "content": "hi"}])"),
            R"({"eos_token": "</s>", "messages": [{"role": "user", "content": "hi"}], )"
            R"("tools": null, "documents": null, "add_generation_prompt": false})");
  EXPECT_NE(variables("[]", json::Array{"t"}).find(R"("messages": [], "tools": ["t"])"),
            std::string::npos);
}

// Outputs of transformers 5.23 for the template {{ messages[0] | tojson }}.
TEST(ChatVariablesTest, MessagesAsTransformersNormalizesThem) {
  const auto message = [](const char* text) {
    const json::Value all(
        template_variables({}, json::parse_value(text, "test").as_array(), nullptr, true));
    return all.find("messages")->as_array().front().dump();
  };
  EXPECT_EQ(message(R"([{"role": "a", "content": null, "x": {"y": null}}])"),
            R"({"role": "a", "x": {"y": null}})");
  EXPECT_EQ(message(R"([{"role": "a", "reasoning": "r"}])"),
            R"({"thinking": "r", "role": "a", "reasoning": "r", "reasoning_content": "r"})");
  EXPECT_EQ(message(R"([{"role": "a", "reasoning_content": "r"}])"),
            R"({"thinking": "r", "role": "a", "reasoning_content": "r"})");
  EXPECT_EQ(message(R"([{"thinking": "r", "role": "a", "reasoning_content": null}])"),
            R"({"thinking": "r", "role": "a", "reasoning_content": "r"})");
}

TEST(ChatVariablesTest, AMessageIsAnObject) {
  try {
    static_cast<void>(variables(R"([{}, "hi"])"));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "message 1 is of type string, an object was wanted");
  }
}

}  // namespace
}  // namespace pio::plugin
