// SPDX-License-Identifier: Apache-2.0
// For tests of ops: inputs by shape, and checks of what an op refuses.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "pio/base/error.h"
#include "pio/ops/ops.h"

namespace pio::ops::testing_support {

inline Tensor floats(const Shape& shape) { return Tensor::ones(shape); }
inline Tensor ids(int64_t count) {
  return Tensor(std::vector<int32_t>(static_cast<size_t>(count), 0), {count});
}
// A value of the step that is being traced.
inline Tensor traced(const Shape& shape, DType dtype = DType::kF32) {
  static const tensor::OpDef op{.name = "input", .is_leaf = true};
  return Tensor(std::make_shared<tensor::Node>(op, std::vector<tensor::NodePtr>{}, tensor::Attrs{}, shape, dtype));
}
inline const Dim kRows(DimName::kRows, 8);

struct Case {
  std::function<Tensor()> build;
  std::string message;
};

inline void expect_refused(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    try {
      static_cast<void>(c.build());
      ADD_FAILURE() << "accepted: " << c.message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find(c.message), std::string::npos) << error.what();
    }
  }
}

}  // namespace pio::ops::testing_support
