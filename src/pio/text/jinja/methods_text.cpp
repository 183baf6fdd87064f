// SPDX-License-Identifier: Apache-2.0
// str methods that give text.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/text/jinja/filters.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/methods.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

// A method without arguments that maps text to text.
template <std::string (*kMap)(std::string_view)>
Value mapped(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("str method", args, {});
  runtime.budget.scan(self.text().size());
  return like(runtime, self, kMap(self.text()));
}

std::string upper(std::string_view text) { return map_case(text, CaseMap::kUpper); }
std::string lower(std::string_view text) { return map_case(text, CaseMap::kLower); }
std::string casefold(std::string_view text) { return map_case(text, CaseMap::kFold); }

template <Side kSide>
Value strip_method(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("strip", args, {"chars"});
  runtime.budget.scan(self.text().size());
  std::optional<std::string_view> chars;
  if (bound.given(0) != nullptr) {
    chars = bound.text(0, "");
    runtime.budget.scan(chars->size());
  }
  return like(runtime, self, std::string(strip(self.text(), chars, kSide)));
}

// What splitting may yield, charged before it is done.
void charge_pieces(Runtime& runtime, std::string_view text,
                   std::optional<std::string_view> separator) {
  runtime.budget.scan(text.size());
  size_t pieces = 0;
  if (separator) {
    for (size_t at = text.find(*separator); at != std::string_view::npos;
         at = text.find(*separator, at + separator->size())) {
      runtime.budget.step(4);
    }
    return;
  }
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    const bool may_lead_space = byte <= 0x20 || byte == 0xC2 || (byte >= 0xE1 && byte <= 0xE3);
    pieces += may_lead_space ? 1 : 0;
  }
  runtime.budget.step(pieces * 4);
}

Value pieces(Runtime& runtime, const Value& self, const std::vector<std::string_view>& parts) {
  std::vector<Value> out;
  out.reserve(parts.size());
  for (const std::string_view part : parts) {
    out.push_back(like(runtime, self, std::string(part)));
  }
  return runtime.list(std::move(out));
}

template <bool kFromRight>
Value split_method(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("split", args, {"sep", "maxsplit"});
  std::optional<std::string_view> separator;
  if (bound.given(0) != nullptr) {
    separator = bound.text(0, "");
    if (separator->empty()) {
      fail_run("empty separator");
    }
  }
  charge_pieces(runtime, self.text(), separator);
  return pieces(runtime, self, split(self.text(), separator, bound.integer(1, -1), kFromRight));
}

Value split_lines_method(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("splitlines", args, {"keepends"});
  charge_pieces(runtime, self.text(), std::nullopt);
  return pieces(runtime, self, split_lines(self.text(), bound.flag(0, false)));
}

template <bool kFromRight>
Value partition(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("partition", args, {"sep"}, 1);
  const std::string_view separator = bound.text(0, "");
  if (separator.empty()) {
    fail_run("empty separator");
  }
  runtime.budget.scan(self.text().size());
  const std::string_view text = self.text();
  const size_t at = kFromRight ? text.rfind(separator) : text.find(separator);
  if (at == std::string_view::npos) {
    const Value empty = like(runtime, self, "");
    return kFromRight ? runtime.tuple({empty, empty, self}) : runtime.tuple({self, empty, empty});
  }
  return runtime.tuple({like(runtime, self, std::string(text.substr(0, at))),
                        like(runtime, self, std::string(separator)),
                        like(runtime, self, std::string(text.substr(at + separator.size())))});
}

Value replace(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("replace", args, {"old", "new", "count"}, 2);
  runtime.budget.scan(self.text().size());
  const bool escape =
      self.string_data().markup && bound[1]->is_string() && !bound[1]->string_data().markup;
  const std::string_view to = bound.text(1, "");
  return like(runtime, self,
              replace_text(self.text(), bound.text(0, ""),
                           escape ? escape_html(to) : std::string(to), bound.integer(2, -1)));
}

Value join(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("join", args, {"iterable"}, 1);
  const bool markup = self.string_data().markup;
  TextBuilder out;
  bool first = true;
  for (const Value& item : iterate(runtime, *bound[0])) {
    if (!item.is_string() && !markup) {
      fail_run(concat("sequence item: expected str instance, ", type_name(item), " found"));
    }
    out.append(first ? "" : self.text());
    first = false;
    if (markup && !(item.is_string() && item.string_data().markup)) {
      out.append(escape_html(to_str(item)));
    } else {
      out.append(item.text());
    }
  }
  return like(runtime, self, out.take());
}

template <char kAlign>
Value pad(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("pad", args, {"width", "fillchar"}, 1);
  const std::string_view fill = bound.text(1, " ");
  if (code_points(fill) != 1) {
    fail_run("The fill character must be exactly one character long");
  }
  const int64_t length = static_cast<int64_t>(self.string_data().length);
  const int64_t missing = std::max<int64_t>(bound.integer(0, 0) - length, 0);
  if (missing > static_cast<int64_t>(kMaxText)) {
    fail_limit("output");
  }
  // str.center() puts the odd one on the left only where the width is odd.
  const int64_t centred = missing / 2 + (missing & bound.integer(0, 0) & 1);
  const int64_t left = kAlign == '>' ? missing : kAlign == '<' ? 0 : centred;
  TextBuilder out;
  out.repeat(fill, left);
  out.append(self.text());
  out.repeat(fill, missing - left);
  return like(runtime, self, out.take());
}

Value zero_fill(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("zfill", args, {"width"}, 1);
  const std::string_view text = self.text();
  const size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  TextBuilder out;
  out.append(text.substr(0, sign));
  out.repeat("0", std::max<int64_t>(bound.integer(0, 0), 0) -
                      static_cast<int64_t>(self.string_data().length));
  out.append(text.substr(sign));
  return like(runtime, self, out.take());
}

Value expand_tabs(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("expandtabs", args, {"tabsize"});
  const int64_t size = bound.integer(0, 8);
  runtime.budget.scan(self.text().size() * 4);
  TextBuilder out;
  int64_t column = 0;
  for (const char c : self.text()) {
    if (c == '\t') {
      const int64_t spaces = size > 0 ? size - column % size : 0;
      out.repeat(" ", spaces);
      column += spaces;
      continue;
    }
    out.append(c);
    column =
        c == '\n' || c == '\r' ? 0 : column + ((static_cast<uint8_t>(c) & 0xC0) != 0x80 ? 1 : 0);
  }
  return like(runtime, self, out.take());
}

Value remove_prefix(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("removeprefix", args, {"prefix"}, 1);
  const std::string_view text = self.text();
  const std::string_view prefix = bound.text(0, "");
  return like(runtime, self,
              std::string(text.substr(text.starts_with(prefix) ? prefix.size() : 0)));
}

Value remove_suffix(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("removesuffix", args, {"suffix"}, 1);
  const std::string_view text = self.text();
  const std::string_view suffix = bound.text(0, "");
  const size_t cut = text.ends_with(suffix) ? suffix.size() : 0;
  return like(runtime, self, std::string(text.substr(0, text.size() - cut)));
}

Value format(Runtime& runtime, const Value& self, const Args& args) {
  runtime.budget.scan(self.text().size());
  return format_braces(runtime, self, args);
}

Value format_map(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("format_map", args, {"mapping"}, 1);
  if (!bound[0]->is(Kind::kDict)) {
    fail_run("format_map() takes a mapping");
  }
  Args fields;
  for (const auto& [name, value] : bound[0]->dict().items) {
    runtime.budget.step();
    fields.named.emplace_back(to_str(name), value);
  }
  return format_braces(runtime, self, fields);
}

constexpr Named<Method> kMethods[] = {{"upper", mapped<upper>},
                                      {"lower", mapped<lower>},
                                      {"casefold", mapped<casefold>},
                                      {"title", mapped<title>},
                                      {"capitalize", mapped<capitalize>},
                                      {"swapcase", mapped<swap_case>},
                                      {"strip", strip_method<Side::kBoth>},
                                      {"lstrip", strip_method<Side::kLeft>},
                                      {"rstrip", strip_method<Side::kRight>},
                                      {"split", split_method<false>},
                                      {"rsplit", split_method<true>},
                                      {"splitlines", split_lines_method},
                                      {"partition", partition<false>},
                                      {"rpartition", partition<true>},
                                      {"replace", replace},
                                      {"join", join},
                                      {"ljust", pad<'<'>},
                                      {"rjust", pad<'>'>},
                                      {"center", pad<'^'>},
                                      {"zfill", zero_fill},
                                      {"expandtabs", expand_tabs},
                                      {"removeprefix", remove_prefix},
                                      {"removesuffix", remove_suffix},
                                      {"format", format},
                                      {"format_map", format_map}};

}  // namespace

std::span<const Named<Method>> text_methods() { return kMethods; }

}  // namespace pio::text::jinja
