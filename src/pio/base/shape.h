// SPDX-License-Identifier: Apache-2.0
// Shapes of tensors: dims that are plain numbers, or named dims with a capacity known while tracing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace pio {

/// The named dims of a traced graph; their live counts are step inputs.
enum class DimName : uint8_t { kStatic, kRows, kWanted, kPatches, kFrames, kEncRows, kSeqs };

/// "rows", "wanted" ...; "" for kStatic.
[[nodiscard]] std::string_view name(DimName dim) noexcept;

/// One dim: a number, or (while tracing) a named dim times `mul` over `div`, of which only the
/// capacity is known. `*` and `//` by a constant keep it named; its value is a trace error.
class Dim {
 public:
  Dim(int64_t size) : base_(size) {}  // NOLINT(google-explicit-constructor)
  Dim(int size) : base_(size) {}      // NOLINT(google-explicit-constructor)
  /// The named dim with `capacity`.
  Dim(DimName name, int64_t capacity) : name_(name), base_(capacity) {}

  [[nodiscard]] bool is_named() const noexcept { return name_ != DimName::kStatic; }
  [[nodiscard]] DimName name() const noexcept { return name_; }
  /// The number, or the most that the named dim can be.
  [[nodiscard]] int64_t capacity() const noexcept { return (base_ * mul_ + div_ - 1) / div_; }
  [[nodiscard]] int64_t mul() const noexcept { return mul_; }
  [[nodiscard]] int64_t div() const noexcept { return div_; }
  /// The number. Errors: kInvalidArgument "[trace] ..." with the way out, if named.
  [[nodiscard]] int64_t to_int() const;
  /// "576", "rows<=512", "2*rows<=1024".
  [[nodiscard]] std::string to_string() const;

  /// Whether both are the same number, or the same multiple of the same named dim.
  bool operator==(const Dim&) const = default;
  /// Errors: kInvalidArgument "[trace] ..." if named: model code must not depend on a step's size.
  bool operator==(int64_t size) const { return to_int() == size; }
  bool operator==(int size) const { return to_int() == size; }

 private:
  friend Dim operator*(const Dim& a, const Dim& b);
  friend Dim floor_div(const Dim& a, int64_t b);
  DimName name_ = DimName::kStatic;
  int64_t base_;  ///< the number, or the named dim's own capacity
  int64_t mul_ = 1;
  int64_t div_ = 1;  ///< without a common factor with mul
};

/// Product; at most one factor may be named. Errors: kInvalidArgument, also beyond int64.
[[nodiscard]] Dim operator*(const Dim& a, const Dim& b);
/// a // b. A named dim must be one that b divides whatever its live value: a multiple of b by its factor, or
/// patches and frames, which models cut into whole groups. Errors: kInvalidArgument.
[[nodiscard]] Dim floor_div(const Dim& a, int64_t b);

/// The dims of a tensor, outermost first.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<Dim> dims) : dims_(dims) {}
  explicit Shape(std::vector<Dim> dims) : dims_(std::move(dims)) {}

  [[nodiscard]] int rank() const noexcept { return static_cast<int>(dims_.size()); }
  /// Dim `axis`; negative counts from the end. Errors: kInvalidArgument outside the rank.
  [[nodiscard]] const Dim& operator[](int axis) const;
  [[nodiscard]] const std::vector<Dim>& dims() const noexcept { return dims_; }
  /// Elements at capacity. Errors: kInvalidArgument beyond int64.
  [[nodiscard]] int64_t elements() const;
  /// Product of all dims (one at most named).
  [[nodiscard]] Dim product(int first, int last) const;
  [[nodiscard]] bool has_named() const noexcept;
  /// The same shape with dim `axis` replaced. Errors: kInvalidArgument outside the rank.
  [[nodiscard]] Shape with(int axis, Dim dim) const;
  /// "[1, rows<=8, 576]".
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Shape&) const = default;

 private:
  std::vector<Dim> dims_;
};

}  // namespace pio
