// SPDX-License-Identifier: Apache-2.0
#include "pio/text/added_tokens.h"

#include <algorithm>

#include "pio/text/unicode.h"

namespace pio::text {
namespace {

// The first code point at or the last one before a place; U+0000 where there is none.
char32_t code_point_before(std::string_view text, size_t at) {
  if (at == 0) {
    return 0;
  }
  do {
    --at;
  } while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return Cursor(text, at).peek().first;
}
char32_t code_point_at(std::string_view text, size_t at) {
  return at < text.size() ? Cursor(text, at).peek().first : 0;
}

// \w as Rust's regex has it: with the two joiners.
bool is_word(char32_t c) {
  static const CodePointSet set = word_characters();
  return contains(set, c) || c == 0x200C || c == 0x200D;
}

bool is_space(char32_t c) { return (CategoryTable::get()(c) & kSpace) != 0; }

size_t skip_space_back(std::string_view text, size_t at, size_t floor) {
  while (at > floor && is_space(code_point_before(text, at))) {
    do {
      --at;
    } while ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  return at;
}

size_t skip_space(std::string_view text, size_t at) {
  while (at < text.size() && is_space(code_point_at(text, at))) {
    at = Cursor(text, at).peek().second;
  }
  return at;
}

}  // namespace

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  nodes_.emplace_back();  // number 0 means none
  const auto child = [&](uint32_t* list, char byte) {
    // By index: adding a node moves the others.
    for (uint32_t node = *list; node != 0; node = nodes_[node].sibling) {
      if (nodes_[node].byte == byte) {
        return node;
      }
    }
    const auto added = static_cast<uint32_t>(nodes_.size());
    const Node node{-1, 0, *list, byte};
    *list = added;
    nodes_.push_back(node);
    return added;
  };
  for (size_t i = 0; i < tokens_.size(); ++i) {
    uint32_t node = 0;
    for (const char c : tokens_[i].content) {
      node =
          child(node == 0 ? &roots_[static_cast<unsigned char>(c)] : &nodes_[node].first_child, c);
    }
    if (node != 0 && nodes_[node].token < 0) {
      nodes_[node].token = static_cast<int32_t>(i);
    }
  }
}

int32_t AddedTokenMatcher::longest_at(std::string_view text, size_t at) const {
  int32_t best = -1;
  for (uint32_t node = roots_[static_cast<unsigned char>(text[at])]; node != 0;) {
    best = nodes_[node].token >= 0 ? nodes_[node].token : best;
    if (++at == text.size()) {
      break;
    }
    node = nodes_[node].first_child;
    while (node != 0 && nodes_[node].byte != text[at]) {
      node = nodes_[node].sibling;
    }
  }
  return best;
}

std::vector<Segment> AddedTokenMatcher::split(std::string_view text, bool parse_special) const {
  std::vector<Segment> out;
  const auto span = [](size_t begin, size_t end) {
    return Span{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  };
  size_t plain_from = 0;
  const size_t scan_end = tokens_.empty() ? 0 : text.size();
  for (size_t at = 0; at < scan_end;) {
    const int32_t found = longest_at(text, at);
    if (found < 0) {
      ++at;
      continue;
    }
    const auto& token = tokens_[static_cast<size_t>(found)];
    size_t begin = at;
    size_t end = at + token.content.size();
    at = end;  // a match that does not count is still passed over, as in `tokenizers`
    if (token.special && !parse_special) {
      continue;
    }
    if (token.single_word &&
        (is_word(code_point_before(text, begin)) || is_word(code_point_at(text, end)))) {
      continue;
    }
    if (token.lstrip) {
      begin = std::max(plain_from, skip_space_back(text, begin, plain_from));
    }
    if (token.rstrip) {
      end = skip_space(text, end);
    }
    if (begin >= end) {
      continue;  // the token before it took this white space
    }
    if (plain_from < begin) {
      out.push_back({span(plain_from, begin), Segment::kPlain});
    }
    out.push_back({span(begin, end), token.id});
    plain_from = end;
  }
  if (plain_from < text.size()) {
    out.push_back({span(plain_from, text.size()), Segment::kPlain});
  }
  return out;
}

}  // namespace pio::text
