# SPDX-License-Identifier: Apache-2.0
"""Runs the code blocks of a Markdown page in order: page_runner.py PAGE, in the folder to run them in.

Python blocks share one namespace. A block under a heading that names a file is written to models/my_model. Lines of
shell blocks that begin with the engine's command run. A block of language "output" is what the one before it printed.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from markdown_page import Block, blocks_of, files_of

MY_MODEL = Path("src/inference_pio/models/my_model")
SHELL = ("sh", "bash", "console")
COMMAND = re.compile(
    r"^((?:[A-Z_]+=\S+ )*)(?:python -m inference_pio|inference-pio|(python) -m unittest)\b(.*)$"
)


class PageError(Exception):
    """A block that does not do what the page says."""


def run_shell(block: Block) -> str:
    """Run the block's commands; returns what they printed. Lines that are other programs' are left out."""
    printed = ""
    for line in block.text.replace("\\\n", " ").splitlines():
        match = COMMAND.match(line.removeprefix("$ "))
        if match is None:
            continue
        words = shlex.split(match[3], comments=True)
        module = "unittest" if match[2] else "inference_pio"
        given = dict(item.split("=", 1) for item in shlex.split(match[1]))
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            env=os.environ | given, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if done.returncode != 0:
            raise PageError(f"{line}\nleft with {done.returncode}: {done.stderr}")
        if module == "unittest" and not re.search(r"Ran [1-9]", done.stderr):
            raise PageError(f"{line}\nran no tests")
        printed += done.stdout
    return printed


def run_python(block: Block, page: Path, names: dict[str, object]) -> str:
    """Run the block in `names`; errors show the page's own lines. Returns what it printed."""
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, names)
    return out.getvalue()


def expect(wanted: str, printed: str, line: int) -> None:
    """Hold what was printed against the page; "..." in it stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in wanted.strip().split("..."))
    if re.fullmatch(pattern, printed.strip(), re.DOTALL) is None:
        raise PageError(f"line {line}: expected\n{wanted}\ngot\n{printed}")


def main(page: Path) -> int:
    whole_files = {block: name for name, block in files_of(page).items()}
    names: dict[str, object] = {"__name__": "__main__"}
    printed = ""
    for block in blocks_of(page):
        try:
            if block in whole_files:
                file = MY_MODEL / whole_files[block]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, encoding="utf-8")
            elif block.language == "python":
                printed = run_python(block, page, names)
            elif block.language in SHELL:
                printed = run_shell(block)
            elif block.language == "output":
                expect(block.text, printed, block.line)
        except Exception as error:
            raise PageError(f"{page}, block of line {block.line}") from error
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
