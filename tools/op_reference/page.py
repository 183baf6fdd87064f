# SPDX-License-Identifier: Apache-2.0
"""The reference page."""

from itertools import groupby

from .parse import Op

HEAD = """# Ops

<!-- Written by tools/make_op_reference.py from the comments in src/pio/ops: change those, then run it. -->

Import them from `inference_pio`, or inside a model folder from `core.engine.backend`. Each takes and gives a `Tensor`, and
computes nothing until a value is asked for, or never, where a model is traced. C++ has the same names in `pio::ops`.
`f32` and `i32` are dtypes; `[batch, seq]` is a shape, `...` any dims or none. In Python an op of two operands takes a number
for one of them.
"""


def write_page(ops: list[Op]) -> str:
    """The page in Markdown: a section per group, an entry per op."""
    out = [HEAD]
    for group, members in groupby(ops, key=lambda op: op.group):
        out.append(f"\n## {group.title}\n\n{group.about}\n")
        out += [_entry(op) for op in members]
    return "".join(out)


def _entry(op: Op) -> str:
    lines = [f"\n### {op.name}\n", "```text", op.signature, "```\n", op.text + "\n"]
    lines += [f"- `{option.name}`: {option.doc}" for option in op.parameters if option.doc]
    lines += [f"- {word}: {said}" for word, said in op.parts.items()]
    return "\n".join(lines) + "\n"
