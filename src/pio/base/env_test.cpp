// SPDX-License-Identifier: Apache-2.0
#include "pio/base/env.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "pio/base/error.h"

namespace pio {
namespace {

constexpr const char* kName = "PIO_ENV_TEST";

class Env : public testing::Test {
 protected:
  ~Env() override { ::unsetenv(kName); }
  static void set(const char* value) { ::setenv(kName, value, 1); }
};

TEST_F(Env, UnsetAndEmptyAreNothing) {
  ::unsetenv(kName);
  EXPECT_EQ(env_string(kName), std::nullopt);
  set("");
  EXPECT_EQ(env_string(kName), std::nullopt);
  EXPECT_EQ(env_int(kName, 0, 9), std::nullopt);
  EXPECT_EQ(env_flag(kName), std::nullopt);
}

TEST_F(Env, EveryCallReadsTheValueOfNow) {
  set("3");
  EXPECT_EQ(env_int(kName, 0, 9), 3);
  set("4");
  EXPECT_EQ(env_int(kName, 0, 9), 4);
  EXPECT_EQ(env_string(kName), "4");
  set("0");
  EXPECT_EQ(env_flag(kName), false);
  set("1");
  EXPECT_EQ(env_flag(kName), true);
}

TEST_F(Env, OtherValuesAreErrorsThatNameThem) {
  for (const char* bad : {"10", "-1", "x", "1x", " 1", "1.0", "99999999999999999999"}) {
    set(bad);
    try {
      static_cast<void>(env_int(kName, 0, 9));
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find(std::string(kName) + "=\"" + bad + "\""),
                std::string::npos)
          << error.what();
    }
  }
  set("2");
  EXPECT_THROW(static_cast<void>(env_flag(kName)), Error);
}

}  // namespace
}  // namespace pio
