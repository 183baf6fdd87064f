# SPDX-License-Identifier: Apache-2.0
"""llama_python and llama: the same plan, the same bits, on every golden checkpoint and on the default model."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import inference_pio as pio
from inference_pio import _pio

FOLDER = Path(pio.__file__).parent / "models" / "llama_python"
GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"
IDS = "1,5,7,2,9,30,4"


def command(*args):
    done = subprocess.run([sys.executable, "-m", "inference_pio", *map(str, args)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Same(unittest.TestCase):
    def both(self, model):
        made = [pio.ModelFactory.create(name, model_path=model) for name in ("llama", "llama_python")]
        plans = [_pio._plan_bytes(plugin.model) for plugin in made]
        self.assertEqual(len(plans[0]), 1 + 4)  # what they share, and one for each capacity
        self.assertGreater(min(map(len, plans[0][1:])), 5000)
        self.assertTrue(plans[0] == plans[1], "the plans differ: compare what inspect --plan prints")
        with tempfile.TemporaryDirectory() as folder:
            out = []
            for name in ("llama", "llama_python"):
                file = Path(folder) / f"{name}.safetensors"
                command("logits", model, "--plugin", name, "--ids", IDS, "--all", "--hidden", "--out", file)
                out.append(file.read_bytes())
        self.assertEqual(out[0], out[1])

    def test_plan_bytes_tell_plans_apart(self):
        def plans(**fields):
            sizes = {"num_layers": 1, "vocab_size": 64, "hidden_size": 64, "num_attention_heads": 4, "intermediate_size": 64}
            return _pio._plan_bytes(pio.ModelFactory.create("llama_python", **{**sizes, **fields}).model)

        usual = plans()
        self.assertTrue(plans() == usual)
        for fields in ({"rope_theta": 500.0}, {"sliding_window": 8}, {"rms_norm_eps": 1e-3}, {"num_layers": 2}):
            self.assertFalse(plans(**fields) == usual, fields)

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

    def test_scaling_that_leaves_the_length_to_the_model(self):
        config = json.loads((GOLDEN / "llama_rope_yarn" / "config.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            model = shutil.copytree(GOLDEN / "llama_rope_yarn", Path(folder) / "model")
            del config["rope_parameters"]["original_max_position_embeddings"]
            (model / "config.json").write_text(json.dumps(config))
            self.both(model)

    def test_tracing_is_quick(self):
        # SmolLM2-135M's sizes; a trace reads no weights.
        plugin = pio.ModelFactory.create(
            "llama_python", hidden_size=576, num_layers=30, num_attention_heads=9, num_key_value_heads=3,
            intermediate_size=1536, vocab_size=49152, tie_word_embeddings=True,
        )  # fmt: skip
        for rows in (1, 8, 64, 512):
            best = min(self.seconds(lambda rows=rows: _pio._trace(plugin.model, rows)) for _ in range(5))
            self.assertLess(best, 0.020, f"{rows} rows")
        self.assertGreater(_pio._trace(plugin.model, 1), 30 * 20)

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
