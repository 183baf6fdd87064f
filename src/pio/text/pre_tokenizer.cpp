// SPDX-License-Identifier: Apache-2.0
#include "pio/text/pre_tokenizer.h"

#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/byte_alphabet.h"
#include "pio/text/split_rules.h"

namespace pio::text {
namespace {

struct Piece {
  Span span;
  bool is_match;
};

// Matches and what lies between them, in order; matches may be empty.
void cover(std::string_view text, const std::vector<Span>& matches, bool invert,
           std::vector<Piece>& out) {
  uint32_t at = 0;
  for (const Span match : matches) {
    if (match.begin > at) {
      out.push_back({{at, match.begin}, invert});
    }
    out.push_back({match, !invert});
    at = match.end;
  }
  if (at < text.size()) {
    out.push_back({{at, static_cast<uint32_t>(text.size())}, invert});
  }
}

// Joins each piece that `joins` to its neighbour before it in `pieces`.
template <class Joins>
void join(const std::vector<Piece>& pieces, Joins joins, std::vector<Span>& out) {
  bool after_match = false;
  const size_t first = out.size();
  for (const auto& piece : pieces) {
    if (joins(piece.is_match, after_match) && out.size() > first) {
      out.back() = {std::min(out.back().begin, piece.span.begin),
                    std::max(out.back().end, piece.span.end)};
    } else {
      out.push_back(piece.span);
    }
    after_match = piece.is_match;
  }
}

void cut(std::vector<Piece>& pieces, SplitBehavior behavior, std::vector<Span>& out) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
    case SplitBehavior::kIsolated:
      for (const auto& piece : pieces) {
        if (behavior == SplitBehavior::kIsolated || !piece.is_match) {
          out.push_back(piece.span);
        }
      }
      break;
    case SplitBehavior::kContiguous:
      join(
          pieces, [](bool is_match, bool after_match) { return is_match == after_match; }, out);
      break;
    case SplitBehavior::kMergedWithPrevious:
      join(
          pieces, [](bool is_match, bool after_match) { return is_match && !after_match; }, out);
      break;
    case SplitBehavior::kMergedWithNext: {
      // The same from behind.
      const auto first = static_cast<ptrdiff_t>(out.size());
      std::reverse(pieces.begin(), pieces.end());
      join(
          pieces, [](bool is_match, bool after_match) { return is_match && !after_match; }, out);
      std::reverse(out.begin() + first, out.end());
      break;
    }
  }
}

}  // namespace

PreTokens::PreTokens(std::string_view whole) : text_(whole) {
  PIO_CHECK(whole.size() <= kMaxSpanBytes, "[encode] got a text of ", whole.size(),
            " bytes once normalized, the limit is ", kMaxSpanBytes);
  if (!whole.empty()) {
    spans.push_back({0, static_cast<uint32_t>(whole.size())});
  }
}

std::string PreTokens::room_to_rewrite() const {
  PIO_CHECK(text_.size() * 2 + spans.size() <= kMaxSpanBytes, "[encode] got a text of ",
            text_.size(), " bytes, in the byte alphabet it may pass the limit of ", kMaxSpanBytes);
  std::string out;
  out.reserve(text_.size() + spans.size());
  return out;
}

Split::Split(std::unique_ptr<const Matcher> matcher, SplitBehavior behavior, bool invert)
    : matcher_(std::move(matcher)), behavior_(behavior), invert_(invert) {}

void Split::apply(PreTokens& tokens, MatchState& state) const {
  std::vector<Span> out;
  out.reserve(tokens.spans.size());
  std::vector<Span> matches;
  std::vector<Piece> pieces;
  std::vector<Span> cuts;
  for (const Span span : tokens.spans) {
    const auto piece = tokens.piece(span);
    matches.clear();
    pieces.clear();
    cuts.clear();
    matcher_->find(piece, state, matches);
    cover(piece, matches, invert_, pieces);
    cut(pieces, behavior_, cuts);
    for (const Span inner : cuts) {
      if (inner.begin < inner.end) {
        out.push_back({span.begin + inner.begin, span.begin + inner.end});
      }
    }
  }
  tokens.spans = std::move(out);
}

ByteLevel::ByteLevel(Options options)
    : options_(options),
      split_(std::make_unique<RuleMatcher>(*known_split_rule(kGpt2Pattern)),
             SplitBehavior::kIsolated) {}

void ByteLevel::apply(PreTokens& tokens, MatchState& state) const {
  if (options_.add_prefix_space) {
    tokens.rewrite([](std::string& out, std::string_view piece) {
      if (!piece.starts_with(' ')) {
        out += ' ';
      }
      out += piece;
    });
  }
  if (options_.use_regex) {
    split_.apply(tokens, state);
  }
  if (options_.map_bytes) {
    tokens.rewrite(
        [](std::string& out, std::string_view piece) { append_byte_characters(out, piece); });
    tokens.byte_mapped = true;
  }
}

void PreTokenizerSequence::apply(PreTokens& tokens, MatchState& state) const {
  for (const auto& step : steps_) {
    step->apply(tokens, state);
  }
}

}  // namespace pio::text
