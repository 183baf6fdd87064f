# SPDX-License-Identifier: Apache-2.0
"""new-model --lang python on the engine: the untouched folder passes its checks and answers."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import inference_pio as pio

GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"


class NewModel(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def command(self, *args, code=0):
        env = {**os.environ, "INFERENCE_PIO_PLUGIN_PATH": str(self.root), "INFERENCE_PIO_MODELS": str(GOLDEN)}
        done = subprocess.run(
            [sys.executable, "-m", "inference_pio", *map(str, args)], capture_output=True, text=True, check=False, env=env
        )
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_untouched(self):
        self.command("new-model", "fresh", "--lang", "python", "--dir", self.root)
        out = self.command("check-model", "fresh")
        self.assertRegex(out, "ok +unit tests: [1-9]")
        self.assertRegex(out, "ok +layers and logits tiny")

    def test_from_a_checkpoint(self):
        checkpoint = GOLDEN / "llama_gqa_untied"
        self.command("new-model", "derived", "--lang", "python", "--from", checkpoint, "--dir", self.root)
        self.command("check-model", "derived", "--model", checkpoint)
        run = ("run", "--ids", "1,2,3", "-n", "8", "--json", "--temp", "0", "--ignore-eos")
        mine = self.command(*run, checkpoint, "--plugin", "derived")
        theirs = self.command(*run, checkpoint, "--plugin", "llama")
        self.assertEqual(mine.split('"ids"')[1].split("]")[0], theirs.split('"ids"')[1].split("]")[0])
        self.assertIn("llama_gqa_untied", self.command("run", "derived", code=3))

    def test_a_failed_unit_test_is_named(self):
        self.command("new-model", "broken", "--lang", "python", "--dir", self.root)
        tests = self.root / "broken" / "tests" / "test_model.py"
        tests.write_text(
            "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_no(self):\n        self.assertEqual(1, 2)\n"
        )
        self.assertRegex(self.command("check-model", "broken", code=1), r"FAILED +unit tests: .*T\.test_no.*1 != 2")
        tests.unlink()
        self.assertRegex(self.command("check-model", "broken", code=1), "FAILED +unit tests: .*no tests")


if __name__ == "__main__":
    unittest.main()
