# SPDX-License-Identifier: Apache-2.0
"""The guide's section on publishing: its pyproject.toml makes a package of an untouched folder, which works installed.

setuptools builds it into a fresh virtual environment. Its wheel command may need a further package: build_py and
egg_info, which it is made of, do not.
"""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from markdown_page import blocks_of, files_of
from package_copy import PackageCopy, write_folder
from test_guide import OWN_GUIDE, REST

BUILD = "from setuptools import setup; setup()"
USES = """
import inference_pio
plugin = inference_pio.ModelFactory.create("my_model", hidden_size=4)
import my_pio_models.my_model
from my_pio_models.my_model.plugin import MyModelPlugin
assert type(plugin) is MyModelPlugin
assert MyModelPlugin.__module__ == "inference_pio.models.my_model.plugin", MyModelPlugin.__module__
print(plugin.model(inference_pio.Tensor.zeros([1, 2, 4])).shape)
"""


@unittest.skipUnless(importlib.util.find_spec("setuptools"), "setuptools is not installed")
class Publishing(unittest.TestCase):
    def setUp(self) -> None:
        self.copy = PackageCopy()
        self.addCleanup(self.copy.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Path(folder.name)
        [settings] = [block.text for block in blocks_of(OWN_GUIDE) if block.language == "toml"]
        write_folder(self.project, {"pyproject.toml": settings, "my_pio_models/__init__.py": ""})
        self.model = self.project / "my_pio_models" / "my_model"

    def install(self) -> None:
        """As pip does, without a network."""
        target = str(self.copy.site_packages)
        build = ("build_py", "--build-lib", target, "egg_info", "--egg-base", target)
        done = subprocess.run(
            [sys.executable, "-c", BUILD, *build],
            cwd=self.project,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shutil.rmtree(self.project / "my_pio_models")

    def assert_listed(self) -> None:
        [entry] = self.copy.architectures()["my_model"]
        self.assertEqual((entry["status"], entry["reason"]), ("ok", ""))
        self.assertTrue(
            Path(entry["path"]).samefile(self.copy.site_packages / "my_pio_models/my_model")
        )

    def test_the_folder_of_the_guide(self) -> None:
        shown = {name: block.text for name, block in files_of(OWN_GUIDE).items()}
        write_folder(self.model, REST | shown)
        self.install()
        self.assert_listed()
        done = self.copy.run("-c", USES)
        self.assertEqual((done.returncode, done.stdout), (0, "(1, 2, 4)\n"), done.stderr)

    def test_a_folder_of_new_model(self) -> None:
        done = self.copy.run(
            "-m",
            "inference_pio",
            "new-model",
            "my_model",
            "--lang",
            "python",
            "--dir",
            self.model.parent,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        checkpoint = shutil.copytree(self.model / "tests/golden/tiny", self.project / "tiny")
        self.install()
        self.assert_listed()
        run = (
            "run",
            checkpoint,
            "--ids",
            "1,2,3",
            "-n",
            "2",
            "--ignore-eos",
            "--plugin",
            "my_model",
        )
        done = self.copy.run("-m", "inference_pio", *run)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
