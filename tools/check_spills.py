#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail when the inner loop of a hot kernel stores a vector register to the stack: GCC 12 spills register arrays.

Reads the disassembly of the objects that BUILD made of src/pio/kernels/cpu/*_<isa>.cpp. An inner loop is what lies
between a backward jump and its target, without another such jump in it.

  python3 tools/check_spills.py BUILD [--list]
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

# Kernels whose time is most of a step's: functions whose demangled names match.
HOT = [
    r"IntKernel<.*>::pass<",
    r"FloatKernel<.*>::pass<",
    r"\bmultiply<",
    r"\bsoften\(",
    r"^pio::kernels::probe_(dot|fma)_",
]
LABEL = re.compile(r"^[0-9a-f]+ <(.+)>:$")
LINE = re.compile(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$")
STORE = re.compile(r"%[xyz]mm\d+,-?(0x)?[0-9a-f]*\(%r(sp|bp)\)")


def functions(listing: str) -> dict[str, list[tuple[int, str, str]]]:
    """Instructions (address, mnemonic, operands) of each function of objdump's output."""
    out: dict[str, list[tuple[int, str, str]]] = {}
    current: list[tuple[int, str, str]] = []
    for line in listing.splitlines():
        if label := LABEL.match(line):
            current = out.setdefault(label[1], [])
        elif found := LINE.match(line):
            current.append((int(found[1], 16), found[2], found[3]))
    return out


def inner_loops(code: list[tuple[int, str, str]]) -> list[tuple[int, int]]:
    """First and last index of every loop without another one in it."""
    index = {address: i for i, (address, _, _) in enumerate(code)}
    loops = []
    for i, (_, mnemonic, operands) in enumerate(code):
        # An unconditional jump backwards leaves a block that GCC moved behind the function.
        is_branch = mnemonic.startswith("j") and mnemonic != "jmp"
        target = re.match(r"([0-9a-f]+) <", operands) if is_branch else None
        begin = index.get(int(target[1], 16)) if target else None
        if begin is not None and begin < i:
            loops.append((begin, i))
    return [a for a in loops if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in loops)]


def spills(code: list[tuple[int, str, str]]) -> int:
    """Vector stores to the stack in inner loops."""
    return sum(
        1
        for begin, end in inner_loops(code)
        for _, _, operands in code[begin : end + 1]
        if STORE.search(operands)
    )


def main() -> int:
    """Exit status: 1 for a spill, or a pattern of HOT that nothing matches."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument(
        "--list", action="store_true", help="every hot kernel, not only those that spill"
    )
    args = parser.parse_args()
    objects = sorted(args.build.glob("src/pio/kernels/CMakeFiles/*/cpu/*.cpp.o"))
    unseen = set(HOT)
    bad = checked = 0
    for file in objects:
        listing = subprocess.run(
            ["objdump", "-dC", "--no-show-raw-insn", file],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name, code in functions(listing).items():
            hits = [pattern for pattern in HOT if re.search(pattern, name)]
            unseen.difference_update(hits)
            if not hits:
                continue
            checked += 1
            count = spills(code)
            bad += count > 0
            if count or args.list:
                print(f"{file.name}: {count} stores to the stack in a loop: {name}")
    for pattern in sorted(unseen):
        print(f'no kernel is called "{pattern}"')
    print(f"check_spills: {checked} kernels, {bad} spill")
    return int(bad > 0 or bool(unseen))


if __name__ == "__main__":
    sys.exit(main())
