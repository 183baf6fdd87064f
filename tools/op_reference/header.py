# SPDX-License-Identifier: Apache-2.0
"""The docstrings of the Python ops, as a C++ header."""

import json
import textwrap

from .parse import Op

HEADER = """// SPDX-License-Identifier: Apache-2.0
// Written by tools/make_op_reference.py from the comments in src/pio/ops.
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace pio::bindings {{

/// The doc comment of the op called `name`. Errors: std::out_of_range for another name.
inline const char* op_doc(std::string_view name) {{
  using Entry = std::pair<std::string_view, const char*>;
  static constexpr std::array<Entry, {count}> kDocs = {{{{
{entries}
  }}}};
  const auto* found = std::ranges::lower_bound(kDocs, name, {{}}, &Entry::first);
  if (found == kDocs.end() || found->first != name) {{
    throw std::out_of_range("no doc comment of op " + std::string(name));
  }}
  return found->second;
}}

}}  // namespace pio::bindings
"""


def write_header(ops: list[Op]) -> str:
    """The header: op_doc(name) over a table sorted by name."""
    entries = [
        f"      {{{_literal(op.name)}, {_literal(docstring(op))}}},"
        for op in sorted(ops, key=lambda o: o.name)
    ]
    return HEADER.format(count=len(ops), entries="\n".join(entries))


def docstring(op: Op) -> str:
    """What help() shows: the comment, the options, then a paragraph per part."""
    paragraphs = [op.text]
    options = [f"{option.name}: {option.doc}." for option in op.parameters if option.doc]
    if options:
        paragraphs.append("\n".join(options))
    paragraphs += [f"{word}: {said}" for word, said in op.parts.items()]
    wrapped = [
        "\n".join(
            textwrap.fill(line, 96, break_long_words=False) for line in paragraph.splitlines()
        )
        for paragraph in paragraphs
    ]
    return "\n\n".join(wrapped)


def _literal(text: str) -> str:
    # JSON's escapes are C++'s too for the ASCII that comments hold.
    return json.dumps(text.encode("ascii").decode())
