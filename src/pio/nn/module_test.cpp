// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/module.h"

#include <gtest/gtest.h>

#include <deque>
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
      register_parameter(name, members.emplace_back(), Shape{2}, tensor::Init::kOnes);
    }
  }
  std::deque<Tensor> members;
};

struct Root : Module {
  Root(const std::string& first, const std::string& second) {
    register_module(first, a);
    register_module(second, b);
    register_parameter("own", own, Shape{1}, tensor::Init::kZeros);
  }
  Tensor own;
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

struct Link : Module {
  void add(Module& child) { register_module("next", child); }
};

TEST(Module, AChainWithoutEndIsRefused) {
  std::deque<Link> links(1000);
  for (size_t i = 0; i + 1 < links.size(); ++i) {
    links[i].add(links[i + 1]);
  }
  expect_refused([&] { static_cast<void>(links[0].named_parameters()); }, "\"next.next.next");
  EXPECT_EQ(links[900].named_modules().size(), 100u);
}

using Values = std::vector<std::pair<std::string, Tensor>>;

TEST(Module, NewParametersLeaveWhatWasComputedAlone) {
  Root root("left", "right");
  const Values old = root.named_parameters();
  const Tensor before = root.a.members[0];
  root.replace_parameters(Values{{"left.w", root.b.members[0]}, {"right.w", before}});
  EXPECT_EQ(root.a.members[0].node(), old[2].second.node());
  EXPECT_EQ(root.b.members[0].node(), old[1].second.node());
  EXPECT_EQ(before.node(), old[1].second.node());
  expect_refused([&] { root.replace_parameters(Values{{"left.w", old[0].second}}); }, "\"left.w\" got shape [1], expected [2]");
  expect_refused([&] { root.replace_parameters(Values{{"middle", before}}); }, "\"middle\", which is no parameter");
  expect_refused([&] { root.replace_parameters(Values{{"left.w", Tensor::ones({2})}}); }, "got a result of constant");
}

TEST(Module, AParameterInTwoPlacesIsReplacedInBoth) {
  Root root("left", "right");
  root.b.members[0] = root.a.members[0];
  EXPECT_EQ(root.named_parameters().size(), 3u);
  const Root other("left", "right");
  root.replace_parameters(Values{{"left.w", other.a.members[0]}});
  EXPECT_EQ(root.b.members[0].node(), other.a.members[0].node());
}

TEST(Module, ALaterNameKeepsTheFirstValues) {
  Linear layer(4, 2);
  const auto slot = layer.weight().node()->slot();
  const auto first = tensor::slot_values(*slot);
  slot->name = "another";
  EXPECT_EQ(tensor::slot_values(*slot), first);
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
