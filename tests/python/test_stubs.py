# SPDX-License-Identifier: Apache-2.0
"""_pio.pyi says what the extension has: `make stubs` writes it anew."""

import ast
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import inference_pio as pio

STUBS = Path(pio.__file__).parent / "_pio.pyi"
PATTERNS = Path(__file__).resolve().parents[2] / "tools" / "stub_patterns.txt"


class Stubs(unittest.TestCase):
    def test_the_committed_file_is_what_the_extension_gives(self):
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / "_pio.pyi"
            options = ["-q", "-P", "-p", PATTERNS, "-m", "inference_pio._pio", "-o", fresh]
            subprocess.run([sys.executable, "-m", "nanobind.stubgen", *options], check=True)
            self.assertEqual(STUBS.read_text(), fresh.read_text(), "run `make stubs`")

    def test_the_errors_that_patterns_name_are_those_there_are(self):
        there = {name for name, value in vars(pio).items() if isinstance(value, type) and issubclass(value, BaseException)}
        tree = ast.parse(STUBS.read_text())
        classes = {node.name: [base.id for base in node.bases] for node in tree.body if isinstance(node, ast.ClassDef)}
        for name in there:
            self.assertEqual(classes[name], [base.__name__ for base in getattr(pio, name).__bases__], name)


if __name__ == "__main__":
    unittest.main()
