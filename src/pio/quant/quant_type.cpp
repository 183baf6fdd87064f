// SPDX-License-Identifier: Apache-2.0
// The table of formats, one row for each line of quant_types.inc.
#include "pio/quant/quant_type.h"

#include <array>

#include "pio/quant/bf16.h"
#include "pio/quant/f16.h"
#include "pio/quant/f32.h"
#include "pio/quant/q4_0.h"
#include "pio/quant/q4_1.h"
#include "pio/quant/q4_k.h"
#include "pio/quant/q6_k.h"
#include "pio/quant/q8_0.h"

namespace pio::quant {
namespace {

constexpr auto kTraits = std::to_array<QuantTraits>({
#define PIO_QUANT_TYPE(id, name, gguf_id, block, bytes) \
  {QuantType::k##id, name, gguf_id, block, bytes, &Codec##id::dequantize, &Codec##id::quantize},
#include "pio/quant/quant_types.inc"
#undef PIO_QUANT_TYPE
});

}  // namespace

const QuantTraits& traits(QuantType type) noexcept { return kTraits[static_cast<size_t>(type)]; }

std::optional<QuantType> from_gguf_id(uint32_t gguf_id) noexcept {
  for (const QuantTraits& row : kTraits) {
    if (row.gguf_id == gguf_id) {
      return row.type;
    }
  }
  return std::nullopt;
}

}  // namespace pio::quant
