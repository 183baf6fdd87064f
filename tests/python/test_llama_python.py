# SPDX-License-Identifier: Apache-2.0
"""llama_python and llama: the same plan, the same bits, on every golden checkpoint and on the default model."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import inference_pio as pio
from inference_pio.models.llama_python import LlamaConfig, LlamaModel

FOLDER = Path(pio.__file__).parent / "models" / "llama_python"
GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"
IDS = "1,5,7,2,9,30,4"


def command(*args):
    done = subprocess.run([sys.executable, "-m", "inference_pio", *map(str, args)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Same(unittest.TestCase):
    def both(self, model):
        plans = [command("inspect", model, "--plan", "--plugin", name) for name in ("llama", "llama_python")]
        self.assertGreater(len(plans[0].splitlines()), 20)
        self.assertEqual(plans[0], plans[1])
        with tempfile.TemporaryDirectory() as folder:
            out = []
            for name in ("llama", "llama_python"):
                file = Path(folder) / f"{name}.safetensors"
                command("logits", model, "--plugin", name, "--ids", IDS, "--all", "--hidden", "--out", file)
                out.append(file.read_bytes())
        self.assertEqual(out[0], out[1])

    def test_golden_checkpoints(self):
        cases = sorted(GOLDEN.iterdir())
        self.assertGreater(len(cases), 10)
        for case in cases:
            files = list(case.glob("*.gguf"))
            with self.subTest(case.name):
                self.both(files[0] if files else case)

    @unittest.skipUnless(os.environ.get("PIO_TEST_MODEL"), "PIO_TEST_MODEL names no checkpoint")
    def test_default_model(self):
        self.both(os.environ["PIO_TEST_MODEL"])

    @unittest.skipUnless(os.environ.get("PIO_TEST_MODEL"), "PIO_TEST_MODEL names no checkpoint")
    def test_tracing_is_quick(self):
        config = pio.CustomModelLoader(os.environ["PIO_TEST_MODEL"]).config
        layers = config["num_hidden_layers"]
        model = LlamaModel(
            LlamaConfig(
                hidden_size=576, num_layers=layers, num_attention_heads=9, num_key_value_heads=3, vocab_size=49152
            )
        )
        ids = pio.Tensor([[1]])
        best = min(self.seconds(lambda: model(ids)) for _ in range(5))
        self.assertLess(best, 0.020)

    def seconds(self, call):
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    def test_few_lines(self):
        lines = [
            line.strip()
            for file in FOLDER.rglob("*.py")
            if "tests" not in file.parts and file.name != "__init__.py"
            for line in file.read_text().splitlines()
        ]
        code = [line for line in lines if line and not line.startswith("#")]
        self.assertLessEqual(len(code), 150)


if __name__ == "__main__":
    unittest.main()
