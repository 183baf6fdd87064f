# SPDX-License-Identifier: Apache-2.0
"""Programs that only pretend, for tests of what calls them."""

import sys
import tempfile
import unittest
from pathlib import Path


class Pretending(unittest.TestCase):
    """A folder with a model file, and programs written from templates."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.model = self.root / "model.gguf"
        self.model.write_bytes(b"GGUF")

    def write(self, name: str, text: str, **values: object) -> Path:
        """The program `name`: `text` with {python}, {calls} (a file for it to list its calls in) and `values`."""
        program = self.root / name
        calls = str(self.root / "calls")
        program.write_text(text.format(python=sys.executable, calls=calls, **values))
        program.chmod(0o755)
        return program
