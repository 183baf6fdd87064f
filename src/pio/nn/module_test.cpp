// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/module.h"

#include <gtest/gtest.h>

#include <functional>

#include "pio/base/error.h"
#include "pio/nn/conv1d.h"
#include "pio/nn/layer_norm.h"
#include "pio/nn/layers.h"
#include "pio/ops/op_defs.h"

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

std::vector<std::string> shapes_of(Module& module) {
  std::vector<std::string> out;
  for (const auto& [name, slot] : module.name_parameters()) {
    out.push_back(name + " " + slot->shape.to_string());
  }
  return out;
}

void expect_refused(const std::function<void()>& make, const std::string& message) {
  try {
    make();
    ADD_FAILURE() << "accepted: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(LayerNorm, ParametersAndForward) {
  LayerNorm norm(8);
  EXPECT_EQ(shapes_of(norm), (std::vector<std::string>{"weight [8]", "bias [8]"}));
  LayerNorm plain(8, 1e-6, false);
  EXPECT_EQ(shapes_of(plain), (std::vector<std::string>{"weight [8]"}));
  const Tensor y = plain(Tensor::ones({2, 8}));
  EXPECT_TRUE(y.node()->is(ops::kLayerNorm));
  EXPECT_FLOAT_EQ(static_cast<float>(y.node()->attrs().get_double("eps")), 1e-6f);
  EXPECT_EQ(norm(Tensor::ones({2, 8})).node()->inputs().size(), 3u);
  expect_refused([] { const LayerNorm bad(0); }, "[LayerNorm] got dim 0");
  expect_refused([] { const LayerNorm bad(8, 0.0); }, "[LayerNorm] got dim 8 and eps 0");
}

TEST(Conv1d, ParametersAndForward) {
  Conv1d conv(4, 6, 3, 2, 1, 1, 2);
  EXPECT_EQ(shapes_of(conv), (std::vector<std::string>{"weight [6, 2, 3]", "bias [6]"}));
  EXPECT_EQ(conv(Tensor::ones({1, 4, 9})).shape(), Shape({1, 6, 5}));
  Conv1d plain(4, 6, 3, 1, 0, 1, 1, false);
  EXPECT_EQ(shapes_of(plain), (std::vector<std::string>{"weight [6, 4, 3]"}));
  EXPECT_EQ(plain(Tensor::ones({1, 4, 9})).node()->inputs().size(), 2u);
  expect_refused([] { const Conv1d bad(4, 6, 0); }, "[Conv1d] got in_channels 4, out_channels 6 and kernel_size 0");
  expect_refused([] { const Conv1d bad(4, 6, 3, 0); }, "[Conv1d] got stride 0, padding 0 and dilation 1");
  expect_refused([] { const Conv1d bad(4, 6, 3, 1, -1); }, "padding -1");
  expect_refused([] { const Conv1d bad(4, 6, 3, 1, 0, 1, 4); }, "[Conv1d] got 4 groups of 4 to 6 channels");
}

}  // namespace
}  // namespace pio::nn
