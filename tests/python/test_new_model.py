# SPDX-License-Identifier: Apache-2.0
"""new-model --lang python on the engine: the untouched folder passes its checks and answers."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import inference_pio as pio

GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"
PROJECT = Path(__file__).resolve().parents[2]


class NewModelTest(unittest.TestCase):
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


class NewModel(NewModelTest):
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

    def test_scaling_that_leaves_the_length_to_the_model(self):
        config = json.loads((GOLDEN / "llama_rope_yarn" / "config.json").read_text())
        del config["rope_parameters"]["original_max_position_embeddings"]
        (self.root / "config.json").write_text(json.dumps(config))
        self.command("new-model", "scaled", "--lang", "python", "--from", self.root / "config.json", "--dir", self.root)
        self.assertRegex(self.command("check-model", "scaled"), "ok +layers and logits tiny")

    def test_a_failed_unit_test_is_named(self):
        self.command("new-model", "broken", "--lang", "python", "--dir", self.root)
        tests = self.root / "broken" / "tests" / "test_model.py"
        tests.write_text(
            "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_no(self):\n        self.assertEqual(1, 2)\n"
        )
        self.assertRegex(self.command("check-model", "broken", code=1), r"FAILED +unit tests: .*T\.test_no.*1 != 2")
        tests.unlink()
        self.assertRegex(self.command("check-model", "broken", code=1), "FAILED +unit tests: .*no tests")


    @unittest.skipUnless(importlib.util.find_spec("mypy") and importlib.util.find_spec("ruff"), "no mypy or ruff")
    def test_it_passes_the_linters(self):
        package = self.root / "inference_pio"
        leave_out = shutil.ignore_patterns("*.so", "tests", "__pycache__", ".*_cache")
        shutil.copytree(Path(pio.__file__).parent, package, ignore=leave_out)
        for name in ("llama_rope_yarn", "mistral_window"):
            self.command("new-model", name, "--lang", "python", "--from", GOLDEN / name, "--dir", package / "models")
            for linter in (["ruff", "check", "--config"], ["mypy", "--config-file"]):
                done = subprocess.run(
                    [sys.executable, "-m", *linter, PROJECT / "pyproject.toml", package / "models" / name],
                    capture_output=True, text=True, check=False, cwd=self.root,
                )  # fmt: skip
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Explained(NewModelTest):
    """check-model on a folder whose model is written out, with one mistake in it."""

    def setUp(self):
        super().setUp()
        self.command("new-model", "mine", "--lang", "python", "--dir", self.root)
        self.folder = self.root / "mine"
        source = Path(pio.__file__).parent / "models" / "llama_python"
        shutil.copytree(source / "architecture", self.folder / "architecture")
        shutil.copy(source / "model.py", self.folder)
        for file in (self.folder / "model.py", *(self.folder / "architecture").glob("*.py")):
            file.write_text(file.read_text().replace("LlamaModel", "MineModel").replace("LlamaConfig", "MineConfig"))
        self.change("config.py", "    def __post_init__(self) -> None:\n", "        self.head_dim = 16\n", keep=True)

    def change(self, name, old, new, keep=False):
        text = (self.folder / name).read_text()
        self.assertIn(old, text)
        (self.folder / name).write_text(text.replace(old, old + new if keep else new))

    def line(self, check):
        out = self.command("check-model", "mine", code=1)
        return next(line for line in out.splitlines() if line.startswith("FAILED") and check in line)

    def test_nothing_is_wrong(self):
        self.assertIn("layers and logits tiny", self.command("check-model", "mine"))

    def test_a_renamed_parameter(self):
        self.change("architecture/layer.py", "self.up_proj", "self.upper_proj")
        line = self.line("names and shapes tiny")
        self.assertIn("model.layers.0.mlp.upper_proj.weight [96, 64]", line)
        self.assertIn("model.layers.1.mlp.up_proj.weight", line)
        self.assertRegex(line, r"tests/golden/tiny/model\.safetensors: missing .*; unexpected ")

    def test_a_changed_shape(self):
        self.change("architecture/layer.py", "RMSNorm(c.hidden_size, c", "RMSNorm(c.hidden_size + 1, c")
        line = self.line("names and shapes tiny")
        self.assertIn("greedy ids tiny", out := self.command("check-model", "mine", code=1))
        self.assertEqual(out.count("misshapen"), 1)  # told once
        self.assertRegex(line, r"misshapen model\.layers\.0\.input_layernorm\.weight: expected \[65\], file has \[64\]")

    def test_a_wrong_layer(self):
        self.change("architecture/layer.py", "self.post_attention_layernorm(h))", " * self.scale", keep=True)
        self.change("model.py", "for _ in range(c.num_layers)]\n", "        for i, layer in enumerate(self.layers):\n"
                    "            layer.scale = 1.5 if i == 1 else 1.0\n", keep=True)  # fmt: skip
        line = self.line("layers and logits tiny")
        self.assertRegex(line, r"hidden\.1 departs first: layer 1 is [\d.]{1,5} off in prompt p\d+, allowed: 0.001; hidden\.0 before it is")


if __name__ == "__main__":
    unittest.main()
