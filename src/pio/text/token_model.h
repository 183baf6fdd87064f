// SPDX-License-Identifier: Apache-2.0
// What turns a pre-token into ids. One file per kind: bpe.h; Unigram and WordPiece go beside it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pio::text {

/// Immutable, so that threads may share it.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  /// Appends the ids of one pre-token, given as raw bytes, not empty. buffer: room that the calls
  /// of one text share; `piece` must not lie in it.
  virtual void encode(std::string_view piece, std::string& buffer,
                      std::vector<int32_t>& out) const = 0;
};

}  // namespace pio::text
