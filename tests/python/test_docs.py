# SPDX-License-Identifier: Apache-2.0
"""Every example in README.md, docs/ and the folders' READMEs runs: Python blocks, and shell blocks of the engine's commands."""

import json
import os
import re
import shutil
import unittest
from pathlib import Path

from markdown_page import blocks_of
from package_copy import PackageCopy
from page_runner import COMMAND, SHELL

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
# The name that the pages use: here a tiny checkpoint with random weights.
CHECKPOINT = "SmolLM2-135M-Instruct.Q4_1"
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def pages() -> list[Path]:
    """The pages of the root, all of docs/, and the READMEs of folders.

    What examples/README.md builds with CMake is cpp_library_test's.
    """
    folders = ("docs", "examples", "src", "bench", "fuzz", "tests", "tools")
    return sorted([*PROJECT.glob("*.md"), *(page for f in folders for page in (PROJECT / f).rglob("*.md"))])


def has_examples(page: Path) -> bool:
    """Whether anything on the page runs."""
    return any(
        block.language == "python"
        or (block.language in SHELL and re.search(COMMAND.pattern, block.text, re.MULTILINE))
        for block in blocks_of(page)
    )


class Docs(unittest.TestCase):
    def run_page(self, page: Path) -> None:
        copy = PackageCopy()
        self.addCleanup(copy.close)
        checkpoints = copy.root / "checkpoints"
        checkpoints.mkdir()
        made = copy.run("-m", "inference_pio", "new-model", "tiny", "--dir", checkpoints)
        self.assertEqual(made.returncode, 0, made.stderr)
        shutil.move(checkpoints / "tiny" / "tests" / "golden" / "tiny", checkpoints / CHECKPOINT)
        shutil.rmtree(checkpoints / "tiny")
        settings = checkpoints / CHECKPOINT / "tokenizer_config.json"
        settings.write_text(
            json.dumps(json.loads(settings.read_text()) | {"chat_template": TEMPLATE})
        )
        done = copy.run(
            HERE / "page_runner.py",
            page,
            path=f"{copy.root / 'src'}{os.pathsep}{HERE}",
            INFERENCE_PIO_MODELS=str(checkpoints),
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_page_with_examples(self) -> None:
        found = [page for page in pages() if has_examples(page)]
        self.assertGreaterEqual(len(found), 3)
        for page in found:
            with self.subTest(page.relative_to(PROJECT)):
                self.run_page(page)

    def test_links_lead_somewhere(self) -> None:
        for page in pages():
            for target in LINK.findall(page.read_text(encoding="utf-8")):
                with self.subTest(page.relative_to(PROJECT), target=target):
                    self.assertTrue((page.parent / target).exists())


class Pages(unittest.TestCase):
    """The runner itself: it fails where a page is wrong."""

    def run_text(self, text: str) -> str:
        copy = PackageCopy()
        self.addCleanup(copy.close)
        page = copy.root / "page.md"
        page.write_text(text)
        done = copy.run(
            HERE / "page_runner.py", page, path=f"{copy.root / 'src'}{os.pathsep}{HERE}"
        )
        return done.stderr if done.returncode else ""

    def test_wrong_pages(self) -> None:
        for text, message in [
            ("```python\nx = 1\n```\n```python\nprint(y)\n```\n", "NameError"),
            ("\n\n```python\n1 / 0\n```\n", 'page.md", line 4'),
            ("```python\nprint(1)\n```\n```output\n2\n```\n", "expected"),
            ("```sh\ninference-pio models --no-such-option\n```\n", "no-such-option"),
            ("```sh\npython -m inference_pio run nothing\n```\n", "nothing"),
        ]:
            with self.subTest(text):
                self.assertIn(message, self.run_text(text))

    def test_a_right_page(self) -> None:
        text = (
            "```python\nx = 1\n```\n```python\nprint(x, 'and more')\n```\n```output\n1 and ...\n```\n"
            "```sh\nmake all\ninference-pio models\n```\n```output\n...Architectures...\n```\n"
        )
        self.assertEqual(self.run_text(text), "")


if __name__ == "__main__":
    unittest.main()
