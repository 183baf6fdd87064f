#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail when an object built for one instruction set defines a weak symbol.

The linker keeps one copy of a weak symbol (an inline function, a template, an inline variable). If
it kept the one compiled for AVX-512, every CPU would run it: an illegal instruction far from its
cause. So nothing in the per-ISA kernel objects may be weak (nm's W and V) or unique (u).

  python3 tools/check_symbols.py BUILD_FOLDER
"""

import shutil
import subprocess
import sys
from pathlib import Path

ISAS = ("avx2", "avxvnni", "avx512", "avx512_bf16")


def weak_symbols(nm: str, file: Path) -> list[str]:
    """Names of the weak or unique definitions in an object."""
    listing = subprocess.run(
        [nm, "-C", "--defined-only", file], check=True, capture_output=True, text=True
    )
    symbols = []
    for line in listing.stdout.splitlines():
        kind, name = line[17:18], line[19:]  # 16 digits, blank, kind, blank, name
        if kind in "WVu":
            symbols.append(f"{name} ({kind})")
    return symbols


def main() -> int:
    """Check every per-ISA object below the build folder; 1 if one has a weak symbol."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    build = Path(sys.argv[1])
    nm = shutil.which("nm")
    if nm is None:
        print("check_symbols: no nm on PATH (package binutils)", file=sys.stderr)
        return 1
    objects = sorted(file for isa in ISAS for file in build.rglob(f"*_{isa}.cpp.o"))
    problems = [f"{file}: {name}" for file in objects for name in weak_symbols(nm, file)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not objects:
        print(f"check_symbols: no per-ISA objects below {build}: build first", file=sys.stderr)
    print(f"check_symbols: {len(objects)} objects, {len(problems)} weak symbols")
    return 1 if problems or not objects else 0


if __name__ == "__main__":
    sys.exit(main())
