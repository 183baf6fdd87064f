// SPDX-License-Identifier: Apache-2.0
// What an op's lowering sees of the plan under construction: values as rows, packed weights, step inputs,
// cached states; and the kernel calls that it emits. Pointers are symbolic until the plan is bound.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"
#include "pio/tensor/node.h"

namespace pio::ops {

using tensor::Node;
using tensor::NodePtr;

/// The memory that a symbolic pointer leads into.
enum class Space : uint8_t {
  kNone,     ///< a null pointer
  kArena,    ///< a value of the step; id: its number
  kWeights,  ///< packed weights and constants; offset from their start
  kStep,     ///< the step's input block; id: a StepField
  kCount,    ///< a live count in it; id: a DimName
  kState,    ///< pages of a cached state; id: its number
};

/// A pointer that is known once the plan is bound.
struct Ref {
  Space space = Space::kNone;
  int32_t id = 0;
  int64_t offset = 0;
};

/// Arrays of the step's input block.
enum class StepField : uint8_t { kIds, kPositions, kSequence, kWanted, kRules, kPageTables, kHistory };

/// What a kernel writes for a value of rows that are not f32.
[[nodiscard]] constexpr kernels::RowFormat row_format(DType dtype) noexcept {
  return dtype == DType::kBF16Rows ? kernels::RowFormat::kBF16 : kernels::RowFormat::kQ8;
}

/// A value seen as rows: leading dims joined to `rows`, the rest contiguous `cols` elements.
struct RowsView {
  Ref ref;
  Dim rows = 0;
  int64_t cols = 0;
  int64_t stride_bytes = 0;
  DType dtype = DType::kF32;

  [[nodiscard]] int64_t stride() const { return stride_bytes / size_bytes(dtype); }
};

/// A packed matrix.
struct WeightView {
  Ref ref;
  quant::QuantType type = quant::QuantType::kF32;
  int64_t rows = 0;
  int64_t cols = 0;
};

/// A layer's key/value cache: what the loop must allocate for it.
struct StateSpec {
  std::string name;
  int64_t kv_heads = 0;
  int64_t head_dim = 0;
  int64_t value_dim = 0;
  bool operator==(const StateSpec&) const = default;
};

/// Where in a call's parameters a pointer must be written.
struct Relocation {
  int64_t param_offset;
  Ref ref;
};

/// One kernel call with typed parameters and the pointers it still lacks.
template <class Params>
struct Call {
  kernels::KernelId kernel;
  Params params{};
  std::vector<Relocation> relocations{};

  /// Has `field`, a pointer inside params, point to `ref` when bound.
  template <class T>
  void bind(T*& field, const Ref& ref) {
    if (ref.space != Space::kNone) {
      relocations.push_back({offset_of(&field), ref});
    }
  }
  /// Sets a count to a number, or to the live count of a named dim.
  void bind(kernels::Count& field, const Dim& dim) {
    field = {.live = nullptr, .fixed = dim.capacity(), .mul = dim.mul(), .div = dim.div()};
    if (dim.is_named()) {
      bind(field.live, {.space = Space::kCount, .id = static_cast<int32_t>(dim.name())});
    }
  }

 private:
  [[nodiscard]] int64_t offset_of(const void* field) const {
    return static_cast<const std::byte*>(field) - reinterpret_cast<const std::byte*>(&params);
  }
};

/// The plan's side of a lowering. Errors of shape or format are the op's: they were checked when the node was made.
class StepBuilder {
 public:
  virtual ~StepBuilder() = default;

  /// The value of `node` with dims [0, split) joined to rows; copied first where it does not lie so.
  [[nodiscard]] virtual RowsView rows(const NodePtr& node, int split) = 0;
  /// Room for the result of the node being lowered.
  [[nodiscard]] virtual RowsView result(int split) = 0;
  /// Room that only this step uses.
  [[nodiscard]] virtual Ref workspace(int64_t size_bytes) = 0;
  /// The packed form of a leaf matrix.
  [[nodiscard]] virtual WeightView weight(const NodePtr& leaf) = 0;
  /// A leaf's values as dense f32 (i32 for integer constants).
  [[nodiscard]] virtual Ref values(const NodePtr& leaf) = 0;
  /// The number of the state called spec.name. Errors: kInvalidArgument if it was asked for in another form.
  [[nodiscard]] virtual int32_t state(const StateSpec& spec) = 0;
  /// Entries of one sequence's page table.
  [[nodiscard]] virtual int64_t page_table_stride() const = 0;
  /// Number format of cached keys and values.
  [[nodiscard]] virtual kernels::KvType kv_type() const = 0;

  template <class Params>
  void emit(const Call<Params>& call) {
    static_assert(std::is_trivially_copyable_v<Params>);
    std::vector<std::byte> bytes(sizeof(Params));
    std::memcpy(bytes.data(), &call.params, sizeof(Params));
    emit_call(call.kernel, std::move(bytes), call.relocations);
  }

 private:
  virtual void emit_call(kernels::KernelId kernel, std::vector<std::byte> params,
                         std::vector<Relocation> relocations) = 0;
};

/// The pointer to a whole array of the input block.
[[nodiscard]] inline Ref step_field(StepField field) {
  return {.space = Space::kStep, .id = static_cast<int32_t>(field)};
}

/// How an op becomes kernel calls.
struct OpLowering {
  const tensor::OpDef* op;
  void (*lower)(const NodePtr& node, StepBuilder& builder);
};

/// The lowering of `op`. Errors: kInternal for leaves, views and ops that a pass must replace first.
[[nodiscard]] const OpLowering& lowering(const tensor::OpDef& op);

}  // namespace pio::ops
