# SPDX-License-Identifier: Apache-2.0
"""new-model, a build with -DPIO_EXTRA_MODELS, and what comes out: unit tests, check-model, run. Untouched, all pass.

PIO_BUILD_DIR is this build; the other one lies beside it and is kept, so that only the models are compiled again.
"""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

import cli_support
from cli_support import GGUF, ROOT, CliTest

BUILD = Path(os.environ.get("PIO_BUILD_DIR", ""))
OTHER = BUILD.with_name(BUILD.name + "-extra")
FLAGS_OF_PYTHON = ("POSITION_INDEPENDENT_CODE=ON", "CXX_VISIBILITY_PRESET=hidden", "VISIBILITY_INLINES_HIDDEN=ON")
STRANGE = {
    "model_type": 'stra"nge', "note": '\\\n"?*/ %s@x@;[', "count": -(2**63), "real": 1e300, "zero": 0.0, "flags": [True, None],
    "layer_types": ["full", "sliding"] * 40, "numbers": list(range(100)), "attention_bias": True, "mlp_bias": True,
}  # fmt: skip


def cmake(*args):
    return subprocess.run(["cmake", *map(str, args)], capture_output=True, text=True, check=False)


class ExtraModels(CliTest):
    def configure(self, *folders):
        cache = dict(re.findall(r"^(\w+):\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M))
        same = [f"-D{name}={cache[name]}" for name in ("CMAKE_BUILD_TYPE", "CMAKE_CXX_COMPILER")]
        if cache["PIO_BUILD_PYTHON"] == "ON":  # the flags that come with it, so that ccache has most objects already
            same += [f"-DCMAKE_{name}" for name in FLAGS_OF_PYTHON]
        return cmake("-S", ROOT, "-B", OTHER, "-G", "Ninja", *same, f"-DPIO_EXTRA_MODELS={';'.join(map(str, folders))}")

    def new_model(self, name, *args, below="several"):
        folder = self.tmp / below
        folder.mkdir(exist_ok=True)
        self.ok("new-model", name, "--dir", folder, *args)
        return folder / name

    def test_untouched_folders_pass(self):
        seed = self.new_model("seed", below="unused") / "tests/golden/tiny"
        checkpoint = self.tmp / "checkpoints" / "Seedling"
        checkpoint.parent.mkdir()
        seed.rename(checkpoint)
        source = self.tmp / "strange.json"
        source.write_text(json.dumps(STRANGE))
        self.new_model("mine", "--from", checkpoint)
        self.new_model("strange", "--from", source)
        single = self.new_model("from_gguf", "--from", GGUF, below="single")

        done = self.configure(self.tmp / "several", single)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = ("mine", "strange", "from_gguf")
        done = cmake("--build", OTHER, "--target", "inference-pio", *(f"{name}_test" for name in names))
        self.assertEqual(done.returncode, 0, done.stdout[-4000:])

        cli_support.BINARY = str(OTHER / "bin/inference-pio")
        listed = {a["name"]: a for a in json.loads(self.ok("models", "--json"))["architectures"]}
        for name in names:
            with self.subTest(name=name):
                self.assertEqual((listed[name]["status"], listed[name]["language"]), ("ok", "cpp"))
                done = subprocess.run([OTHER / f"bin/{name}_test"], cwd=ROOT, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertIn("[  PASSED  ] 2 tests.", done.stdout)
                self.assertNotIn("FAILED", self.ok("check-model", name))
        for model, name in [(checkpoint, "mine"), (GGUF, "from_gguf"), (GGUF, "mine")]:
            answer = json.loads(self.ok("run", model, "Hi", "--plugin", name, "-n", 8, "--ignore-eos", "--json"))
            expected = json.loads(self.ok("run", model, "Hi", "-n", 8, "--ignore-eos", "--json"))
            self.assertEqual(answer["ids"], expected["ids"], (model, name))
            self.assertEqual(len(answer["ids"]), 8)
        self.fails(3, "its checkpoints here: Seedling", "run", "mine", INFERENCE_PIO_MODELS=str(checkpoint.parent))
        self.fails(2, '"mine" is taken', "new-model", "mine", "--dir", self.tmp)

        manifest = single / "plugin_manifest.json"
        manifest.write_text(manifest.read_text().replace("version", "versoin"))
        done = self.configure(self.tmp / "several", single)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f'{manifest}: key "version" is missing', " ".join(done.stderr.split()))


if __name__ == "__main__":
    unittest.main()
