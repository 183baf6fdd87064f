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
/// capacity is known. `*` and `//` by a constant keep it named; to_int() of a named dim is a trace error.
class Dim {
 public:
  Dim(int64_t size) : capacity_(size) {}            // NOLINT(google-explicit-constructor)
  Dim(int size) : capacity_(size) {}                // NOLINT(google-explicit-constructor)
  /// The named dim with `capacity`.
  Dim(DimName name, int64_t capacity) : name_(name), capacity_(capacity) {}

  [[nodiscard]] bool is_named() const noexcept { return name_ != DimName::kStatic; }
  [[nodiscard]] DimName name() const noexcept { return name_; }
  /// The number, or the most that the named dim can be.
  [[nodiscard]] int64_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] int64_t mul() const noexcept { return mul_; }
  [[nodiscard]] int64_t div() const noexcept { return div_; }
  /// The number. Errors: kInvalidArgument "[trace] ..." with the way out, if named.
  [[nodiscard]] int64_t to_int() const;
  /// "576", "rows<=512", "2*rows<=1024".
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Dim&) const = default;

 private:
  friend Dim operator*(const Dim& a, const Dim& b);
  friend Dim floor_div(const Dim& a, int64_t b);
  DimName name_ = DimName::kStatic;
  int64_t capacity_;
  int64_t mul_ = 1;
  int64_t div_ = 1;
};

/// Product; at most one factor may be named. Errors: kInvalidArgument.
[[nodiscard]] Dim operator*(const Dim& a, const Dim& b);
/// a // b for a constant b that divides every live value. Errors: kInvalidArgument.
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
  /// Elements at capacity.
  [[nodiscard]] int64_t elements() const noexcept;
  /// Product of all dims (one at most named).
  [[nodiscard]] Dim product(int first, int last) const;
  [[nodiscard]] bool has_named() const noexcept;
  /// The same shape with dim `axis` replaced.
  [[nodiscard]] Shape with(int axis, Dim dim) const;
  /// "[1, rows<=8, 576]".
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Shape&) const = default;

 private:
  std::vector<Dim> dims_;
};

}  // namespace pio
