// SPDX-License-Identifier: Apache-2.0
// The tokens of a byte-level vocabulary: text, bytes and kind by id, and ids by text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/text/string_table.h"

namespace pio::text {

/// What a token is for.
enum class TokenKind : uint8_t { kNormal, kUnknown, kControl, kUserDefined, kUnused, kByte };

/// Tokens by id and by text; filled once, then read only.
class Vocabulary {
 public:
  /// Ids must be below this: about 16 times the largest vocabulary seen.
  static constexpr int64_t kMaxTokens = int64_t{1} << 22;

  /// `source` names the file in messages.
  explicit Vocabulary(std::string source) : source_(std::move(source)) {}
  /// Room for `count` tokens of `total_bytes` altogether.
  void reserve(size_t count, size_t total_bytes);

  /// Adds a token of the model. Errors: kBadFile for an id out of range or given twice, a text
  /// given twice.
  void add(std::string_view text, int64_t id, TokenKind kind = TokenKind::kNormal);
  /// Adds a token that is found in text before the model runs, or changes the kind of a token of
  /// the model. Errors: as add(), and kBadFile if the model has `text` under another id.
  void add_added(std::string_view text, int64_t id, TokenKind kind);
  /// Ids in [size(), count) exist without a token.
  void extend(int64_t count);
  /// Works out the bytes of every token; the last call before reading.
  void finish();

  /// Largest id + 1.
  [[nodiscard]] int64_t size() const noexcept { return static_cast<int64_t>(tokens_.size()); }
  /// The id of a token given as files spell it.
  [[nodiscard]] std::optional<int32_t> find(std::string_view text) const noexcept {
    return table_.find(text);
  }
  /// The table behind find(), for lookups by the thousand.
  [[nodiscard]] const StringTable& table() const noexcept { return table_; }
  /// As find(), but only among the tokens of the model itself.
  [[nodiscard]] std::optional<int32_t> find_in_model(std::string_view text) const noexcept;
  /// A token as files spell it; empty for an id without a token.
  [[nodiscard]] std::string_view text(int32_t id) const noexcept;
  /// What a token stands for; empty for an id without a token.
  [[nodiscard]] std::string_view bytes(int32_t id) const noexcept;
  /// kUnused for an id without a token.
  [[nodiscard]] TokenKind kind(int32_t id) const noexcept;

  [[nodiscard]] const std::string& source() const noexcept { return source_; }

 private:
  struct Token {
    uint32_t entry = kNone;  // in table_
    uint32_t begin = 0;      // in bytes_
    uint32_t size = 0;
    TokenKind kind = TokenKind::kUnused;
    bool in_model = false;
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  [[nodiscard]] const Token* token(int32_t id) const noexcept {
    return id >= 0 && id < size() ? &tokens_[static_cast<size_t>(id)] : nullptr;
  }

  std::string source_;
  StringTable table_;
  std::vector<Token> tokens_;
  std::string bytes_;
};

}  // namespace pio::text
