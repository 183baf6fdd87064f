// SPDX-License-Identifier: Apache-2.0
#include "pio/text/vocabulary.h"

#include <charconv>

#include "pio/base/error.h"
#include "pio/text/byte_alphabet.h"

namespace pio::text {
namespace {

// "<0x1F>" exactly, as vocabularies with byte tokens spell them.
std::optional<char> byte_of(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text.back() != '>') {
    return std::nullopt;
  }
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data() + 3, text.data() + 5, value, 16);
  return error == std::errc() && end == text.data() + 5 ? std::optional(static_cast<char>(value))
                                                        : std::nullopt;
}

bool is_added(TokenKind kind) {
  return kind == TokenKind::kControl || kind == TokenKind::kUserDefined ||
         kind == TokenKind::kUnknown;
}

}  // namespace

void Vocabulary::reserve(size_t count, size_t total_bytes) {
  table_.reserve(count, total_bytes);
  tokens_.reserve(count);
}

void Vocabulary::extend(int64_t count) {
  if (count > kMaxTokens) {
    fail(ErrorCode::kBadFile, concat(escaped(source_), ": token id ", count - 1,
                                     " is out of range, the limit is ", kMaxTokens));
  }
  if (count > size()) {
    tokens_.resize(static_cast<size_t>(count));
  }
}

void Vocabulary::add(std::string_view added, int64_t id, TokenKind kind) {
  if (id < 0 || id >= kMaxTokens) {
    fail(ErrorCode::kBadFile, concat(escaped(source_), ": token \"", escaped(added), "\" has id ",
                                     id, ", wanted 0 to ", kMaxTokens - 1));
  }
  extend(id + 1);
  auto& token = tokens_[static_cast<size_t>(id)];
  if (token.entry != kNone) {
    fail(ErrorCode::kBadFile,
         concat(escaped(source_), ": id ", id, " is given to \"",
                escaped(text(static_cast<int32_t>(id))), "\" and to \"", escaped(added), "\""));
  }
  if (!table_.insert(added, static_cast<int32_t>(id))) {
    fail(ErrorCode::kBadFile, concat(escaped(source_), ": token \"", escaped(added),
                                     "\" has two ids: ", *table_.find(added), " and ", id));
  }
  token.entry = static_cast<uint32_t>(table_.size() - 1);
  token.kind = kind;
  token.in_model = !is_added(kind);
}

void Vocabulary::add_added(std::string_view added, int64_t id, TokenKind kind) {
  const auto known = table_.find(added);
  if (!known) {
    add(added, id, kind);
    return;
  }
  if (*known != id) {
    fail(ErrorCode::kBadFile, concat(escaped(source_), ": added token \"", escaped(added),
                                     "\" has id ", id, ", but the model has it under ", *known));
  }
  tokens_[static_cast<size_t>(id)].kind = kind;
}

void Vocabulary::finish() {
  for (auto& token : tokens_) {
    if (token.entry == kNone) {
      continue;
    }
    const auto spelled = table_.text(token.entry);
    token.begin = static_cast<uint32_t>(bytes_.size());
    if (const auto byte = token.kind == TokenKind::kByte ? byte_of(spelled) : std::nullopt) {
      bytes_ += *byte;
    } else if (is_added(token.kind) || !try_append_bytes(bytes_, spelled)) {
      bytes_ += spelled;
    }
    token.size = static_cast<uint32_t>(bytes_.size()) - token.begin;
  }
}

std::optional<int32_t> Vocabulary::find_in_model(std::string_view wanted) const noexcept {
  const auto id = table_.find(wanted);
  return id && tokens_[static_cast<size_t>(*id)].in_model ? id : std::nullopt;
}

std::string_view Vocabulary::text(int32_t id) const noexcept {
  const auto* found = token(id);
  return found == nullptr || found->entry == kNone ? std::string_view() : table_.text(found->entry);
}

std::string_view Vocabulary::bytes(int32_t id) const noexcept {
  const auto* found = token(id);
  return found == nullptr ? std::string_view()
                          : std::string_view(bytes_).substr(found->begin, found->size);
}

TokenKind Vocabulary::kind(int32_t id) const noexcept {
  const auto* found = token(id);
  return found == nullptr ? TokenKind::kUnused : found->kind;
}

}  // namespace pio::text
