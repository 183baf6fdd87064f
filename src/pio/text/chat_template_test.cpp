// SPDX-License-Identifier: Apache-2.0
// Goldens of tools/make_template_golden.py, and the interface of ChatTemplate.
#include "pio/text/chat_template.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "pio/base/error.h"
#include "pio/base/json.h"

namespace pio::text {
namespace {

using std::chrono::system_clock;

// 2024-07-15 12:34:56, the clock of the goldens.
const system_clock::time_point kNow{std::chrono::seconds(1721046896)};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

json::Object merged(const json::Value* shared, const json::Value* own) {
  json::Object out;
  if (own != nullptr) {
    out = own->as_object();
  }
  if (shared != nullptr) {
    for (const auto& member : shared->as_object()) {
      if (own == nullptr || own->find(member.first) == nullptr) {
        out.push_back(member);
      }
    }
  }
  return out;
}

void expect_error(const json::Value& wanted, const Error& error, const std::string& what) {
  if (wanted.as_string() == "syntax") {
    EXPECT_EQ(error.code(), ErrorCode::kBadFile) << what << error.what();
  } else if (wanted.as_string() == "run") {  // or found while parsing already
    EXPECT_TRUE(error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kBadFile)
        << what << error.what();
  } else {
    EXPECT_EQ(wanted.as_string(), error.what()) << what;
  }
}

void check_golden(const std::string& name) {
  const std::string folder = "tests/golden/chat_template/";
  const json::Value golden = json::parse_value(read_file(folder + name), name, {.max_depth = 64});
  const json::Value* file = golden.find("template_file");
  const std::string shared_text = file != nullptr ? read_file(folder + file->as_string()) : "";
  int cases = 0;
  for (const json::Value& each : golden.find("cases")->as_array()) {
    const json::Value* own_text = each.find("template");
    const std::string text = own_text != nullptr ? own_text->as_string() : shared_text;
    const json::Value* label = each.find("name");
    const std::string what = name + ": " + (label != nullptr ? label->as_string() : text) + "\n";
    try {
      const ChatTemplate parsed(text, name);
      const std::string out =
          parsed.render(merged(golden.find("variables"), each.find("variables")), {.now = kNow});
      const json::Value* wanted = each.find("output");
      ASSERT_NE(wanted, nullptr) << what << "gave: " << out;
      EXPECT_EQ(out, wanted->as_string()) << what;
    } catch (const Error& error) {
      ASSERT_NE(each.find("error"), nullptr) << what << error.what();
      expect_error(*each.find("error"), error, what);
    }
    ++cases;
  }
  EXPECT_GT(cases, 5) << name;
}

TEST(ChatTemplateGolden, SmolLm2) { check_golden("smollm2.json"); }
TEST(ChatTemplateGolden, ToolsAsXml) { check_golden("tools_xml.json"); }
TEST(ChatTemplateGolden, ToolsWithHeaders) { check_golden("tools_header.json"); }
TEST(ChatTemplateGolden, Language) { check_golden("language.json"); }

TEST(ChatTemplate, NothingIsAddedToTheVariables) {
  const ChatTemplate parsed("{{ add_generation_prompt is defined }}", "t");
  EXPECT_EQ(parsed.render({}), "False");
}

TEST(ChatTemplate, ClockIsGiven) {
  const ChatTemplate parsed("{{ strftime_now('%Y-%m-%d %H:%M:%S.%f|%Z|') }}", "t");
  EXPECT_EQ(parsed.render({}, {.now = kNow}), "2024-07-15 12:34:56.000000||");
  EXPECT_EQ(ChatTemplate("{{ strftime_now('%Y')|length }}", "t").render({}), "4");
}

TEST(ChatTemplate, RendersAgainAndFromCopies) {
  const ChatTemplate parsed("{% set ns = namespace(n=0) %}{% set ns.n = ns.n + 1 %}{{ ns.n }}",
                            "t");
  const ChatTemplate copy = parsed;
  EXPECT_EQ(parsed.render({}), "1");
  EXPECT_EQ(copy.render({}), "1");
}

TEST(ChatTemplate, ParseErrorsNameSourceLineAndColumn) {
  try {
    const ChatTemplate parsed("a\n{{ 1 +\u00e9 * }}", "model.gguf");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadFile);
    EXPECT_EQ(std::string(error.what()).rfind("model.gguf:2:11: ", 0), 0u) << error.what();
  }
}

TEST(ChatTemplate, RunErrorsNameSourceAndLine) {
  const ChatTemplate parsed("a\n\n{{ messages[0].content\n + 1 }}", "model.gguf");
  try {
    static_cast<void>(parsed.render({}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_STREQ(error.what(), "model.gguf:3: 'messages' is undefined");
  }
}

TEST(ChatTemplate, RefusesWhatIsNotText) {
  EXPECT_THROW(ChatTemplate("\xff", "t"), Error);
  EXPECT_THROW(ChatTemplate(std::string((size_t{1} << 20) + 1, 'x'), "t"), Error);
  const ChatTemplate parsed("{{ x }}", "t");
  EXPECT_THROW(static_cast<void>(parsed.render({{"x", uint64_t{1} << 63}})), Error);
  EXPECT_EQ(parsed.render({{"x", "a\xff"}}), "a\uFFFD");
}

}  // namespace
}  // namespace pio::text
