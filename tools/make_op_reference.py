# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/ops.md, or with --header FILE the docstrings of the Python ops, from the headers of src/pio/ops.

A `///` comment belongs to every declaration up to the next blank line or comment. What a header's `//` comment says
under `Shapes of all:`, `Dtypes of all:`, `Errors of all:` and `Source of all:` is added to each op of it.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from op_reference.header import write_header  # noqa: E402
from op_reference.page import write_page  # noqa: E402
from op_reference.parse import read_ops  # noqa: E402

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "reference" / "ops.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--header", type=Path, metavar="FILE", help="write this C++ header instead of the page"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if the page is out of date"
    )
    options = parser.parse_args()
    ops = read_ops(PROJECT / "src" / "pio")
    incomplete = [
        f"{op.name} says nothing of: {', '.join(op.missing())}" for op in ops if op.missing()
    ]
    if incomplete:
        print("\n".join(incomplete), file=sys.stderr)
        return 1
    if options.header:
        options.header.write_text(write_header(ops), encoding="utf-8")
    elif not options.check:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(write_page(ops), encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != write_page(ops):
        print(f"{PAGE}: out of date, run tools/make_op_reference.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
