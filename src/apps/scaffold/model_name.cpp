// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/model_name.h"

#include <algorithm>
#include <array>

#include "pio/base/error.h"
#include "pio/plugin/manifest.h"

namespace pio::apps {
namespace {

constexpr size_t kMaxLength = 64;

// Lower-case keywords; what else <cerrno>, <cstdio> and <cassert> define as macros.
constexpr std::array<std::string_view, 115> kWords = {"alignas",
                                                      "alignof",
                                                      "and",
                                                      "and_eq",
                                                      "as",
                                                      "asm",
                                                      "assert",
                                                      "async",
                                                      "auto",
                                                      "await",
                                                      "bitand",
                                                      "bitor",
                                                      "bool",
                                                      "break",
                                                      "case",
                                                      "catch",
                                                      "char",
                                                      "char8_t",
                                                      "char16_t",
                                                      "char32_t",
                                                      "class",
                                                      "co_await",
                                                      "co_return",
                                                      "co_yield",
                                                      "compl",
                                                      "concept",
                                                      "const",
                                                      "const_cast",
                                                      "consteval",
                                                      "constexpr",
                                                      "constinit",
                                                      "continue",
                                                      "decltype",
                                                      "def",
                                                      "default",
                                                      "del",
                                                      "delete",
                                                      "do",
                                                      "double",
                                                      "dynamic_cast",
                                                      "elif",
                                                      "else",
                                                      "enum",
                                                      "errno",
                                                      "except",
                                                      "explicit",
                                                      "export",
                                                      "extern",
                                                      "false",
                                                      "finally",
                                                      "float",
                                                      "for",
                                                      "friend",
                                                      "from",
                                                      "global",
                                                      "goto",
                                                      "if",
                                                      "import",
                                                      "in",
                                                      "inline",
                                                      "int",
                                                      "is",
                                                      "lambda",
                                                      "long",
                                                      "mutable",
                                                      "namespace",
                                                      "new",
                                                      "noexcept",
                                                      "nonlocal",
                                                      "not",
                                                      "not_eq",
                                                      "nullptr",
                                                      "operator",
                                                      "or",
                                                      "or_eq",
                                                      "pass",
                                                      "private",
                                                      "protected",
                                                      "public",
                                                      "raise",
                                                      "register",
                                                      "reinterpret_cast",
                                                      "requires",
                                                      "return",
                                                      "short",
                                                      "signed",
                                                      "sizeof",
                                                      "static",
                                                      "static_assert",
                                                      "static_cast",
                                                      "stderr",
                                                      "stdin",
                                                      "stdout",
                                                      "struct",
                                                      "switch",
                                                      "template",
                                                      "this",
                                                      "thread_local",
                                                      "throw",
                                                      "true",
                                                      "try",
                                                      "typedef",
                                                      "typeid",
                                                      "typename",
                                                      "union",
                                                      "unsigned",
                                                      "using",
                                                      "virtual",
                                                      "void",
                                                      "volatile",
                                                      "wchar_t",
                                                      "while",
                                                      "with",
                                                      "xor",
                                                      "yield"};

// Namespaces that code in pio::models::<name> must still reach, and tests that have their
// <name>_test already.
constexpr std::array<std::string_view, 39> kEngine = {
    "allocation",    "apps",         "base",          "bench",      "bench_peers", "bench_report",
    "bench_scripts", "chat",         "check_scripts", "cli",        "cli_model",   "cli_text",
    "cpp_library",   "extra_models", "formats",       "generation", "json",        "kernels",
    "log",           "media",        "model",         "models",     "new_model",   "nn",
    "ops",           "options",      "output",        "pio",        "plan",        "plugin",
    "quant",         "scaffold",     "server",        "signals",    "std",         "tensor",
    "testing",       "text",         "utf8"};

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

std::string why_not_a_model_name(std::string_view name) {
  const bool fits = plugin::is_model_name(name) && name.size() <= kMaxLength;
  if (!fits) {
    return concat("\"", escaped(name),
                  "\": expected a lower-case letter, then letters, digits and _, at most ",
                  kMaxLength);
  }
  if (std::ranges::find(kWords, name) != kWords.end()) {
    return concat("\"", name, "\" is a word of C++ or Python");
  }
  if (std::ranges::find(kEngine, name) != kEngine.end()) {
    return concat("\"", name, "\" is a name of the engine's own");
  }
  return {};
}

std::string class_name(std::string_view name) {
  std::string out;
  bool starts_word = true;
  for (const char c : name) {
    if (c == '_') {
      starts_word = true;
      continue;
    }
    out += starts_word && is_letter(c) ? static_cast<char>(c - 'a' + 'A') : c;
    starts_word = false;
  }
  return out;
}

std::string model_class_name(std::string_view name) {
  const std::string out = class_name(name);
  return out.ends_with("Model") ? out : out + "Model";
}

}  // namespace pio::apps
