# SPDX-License-Identifier: Apache-2.0
"""The fenced code blocks of a Markdown page, and the files that its headings name."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

FENCE = re.compile(r"^(`{3,})\s*([\w+-]*)[^`]*$")
HEADING = re.compile(r"^#{1,6}\s+(.*)$")
LANGUAGES = {".py": "python", ".json": "json"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line of its first line, the heading above it."""

    language: str
    text: str
    line: int
    heading: str


def blocks_of(page: Path) -> list[Block]:
    """All fenced blocks of `page` in order. Errors: ValueError for a fence that is never closed."""
    out: list[Block] = []
    heading, fence, language, start = "", "", "", 0
    body: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if fence:
            if line.strip() == fence:
                out.append(Block(language, "\n".join([*body, ""]), start, heading))
                fence = ""
            else:
                body.append(line)
        elif match := FENCE.match(line):
            fence, language, start, body = match[1], match[2], number + 1, []
        elif match := HEADING.match(line):
            heading = match[1]
    if fence:
        raise ValueError(f"{page}: the fence above line {start} is never closed")
    return out


def files_of(page: Path) -> dict[str, Block]:
    """The blocks that are whole files: the first of a section whose heading names a file in backticks."""
    out: dict[str, Block] = {}
    for block in blocks_of(page):
        for name in re.findall(r"`([\w./]+\.(?:py|json))`", block.heading):
            if LANGUAGES[PurePosixPath(name).suffix] == block.language:
                out.setdefault(name, block)
    return out
