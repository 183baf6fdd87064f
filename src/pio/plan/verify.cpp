// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/verify.h"

#include "pio/base/error.h"

namespace pio::plan {
namespace {

class Checker {
 public:
  Checker(std::string_view stage, const Node& node) : stage_(stage), node_(node) {}

  void check(bool holds, std::string_view what) const {
    if (!holds) {
      fail(ErrorCode::kInternal, concat("[verify] after ", stage_, ": ", node_.op().name, " ",
                                        node_.shape().to_string(), " ", what));
    }
  }

  void run() const {
    if (node_.op().is_leaf) {
      leaf();
    } else if (node_.is(tensor::kReshape)) {
      const Shape& from = node_.input(0)->shape();
      check(from.product(0, from.rank()) == node_.shape().product(0, node_.shape().rank()),
            "has another size than its input");
    } else if (node_.is(tensor::kSlice)) {
      check(node_.attrs().get_int("end") <= node_.input(0)->shape()[-1].to_int(), "ends behind its input");
    } else if (node_.is(ops::kLinear)) {
      linear();
    } else if (node_.is(ops::kAdd) || node_.is(ops::kMul) || node_.is(ops::kSiluMul)) {
      check(node_.inputs().size() == 2 && node_.input(0)->shape() == node_.shape(), "has odd inputs");
    } else if (node_.is(ops::kGatherRows)) {
      check(node_.input(1)->dtype() == DType::kI32, "has an index that is not i32");
    }
    for (const NodePtr& input : node_.inputs()) {
      check(input->dtype() != DType::kQ8Rows || node_.is(ops::kLinear), "reads quantized rows");
    }
  }

 private:
  void leaf() const {
    const bool data = node_.is(tensor::kParameter) || node_.is(tensor::kConstant);
    check(data == (node_.slot() != nullptr), "has no slot, or one too many");
    check(node_.is(ops::kStack) || node_.inputs().empty(), "is a leaf with inputs");
  }

  void linear() const {
    const auto flags = node_.attrs().get_int("bias") + node_.attrs().get_int("residual");
    check(static_cast<int64_t>(node_.inputs().size()) == 2 + flags, "has a wrong number of inputs");
    const Shape& weight = node_.input(1)->shape();
    check(node_.input(0)->shape()[-1] == weight[1], "has a weight of other columns than its input");
    const int64_t width = node_.shape()[-1].to_int() * (node_.attrs().get_int("epilogue") != 0 ? 2 : 1);
    check(width == weight[0].to_int(), "has a weight of other rows than its result");
    check(node_.input(0)->dtype() != DType::kQ8Rows || takes_quantized(packed_type(node_.input(1))),
          "reads quantized rows for a float weight");
  }

  std::string_view stage_;
  const Node& node_;
};

}  // namespace

void verify(const Graph& graph, std::string_view stage) {
  for (const NodePtr& node : topological(graph)) {
    Checker(stage, *node).run();
  }
}

}  // namespace pio::plan
