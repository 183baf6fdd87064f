// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"
#include "pio/formats/hostile_test_support.h"
#include "pio/plugin/golden_case.h"

namespace pio::apps {
namespace {

namespace fs = std::filesystem;
using formats::TempFolder;

TEST(ModelFolder, HasAGoldenCaseInEitherLanguage) {
  const TempFolder folder;
  for (const char* language : {"cpp", "python"}) {
    const fs::path made = write_model_folder({.name = concat("in_", language),
                                              .language = language,
                                              .source = default_source(),
                                              .folder = folder.path()});
    EXPECT_EQ(made, folder.path() / concat("in_", language));
    const auto cases = plugin::golden_cases(made / "tests" / "golden");
    ASSERT_EQ(cases.size(), 1u);
    EXPECT_EQ(plugin::GoldenCase(cases[0]).prompts().size(), 4u);
  }
}

TEST(ModelFolder, AnErrorLeavesNothing) {
  const TempFolder folder;
  SourceConfig source = default_source();
  source.config.emplace_back("rope_scaling", "a text, which no reader takes");
  const NewModel model{.name = "mine", .language = "cpp", .source = source, .folder = folder.path()};
  EXPECT_THROW(write_model_folder(model), Error);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ModelFolder, M10WhatIsThereStays) {
  const TempFolder folder;
  folder.write("mine", "a file");
  const NewModel model{
      .name = "mine", .language = "cpp", .source = default_source(), .folder = folder.path()};
  try {
    write_model_folder(model);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), testing::HasSubstr("mine is there already"));
  }
  EXPECT_EQ(fs::file_size(folder.path() / "mine"), 6u);
}

}  // namespace
}  // namespace pio::apps
