// SPDX-License-Identifier: Apache-2.0
#include "pio/text/tokenizer.h"

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/byte_alphabet.h"
#include "pio/text/nfc.h"
#include "pio/text/tokenizer_parts.h"

namespace pio::text {
namespace {

constexpr size_t kMaxTextBytes = size_t{1} << 30;  // NFC may triple a text: it still fits spans

// Appends the ids of plain text that is normalized and holds no added token.
void encode_plain(const Tokenizer::Parts& parts, std::string_view text, MatchState& state,
                  std::vector<int32_t>& out) {
  PreTokens tokens(text);
  parts.pre_tokenizer->apply(tokens, state);
  std::string bytes;
  std::string buffer;
  for (const Span span : tokens.spans) {
    auto piece = tokens.piece(span);
    if (tokens.byte_mapped) {
      bytes.clear();
      static_cast<void>(try_append_bytes(bytes, piece));
      piece = bytes;
    }
    parts.model->encode(piece, buffer, out);
  }
}

// Appends the ids of text that holds none of the tokens looked for before normalization.
void encode_normalized(const Tokenizer::Parts& parts, std::string_view text, bool parse_special,
                       MatchState& state, std::vector<int32_t>& out) {
  std::string owned;
  if (parts.nfc) {
    owned = nfc(text);
    text = owned;
  }
  for (const auto& segment : parts.added_normalized.split(text, parse_special)) {
    if (segment.id != Segment::kPlain) {
      out.push_back(segment.id);
      continue;
    }
    encode_plain(parts, text.substr(segment.span.begin, segment.span.end - segment.span.begin),
                 state, out);
  }
}

}  // namespace

Tokenizer::Tokenizer(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Tokenizer::~Tokenizer() = default;

std::vector<int32_t> Tokenizer::encode(std::string_view utf8, EncodeOptions options) const {
  PIO_CHECK(utf8.size() <= kMaxTextBytes, "[encode] got a text of ", utf8.size(),
            " bytes, the limit is ", kMaxTextBytes);
  std::string owned;
  if (!utf8::is_valid(utf8)) {
    owned = utf8::sanitized(utf8);
    utf8 = owned;
    PIO_CHECK(utf8.size() <= kMaxTextBytes, "[encode] got a text of ", utf8.size(),
              " bytes with its invalid UTF-8 replaced, the limit is ", kMaxTextBytes);
  }
  std::vector<int32_t> out;
  if (options.add_special) {
    out = parts_->prefix;
  }
  MatchState state(utf8.size());
  for (const auto& segment : parts_->added.split(utf8, options.parse_special)) {
    if (segment.id != Segment::kPlain) {
      out.push_back(segment.id);
      continue;
    }
    const auto plain = utf8.substr(segment.span.begin, segment.span.end - segment.span.begin);
    encode_normalized(*parts_, plain, options.parse_special, state, out);
  }
  if (options.add_special) {
    out.insert(out.end(), parts_->suffix.begin(), parts_->suffix.end());
  }
  return out;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  std::string bytes;
  for (const int32_t id : ids) {
    if (!skip_special || !is_special(id)) {
      bytes += token_bytes(id);
    }
  }
  return utf8::is_valid(bytes) ? bytes : utf8::sanitized(bytes);
}

std::string_view Tokenizer::token_bytes(int32_t id) const noexcept {
  return parts_->vocabulary->bytes(id);
}

TokenKind Tokenizer::kind(int32_t id) const noexcept { return parts_->vocabulary->kind(id); }

bool Tokenizer::is_special(int32_t id) const noexcept {
  const auto is = kind(id);
  return is == TokenKind::kControl || is == TokenKind::kUnknown;
}

std::optional<int32_t> Tokenizer::id_of(std::string_view token) const noexcept {
  return parts_->vocabulary->find(token);
}

int64_t Tokenizer::size() const noexcept { return parts_->vocabulary->size(); }

const SpecialIds& Tokenizer::special_ids() const noexcept { return parts_->special_ids; }

}  // namespace pio::text
