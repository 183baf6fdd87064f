# SPDX-License-Identifier: Apache-2.0
"""_pio.pyi says what the extension has: `make stubs` writes it anew."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import inference_pio as pio

STUBS = Path(pio.__file__).parent / "_pio.pyi"


class Stubs(unittest.TestCase):
    def test_the_committed_file_is_what_the_extension_gives(self):
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / "_pio.pyi"
            command = [sys.executable, "-m", "nanobind.stubgen", "-q", "-P", "-m", "inference_pio._pio", "-o", fresh]
            subprocess.run(command, check=True)
            self.assertEqual(STUBS.read_text(), fresh.read_text(), "run `make stubs`")


if __name__ == "__main__":
    unittest.main()
