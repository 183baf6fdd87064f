// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/printer.h"

#include <gtest/gtest.h>

#include "pio/tensor/tensor.h"

namespace pio::tensor {
namespace {

const OpDef kScale{.name = "scale", .row_inputs = 1};

TEST(Printer, EveryKindOfNode) {
  auto slot = std::make_shared<Slot>();
  slot->name = "model.\"w\"";
  slot->shape = {4, 2};
  slot->packed_type = quant::QuantType::kQ8_0;
  const Tensor w = parameter(slot);
  const Tensor c(std::vector<float>{1.0f, -2.0f}, {2});
  const Dim rows(DimName::kRows, 8);
  const auto input = std::make_shared<Node>(kInput, std::vector<NodePtr>{}, Attrs{{"name", std::string("ids")}},
                                            Shape({1, rows}), DType::kI32);
  const auto scaled =
      std::make_shared<Node>(kScale, std::vector<NodePtr>{input, w.node(), c.node(), c.node()},
                             Attrs{{"factor", 2.0}, {"eps", 1e-5}, {"axis", int64_t{-1}}}, Shape({1, rows, 2}),
                             DType::kF32);
  const std::vector<std::pair<std::string, NodePtr>> outputs = {{"logits", scaled}, {"ids", input}};
  EXPECT_EQ(to_text(outputs),
            "pio-graph 1\n"
            "%0 input [1, rows<=8] i32 name=\"ids\"\n"
            "%1 parameter [4, 2] f32 slot=\"model.\\\"w\\\"\" packed=Q8_0\n"
            "%2 constant [2] f32 bytes=0000803f000000c0\n"
            "%3 scale [1, rows<=8, 2] f32 factor=2.0 eps=1e-05 axis=-1 <- %0 %1 %2 %2\n"
            "output \"logits\" %3\n"
            "output \"ids\" %0\n");
}

}  // namespace
}  // namespace pio::tensor
