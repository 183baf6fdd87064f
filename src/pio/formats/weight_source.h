// SPDX-License-Identifier: Apache-2.0
// A checkpoint's tensors, whatever the kind of file they lie in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pio/quant/quant_type.h"

namespace pio::formats {

/// One tensor as it lies in a file. `bytes` has quant::size_bytes(type, elements) bytes at any
/// alignment: read it with quant::load or the codecs, never through a cast pointer.
struct TensorInfo {
  std::string name;
  quant::QuantType type;
  /// Row-major, outermost first, as PyTorch; GGUF's reversed dims are turned round. [] is a scalar.
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;  ///< valid as long as the source lives

  /// Elements: the product of shape. Errors: kBadFile if it does not fit 63 bits.
  [[nodiscard]] int64_t count() const;
};

/// A tensor of a type that no kernel reads (F64, I32, Q5_K ...): listed, so that a model which
/// needs it can name the type in its error.
struct OtherTensor {
  std::string name;
  std::string dtype;  ///< as the file format spells it: "I64", "F8_E4M3", "Q5_K"
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

/// A checkpoint's tensors, whatever the file kind. Immutable and thread-safe; keeps the mappings
/// alive.
class WeightSource {
 public:
  WeightSource() = default;
  WeightSource(const WeightSource&) = delete;
  WeightSource& operator=(const WeightSource&) = delete;
  virtual ~WeightSource();

  /// Every tensor with a weight format, in file order.
  [[nodiscard]] virtual const std::vector<TensorInfo>& tensors() const = 0;
  /// Every tensor of another type, in file order; none unless a source overrides it.
  [[nodiscard]] virtual const std::vector<OtherTensor>& others() const;
  /// The tensor `name`, or nullptr.
  [[nodiscard]] virtual const TensorInfo* find(std::string_view name) const;
  /// The tensor `name` among others(), or nullptr.
  [[nodiscard]] virtual const OtherTensor* find_other(std::string_view name) const;
  /// Whether there is a tensor `name`, of whatever type.
  [[nodiscard]] bool contains(std::string_view name) const {
    return find(name) != nullptr || find_other(name) != nullptr;
  }
  /// The file or folder, for messages.
  [[nodiscard]] virtual const std::string& path() const = 0;

  /// The tensor `name`. Errors: kBadFile if it is missing, kUnsupported naming its type if it is
  /// among others().
  [[nodiscard]] const TensorInfo& require(std::string_view name) const;
};

/// "[2, 3]", for messages.
[[nodiscard]] std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace pio::formats
