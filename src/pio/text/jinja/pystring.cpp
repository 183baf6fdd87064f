// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/pystring.h"

#include <algorithm>

#include "pio/base/utf8.h"

namespace pio::text::jinja {
namespace {

bool starts_code_point(char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }

size_t code_point_size(std::string_view text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && !starts_code_point(text[end])) {
    ++end;
  }
  return end - at;
}

size_t last_start(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && !starts_code_point(text[at])) {
    --at;
  }
  return at;
}

char32_t code_point(std::string_view text, size_t at) { return utf8::decode(text, at).code_point; }

bool stripped(std::string_view piece, std::optional<std::string_view> chars) {
  return chars ? chars->find(piece) != std::string_view::npos : is_space(code_point(piece, 0));
}

// Bytes of the line end at `at`, 0 where there is none.
size_t line_end_size(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\r') {
    return at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
  }
  if (c == '\n' || c == '\v' || c == '\f' || (c >= 0x1c && c <= 0x1e)) {
    return 1;
  }
  if (static_cast<uint8_t>(c) < 0x80) {
    return 0;
  }
  const auto decoded = utf8::decode(text, at);
  const char32_t wide = decoded.code_point;
  return wide == 0x85 || wide == 0x2028 || wide == 0x2029 ? decoded.size : 0;
}

std::vector<std::string_view> split_spaces(std::string_view text, int64_t max_splits) {
  std::vector<std::string_view> out;
  text = strip(text, std::nullopt, Side::kLeft);
  while (!text.empty()) {
    if (max_splits >= 0 && static_cast<int64_t>(out.size()) >= max_splits) {
      out.push_back(text);
      break;
    }
    size_t end = 0;
    while (end < text.size() && !is_space(code_point(text, end))) {
      end += code_point_size(text, end);
    }
    out.push_back(text.substr(0, end));
    text = strip(text.substr(end), std::nullopt, Side::kLeft);
  }
  return out;
}

std::vector<std::string_view> rsplit_spaces(std::string_view text, int64_t max_splits) {
  std::vector<std::string_view> out;
  text = strip(text, std::nullopt, Side::kRight);
  while (!text.empty()) {
    if (max_splits >= 0 && static_cast<int64_t>(out.size()) >= max_splits) {
      out.push_back(text);
      break;
    }
    size_t begin = text.size();
    while (begin > 0) {
      const size_t at = last_start(text.substr(0, begin));
      if (is_space(code_point(text, at))) {
        break;
      }
      begin = at;
    }
    out.push_back(text.substr(begin));
    text = strip(text.substr(0, begin), std::nullopt, Side::kRight);
  }
  std::ranges::reverse(out);
  return out;
}

// Whether the capital sigma at `at` ends a word, and so maps to the final form.
bool final_sigma(std::string_view text, size_t at) {
  const auto cased = [](char32_t c) { return is_lower(c) || is_upper(c) || is_title_letter(c); };
  size_t before = at;
  bool follows = false;
  while (before > 0) {
    before = last_start(text.substr(0, before));
    const char32_t c = code_point(text, before);
    if (!is_case_ignorable(c)) {
      follows = cased(c);
      break;
    }
  }
  if (!follows) {
    return false;
  }
  for (size_t after = at + 2; after < text.size(); after += code_point_size(text, after)) {
    const char32_t c = code_point(text, after);
    if (!is_case_ignorable(c)) {
      return !cased(c);
    }
  }
  return true;
}

void append_lower(std::string& out, std::string_view text, size_t at, char32_t c) {
  if (c == 0x3a3) {
    utf8::append(out, final_sigma(text, at) ? 0x3c2 : 0x3c3);
  } else {
    append_mapped(out, c, CaseMap::kLower);
  }
}

template <class Visit>
void for_each_code_point(std::string_view text, Visit visit) {
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    visit(decoded.code_point, at);
    at += decoded.size;
  }
}

bool all_one_case(std::string_view text, bool (*wanted)(char32_t) noexcept,
                  bool (*other)(char32_t) noexcept) {
  bool any = false;
  bool ok = true;
  for_each_code_point(text, [&](char32_t c, size_t /*at*/) {
    any |= wanted(c);
    ok &= !other(c) && !is_title_letter(c);
  });
  return any && ok;
}

}  // namespace

size_t byte_offset(std::string_view text, size_t index) {
  size_t at = 0;
  for (; index > 0 && at < text.size(); --index) {
    at += code_point_size(text, at);
  }
  return at;
}

size_t code_points(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, starts_code_point));
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t at = 0; at < text.size();) {
    const size_t size = code_point_size(text, at);
    out.push_back(text.substr(at, size));
    at += size;
  }
  return out;
}

std::string_view strip(std::string_view text, std::optional<std::string_view> chars, Side side) {
  while (side != Side::kRight && !text.empty()) {
    const size_t size = code_point_size(text, 0);
    if (!stripped(text.substr(0, size), chars)) {
      break;
    }
    text.remove_prefix(size);
  }
  while (side != Side::kLeft && !text.empty()) {
    const size_t at = last_start(text);
    if (!stripped(text.substr(at), chars)) {
      break;
    }
    text = text.substr(0, at);
  }
  return text;
}

std::vector<std::string_view> split(std::string_view text,
                                    std::optional<std::string_view> separator, int64_t max_splits,
                                    bool from_right) {
  if (!separator) {
    return from_right ? rsplit_spaces(text, max_splits) : split_spaces(text, max_splits);
  }
  std::vector<std::string_view> out;
  while (max_splits < 0 || static_cast<int64_t>(out.size()) < max_splits) {
    const size_t at = from_right ? text.rfind(*separator) : text.find(*separator);
    if (at == std::string_view::npos) {
      break;
    }
    const std::string_view rest = text.substr(at + separator->size());
    out.push_back(from_right ? rest : text.substr(0, at));
    text = from_right ? text.substr(0, at) : rest;
  }
  out.push_back(text);
  if (from_right) {
    std::ranges::reverse(out);
  }
  return out;
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> out;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t size = line_end_size(text, at);
    if (size > 0) {
      out.push_back(text.substr(begin, at - begin + (keep_ends ? size : 0)));
      begin = at + size;
    }
    at += std::max<size_t>(size, 1);
  }
  if (begin < text.size()) {
    out.push_back(text.substr(begin));
  }
  return out;
}

std::string replace_text(std::string_view text, std::string_view from, std::string_view to,
                         int64_t count) {
  TextBuilder out;
  if (from.empty()) {  // between all code points, as Python does
    size_t at = 0;
    for (; count != 0; --count) {
      out.append(to);
      if (at == text.size()) {
        return out.take();
      }
      const size_t size = code_point_size(text, at);
      out.append(text.substr(at, size));
      at += size;
    }
    out.append(text.substr(at));
    return out.take();
  }
  for (; count != 0; --count) {
    const size_t at = text.find(from);
    if (at == std::string_view::npos) {
      break;
    }
    out.append(text.substr(0, at));
    out.append(to);
    text.remove_prefix(at + from.size());
  }
  out.append(text);
  return out.take();
}

std::string map_case(std::string_view text, CaseMap map) {
  std::string out;
  out.reserve(text.size());
  for_each_code_point(text, [&](char32_t c, size_t at) {
    if (map == CaseMap::kLower) {
      append_lower(out, text, at, c);
    } else {
      append_mapped(out, c, map);
    }
  });
  return out;
}

std::string title(std::string_view text) {
  std::string out;
  bool in_word = false;
  for_each_code_point(text, [&](char32_t c, size_t at) {
    if (in_word) {
      append_lower(out, text, at, c);
    } else {
      append_mapped(out, c, CaseMap::kTitle);
    }
    in_word = is_lower(c) || is_upper(c) || is_title_letter(c);
  });
  return out;
}

std::string capitalize(std::string_view text) {
  std::string out;
  for_each_code_point(text, [&](char32_t c, size_t at) {
    if (at == 0) {
      append_mapped(out, c, CaseMap::kTitle);
    } else {
      append_lower(out, text, at, c);
    }
  });
  return out;
}

std::string swap_case(std::string_view text) {
  std::string out;
  for_each_code_point(text, [&](char32_t c, size_t at) {
    if (is_upper(c)) {
      append_lower(out, text, at, c);
    } else if (is_lower(c)) {
      append_mapped(out, c, CaseMap::kUpper);
    } else {
      utf8::append(out, c);
    }
  });
  return out;
}

bool all_lower(std::string_view text) { return all_one_case(text, is_lower, is_upper); }
bool all_upper(std::string_view text) { return all_one_case(text, is_upper, is_lower); }

std::string slice_text(std::string_view text, int64_t start, int64_t step, int64_t count) {
  if (count <= 0) {
    return {};
  }
  if (step == 1) {
    const size_t begin = byte_offset(text, static_cast<size_t>(start));
    const std::string_view rest = text.substr(begin);
    return std::string(rest.substr(0, byte_offset(rest, static_cast<size_t>(count))));
  }
  std::vector<uint32_t> offsets;  // strings stay below kMaxText bytes
  for (size_t at = 0; at < text.size(); at += code_point_size(text, at)) {
    offsets.push_back(static_cast<uint32_t>(at));
  }
  std::string out;
  for (int64_t i = 0; i < count; ++i) {
    const size_t at = offsets[static_cast<size_t>(start + i * step)];
    out += text.substr(at, code_point_size(text, at));
  }
  return out;
}

std::string escape_html(std::string_view text) {
  TextBuilder out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out.append("&amp;");
        break;
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '\'':
        out.append("&#39;");
        break;
      case '"':
        out.append("&#34;");
        break;
      default:
        out.append(c);
    }
  }
  return out.take();
}

}  // namespace pio::text::jinja
