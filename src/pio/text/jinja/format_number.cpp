// SPDX-License-Identifier: Apache-2.0
// Numbers to padded text, and text to numbers.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "pio/base/error.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

std::string sign_text(bool negative, char sign) {
  return negative ? "-" : sign == '-' ? "" : std::string(1, sign);
}

// Whether zeros in front of the number fill the width.
bool fills_with_zeros(const FormatSpec& spec) {
  return spec.align == 0 ? spec.zero : spec.align == '=' && spec.fill == "0";
}

// Separates the number's first `whole` digits; the zeros that fill the width are separated too.
void group(NumberText& number, size_t whole, size_t every, const FormatSpec& spec) {
  const std::string rest = number.digits.substr(whole);
  const int64_t width = spec.width - static_cast<int64_t>(number.sign.size() +
                                                          number.prefix.size() + rest.size());
  auto count = static_cast<int64_t>(whole);
  if (fills_with_zeros(spec) && whole > 0) {  // none in "inf" and "nan"
    // The fewest digits that fill the width with a separator before every group but the first.
    const auto step = static_cast<int64_t>(every);
    count = std::max(count, std::max<int64_t>(width, 0) * step / (step + 1) + 1);
  }
  TextBuilder digits;
  digits.repeat("0", count - static_cast<int64_t>(whole));
  digits.append(std::string_view(number.digits).substr(0, whole));
  TextBuilder out;
  const std::string_view all = digits.view();
  for (size_t i = 0; i < all.size(); ++i) {
    if (i > 0 && (all.size() - i) % every == 0) {
      out.append(spec.grouping);
    }
    out.append(all[i]);
  }
  out.append(rest);
  number.digits = out.take();
}

std::string print_real(double value, int64_t precision, char type, bool alternate) {
  if (precision > static_cast<int64_t>(kMaxText)) {
    fail_limit("output");
  }
  std::string pattern = alternate ? "%#.*" : "%.*";
  pattern += type;
  std::string out(static_cast<size_t>(precision) + 330, '\0');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  const int size =
      std::snprintf(out.data(), out.size(), pattern.c_str(), static_cast<int>(precision), value);
#pragma GCC diagnostic pop
  out.resize(static_cast<size_t>(std::max(size, 0)));
  return out;
}

// Python's format without a type: as g, but with a digit behind the point.
std::string print_default(double value, int64_t precision) {
  if (precision < 0) {
    return repr_real(value);
  }
  std::string out = print_real(value, std::max<int64_t>(precision, 1), 'g', false);
  if (out.find_first_of(".en") == std::string::npos) {
    out += ".0";
  }
  return out;
}

bool plain_underscores(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && (i == 0 || i + 1 == text.size() || text[i + 1] == '_')) {
      return false;
    }
  }
  return true;
}

std::string without_underscores(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c != '_'; });
  return out;
}

// Cuts 0x, 0o, 0b; gives the base it names, 0 where there is none.
int cut_prefix(std::string_view& text) {
  if (text.size() < 2 || text[0] != '0') {
    return 0;
  }
  const char mark = static_cast<char>(text[1] | 0x20);
  const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
  if (base != 0) {
    text.remove_prefix(text.size() > 2 && text[2] == '_' ? 3 : 2);
  }
  return base;
}

}  // namespace

NumberText integer_text(int64_t value, const FormatSpec& spec) {
  NumberText out;
  out.sign = sign_text(value < 0, spec.sign);
  const uint64_t magnitude =
      value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  const char type = static_cast<char>(spec.type | 0x20);
  const int base = type == 'x' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
  char digits[72];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), magnitude, base);
  out.digits.assign(digits, static_cast<size_t>(end.ptr - digits));
  if (spec.alternate && base != 10) {
    out.prefix = {'0', spec.type};
  }
  if (spec.type == 'X') {
    std::ranges::transform(out.digits, out.digits.begin(),
                           [](char c) { return static_cast<char>(std::toupper(c)); });
  }
  if (spec.grouping != 0) {
    group(out, out.digits.size(), base == 10 ? 3 : 4, spec);
  }
  return out;
}

NumberText real_text(double value, const FormatSpec& spec) {
  NumberText out;
  out.sign = sign_text(std::signbit(value) && !std::isnan(value), spec.sign);
  double magnitude = std::fabs(value);
  if (spec.type == 0) {
    out.digits = print_default(magnitude, spec.precision);
  } else if (std::isnan(magnitude) || std::isinf(magnitude)) {
    out.digits = std::isnan(magnitude) ? "nan" : "inf";
    if (std::isupper(static_cast<unsigned char>(spec.type)) != 0) {
      out.digits = map_case(out.digits, CaseMap::kUpper);
    }
    out.digits += spec.type == '%' ? "%" : "";
  } else {
    const int64_t precision = spec.precision < 0 ? 6 : spec.precision;
    const char type = spec.type == '%' ? 'f' : spec.type == 'n' ? 'g' : spec.type;
    magnitude *= spec.type == '%' ? 100 : 1;
    out.digits = print_real(magnitude, precision, type, spec.alternate);
    out.digits += spec.type == '%' ? "%" : "";
  }
  if (spec.grouping != 0) {
    group(out, std::min(out.digits.find_first_not_of("0123456789"), out.digits.size()), 3, spec);
  }
  return out;
}

std::string pad_number(const NumberText& number, const FormatSpec& spec) {
  const int64_t size =
      static_cast<int64_t>(number.sign.size() + number.prefix.size() + number.digits.size());
  const int64_t missing = std::max<int64_t>(spec.width - size, 0);
  const bool zero = fills_with_zeros(spec);
  const char align = zero ? '=' : spec.align == 0 ? '>' : spec.align;
  const std::string_view fill = zero ? std::string_view("0") : std::string_view(spec.fill);
  TextBuilder out;
  const int64_t left = align == '>' ? missing : align == '^' ? missing / 2 : 0;
  out.repeat(fill, left);
  out.append(number.sign);
  out.append(number.prefix);
  out.repeat(fill, align == '=' ? missing : 0);
  out.append(number.digits);
  out.repeat(fill, align == '<' || align == '^' ? missing - left : 0);
  return out.take();
}

std::string pad_text(std::string_view text, const FormatSpec& spec, char default_align) {
  if (spec.precision >= 0) {
    text = text.substr(0, byte_offset(text, static_cast<size_t>(spec.precision)));
  }
  const int64_t missing =
      std::max<int64_t>(spec.width - static_cast<int64_t>(code_points(text)), 0);
  const char align = spec.align == 0 ? default_align : spec.align;
  const int64_t left = align == '>' ? missing : align == '^' ? missing / 2 : 0;
  TextBuilder out;
  out.repeat(spec.fill, left);
  out.append(text);
  out.repeat(spec.fill, missing - left);
  return out.take();
}

std::optional<int64_t> parse_int(std::string_view text, int64_t base) {
  text = strip(text, std::nullopt);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  std::string_view body = text;
  const int named = cut_prefix(body);
  if (named != 0 && (base == 0 || base == named)) {
    text = body;
    base = named;
  }
  base = base == 0 ? 10 : base;
  if (base < 2 || base > 36 || text.empty() || !plain_underscores(text)) {
    return std::nullopt;
  }
  const std::string digits = without_underscores(text);
  uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude,
                                            static_cast<int>(base));
  if (end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  if (error != std::errc() || magnitude > uint64_t{INT64_MAX} + (negative ? 1U : 0U)) {
    fail_run("integer overflow: the number needs more than 64 bits");
  }
  return static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
}

std::optional<double> parse_real(std::string_view text) {
  text = strip(text, std::nullopt);
  if (!plain_underscores(text)) {
    return std::nullopt;
  }
  std::string digits = map_case(without_underscores(text), CaseMap::kLower);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) {
    digits.erase(0, 1);
  }
  if (digits.empty() || digits[0] == '-' || digits.find('(') != std::string::npos) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) {
    value = std::strtod(digits.c_str(), nullptr);
  }
  return negative ? -value : value;
}

int64_t real_to_int(double value) {
  if (std::isnan(value) || std::isinf(value)) {
    fail_run(
        concat("cannot convert float ", std::isnan(value) ? "NaN" : "infinity", " to integer"));
  }
  if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) {
    fail_run("integer overflow: the number needs more than 64 bits");
  }
  return static_cast<int64_t>(value);
}

}  // namespace pio::text::jinja
