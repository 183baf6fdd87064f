// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFour = R"({"name": "x", "version": "1", "type": "model", "description": "d"})";

TEST(Manifest, TheGuidesFourKeysSuffice) {
  const Manifest m = parse_manifest(kFour, "x.json");
  EXPECT_EQ(m.name, "x");
  EXPECT_EQ(m.version, "1");
  EXPECT_EQ(m.description, "d");
  EXPECT_TRUE(m.model_types.empty());
}

TEST(Manifest, ReadsWhatDiscoveryAdds) {
  const Manifest m = parse_manifest(
      R"({"name": "x", "version": "1", "type": "model", "description": "d", "language": "cpp",
          "model_types": ["a", "b"], "architectures": ["A"], "gguf_architectures": ["g"], "min_pio": "0.1",
          "entry_point": "plugin:Own"})",
      "x.json");
  EXPECT_EQ(m.language, "cpp");
  EXPECT_THAT(m.model_types, ElementsAre("a", "b"));
  EXPECT_THAT(m.architectures, ElementsAre("A"));
  EXPECT_THAT(m.gguf_architectures, ElementsAre("g"));
  EXPECT_EQ(m.min_pio, "0.1");
  EXPECT_EQ(m.entry_point, "plugin:Own");
}

TEST(Manifest, M10VersionOfTheEngine) {
  const auto with = [](const std::string& version) {
    std::string text = kFour;
    text.back() = ',';
    return text + " \"min_pio\": \"" + version + "\"}";
  };
  for (const char* old : {"0", "0.1", "0.0.9", "0.1.0"}) {
    EXPECT_EQ(parse_manifest(with(old), "x.json").min_pio, old);
  }
  for (const char* newer : {"99", "99.0", "0.99.1", "2147483647.0.0"}) {
    try {
      static_cast<void>(parse_manifest(with(newer), "x.json"));
      ADD_FAILURE() << "accepted " << newer;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
      EXPECT_THAT(error.what(), HasSubstr(std::string("x.json: key \"min_pio\" wants inference-pio ") +
                                          newer + " or newer, this is "));
    }
  }
  for (const char* bad : {"x", "1.", ".1", "1.2.3.4", "-1", "1.-2", "99999999999", "1 "}) {
    try {
      static_cast<void>(parse_manifest(with(bad), "x.json"));
      ADD_FAILURE() << "accepted " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFile);
      EXPECT_THAT(error.what(), HasSubstr("expected a version"));
    }
  }
}

TEST(Manifest, RefusesWhatIsWrong) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"", "x.json"},
      {"{", "x.json"},
      {"[]", "is of type array, expected an object"},
      {R"({"name": "x"} trailing)", "x.json"},
      {R"({"name": "x", "name": "y"})", "name"},
      {R"({"name": "x", "version": "1", "type": "model"})", "key \"description\" is missing"},
      {R"({"name": 5, "version": "1", "type": "model", "description": "d"})", "key \"name\" is integer"},
      {R"({"name": "", "version": "1", "type": "model", "description": "d"})", "key \"name\""},
      {R"({"name": "x", "version": "1", "type": "tool", "description": "d"})", "expected \"model\""},
      {R"({"name": "x", "version": "1", "type": "model", "description": "d", "language": "c"})",
       "key \"language\" is \"c\", expected \"cpp\" or \"python\""},
      {R"({"name": "x", "version": "1", "type": "model", "description": "d", "color": 1})",
       "unknown key \"color\""},
      {R"({"name": "x", "version": "1", "type": "model", "description": "d", "model_types": "a"})",
       "key \"model_types\" is string, expected a list of texts"},
      {R"({"name": "x", "version": "1", "type": "model", "description": "d", "architectures": [1]})",
       "key \"architectures\""},
  };
  for (const Case& c : cases) {
    try {
      static_cast<void>(parse_manifest(c.text, "x.json"));
      ADD_FAILURE() << "accepted " << c.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFile);
      EXPECT_THAT(error.what(), HasSubstr(c.message)) << c.text;
      EXPECT_THAT(error.what(), HasSubstr("x.json"));
    }
  }
}

}  // namespace
}  // namespace pio::plugin
