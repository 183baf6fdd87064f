// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/module.h"

#include <gtest/gtest.h>

#include "pio/base/error.h"
#include "pio/nn/layers.h"

namespace pio::nn {
namespace {

struct Leaf : Module {
  explicit Leaf(const std::vector<std::string>& parameters) {
    for (const std::string& name : parameters) {
      static_cast<void>(register_parameter(name, Shape{2}, tensor::Init::kOnes));
    }
  }
};

struct Root : Module {
  Root(const std::string& first, const std::string& second) {
    register_module(first, a);
    register_module(second, b);
    static_cast<void>(register_parameter("own", Shape{1}, tensor::Init::kZeros));
  }
  Leaf a{{"w"}};
  Leaf b{{"w", "b"}};
};

TEST(Module, NamesByPlaceUnderTheRoot) {
  Root root("left", "right");
  std::vector<std::string> names;
  for (const auto& [name, slot] : root.name_parameters()) {
    EXPECT_EQ(slot->name, name);
    names.push_back(name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"own", "left.w", "right.w", "right.b"}));
  EXPECT_EQ(root.b.path(), "right");
}

TEST(Module, ANameIsTakenOnce) {
  const auto refused = [](auto make) {
    try {
      make();
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find("is registered already"), std::string::npos);
    }
  };
  refused([] { const Leaf twice({"w", "w"}); });
  refused([] { const Root twice("x", "x"); });
  refused([] { const Root twice("x", "own"); });
}

}  // namespace
}  // namespace pio::nn
