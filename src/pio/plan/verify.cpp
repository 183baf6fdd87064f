// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/verify.h"

#include "pio/base/error.h"
#include "pio/ops/broadcast.h"

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
    const Node& n = node_;
    if (n.op().is_leaf) {
      leaf();
    } else if (n.is(tensor::kReshape)) {
      const Shape& from = n.input(0)->shape();
      check(from.product(0, from.rank()) == n.shape().product(0, n.shape().rank()),
            "has another size than its input");
    } else if (n.is(tensor::kSlice)) {
      check(n.attrs().get_int("end") <= n.input(0)->shape()[-1].to_int(), "ends behind its input");
    } else if (n.is(ops::kLinear)) {
      linear();
    } else if (n.is(ops::kAdd) || n.is(ops::kMul) || n.is(ops::kSiluMul)) {
      check(n.inputs().size() == 2 && fits(*n.input(0)) && fits(*n.input(1)), "has odd inputs");
    } else if (n.is(ops::kGatherRows)) {
      check(n.input(1)->dtype() == DType::kI32, "has an index that is not i32");
    } else if (n.is(ops::kRmsNorm) || n.is(ops::kRmsNormQuant)) {
      check(n.inputs().size() == 1 || n.input(1)->shape() == Shape({n.input(0)->shape()[-1]}),
            "has a weight of another width");
    } else if (n.is(ops::kEmbedding)) {
      check(n.input(0)->dtype() == DType::kI32 && n.input(1)->shape()[-1] == n.shape()[-1],
            "has ids that are not i32, or rows of another width");
    } else if (n.is(ops::kRope)) {
      rotation(n, n.input(1));
    } else if (n.is(ops::kRopeKv)) {
      rotation(*n.input(0), n.input(3));
      for (size_t i = 4; i < n.inputs().size(); ++i) {
        check(n.input(i)->shape() == Shape({n.input(i - 4)->shape()[-1]}), "has a norm of another width");
      }
      cache_rows(n.input(1)->shape(), n.input(2)->shape());
    } else if (n.is(ops::kKvWrite)) {
      cache_rows(n.input(0)->shape(), n.input(1)->shape());
    } else if (n.is(ops::kAttention)) {
      check(n.input(1)->is(ops::kKvWrite) || n.input(1)->is(ops::kRopeKv), "reads no written state");
    } else if (n.is(ops::kSample)) {
      check(n.input(0)->dtype() == DType::kF32 && n.dtype() == DType::kI32, "has logits that are not f32");
    }
    for (const NodePtr& input : n.inputs()) {
      const bool is_quantized = input->dtype() == DType::kQ8Rows || input->dtype() == DType::kBF16Rows;
      check(!is_quantized || n.is(ops::kLinear), "reads quantized rows");
    }
  }

  void run_lowerable() const {
    if (node_.is(ops::kLinear)) {
      const NodePtr& weight = node_.input(1);
      check(weight->op().is_leaf, "has a weight that is computed");
      const quant::QuantType type = packed_type(weight);
      check(weight->shape()[1].to_int() % quant::traits(type).block_weights == 0,
            "has a weight of columns that are not whole blocks");
      check(node_.input(0)->dtype() == rows_dtype(type),
            "has rows of another kind than its weight's format takes");
    }
    check(!node_.is(ops::kSdpa) || node_.attrs().get_string("state").empty(), "is bound to no state");
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
  }

  [[nodiscard]] bool fits(const Node& operand) const {
    return ops::row_form(operand.shape(), node_.shape()) != ops::RowForm::kOther;
  }

  // table: [..., rotated dims] for the rows of x: [..., heads, head_dim].
  void rotation(const Node& x, const NodePtr& table) const {
    check(table->shape()[-1].to_int() <= x.shape()[-1].to_int(), "turns more dims than a head has");
    check(table->shape().product(0, table->shape().rank() - 1) == x.shape().product(0, x.shape().rank() - 2),
          "has a table of other rows");
  }

  void cache_rows(const Shape& k, const Shape& v) const {
    check(k.rank() == v.rank() && k[-2] == v[-2] && k.product(0, k.rank() - 2) == v.product(0, v.rank() - 2),
          "writes keys and values of other rows or heads");
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

void verify_lowerable(const Graph& graph) {
  verify(graph, "all passes");
  for (const NodePtr& node : topological(graph)) {
    Checker("all passes", *node).run_lowerable();
  }
}

}  // namespace pio::plan
