# SPDX-License-Identifier: Apache-2.0
"""The guide for plugin authors, word for word: its code blocks make a model folder that the engine runs.

Both guides are held to this: the page in docs/guide/, and the file that PIO_GUIDE names, where it is set.
"""

import os
import unittest
from pathlib import Path

from markdown_page import files_of
from package_copy import GOLDEN, PackageCopy, write_folder

PROJECT = Path(__file__).resolve().parents[2]
OWN_GUIDE = PROJECT / "docs" / "guide" / "writing-a-model.md"
WANTED = ("config.py", "model.py", "plugin.py", "plugin_manifest.json")

# What section 1 of the guide lists and shows no code for.
REST = {
    "__init__.py": '''"""My model."""

from .config import MyModelConfig
from .model import MyModel

__all__ = ["MyModel", "MyModelConfig"]
''',
    "README.md": "# my_model\n",
    "tests/__init__.py": "",
    "tests/test_model.py": """import unittest

from ..config import MyModelConfig
from ..model import MyModel
from ....core.engine.backend import Tensor


class MyModelTest(unittest.TestCase):
    def test_forward(self):
        out = MyModel(MyModelConfig(hidden_size=8))(Tensor.ones([1, 2, 8]))
        self.assertEqual(out.shape, (1, 2, 8))
""",
}
TESTS = "src/inference_pio/models/my_model/tests"
# Imports the folder by the name of the tests' package and sees that its classes are the engine's own.
SAME_CLASSES = """
import {first}.models.my_model as first
import {second}.models.my_model as second
import {second} as package
plugin = package.ModelFactory.create("my_model", hidden_size=4)
assert type(plugin.model) is first.MyModel is second.MyModel, (first.MyModel, second.MyModel)
assert type(plugin.config) is first.MyModelConfig
assert isinstance(plugin.model, package.Module)
"""


class GuideTests:
    """The tests of one guide: a subclass sets `guide`."""

    guide: Path

    @classmethod
    def setUpClass(cls) -> None:
        blocks = files_of(cls.guide)
        missing = [name for name in WANTED if name not in blocks]
        if missing:
            raise AssertionError(f"{cls.guide} shows no {', '.join(missing)}")
        cls.copy = PackageCopy()
        cls.addClassCleanup(cls.copy.close)
        shown = {name: block.text for name, block in blocks.items()}
        write_folder(cls.copy.models / "my_model", REST | shown)

    def check(self, *arguments: object, path: str = "src") -> str:
        done = self.copy.run(*arguments, path=path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_what_the_guide_promises(self) -> None:
        self.check(Path(__file__).with_name("guide_checks.py"), path=f"src{os.pathsep}.")

    def test_listed_without_a_fault(self) -> None:
        [entry] = self.copy.architectures()["my_model"]
        self.assertEqual((entry["status"], entry["reason"]), ("ok", ""))
        self.assertEqual((entry["version"], entry["language"]), ("1.0.0", "python"))
        self.assertTrue(Path(entry["path"]).samefile(self.copy.models / "my_model"))

    def test_run_says_that_it_is_not_generative(self) -> None:
        for checkpoint in ("llama_tied", "gguf_q8_0/llama_gqa.q8_0.gguf"):
            with self.subTest(checkpoint):
                done = self.copy.run(
                    "-m",
                    "inference_pio",
                    "run",
                    GOLDEN / checkpoint,
                    "--ids",
                    "1,2",
                    "--plugin",
                    "my_model",
                )
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertIn("not generative", done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_unit_tests_from_the_root(self) -> None:
        discover = ("-m", "unittest", "discover", "-s", TESTS, "-t")
        for arguments in (
            (*discover, "."),
            (*discover, "src"),
            ("-m", "unittest", TESTS.replace("/", ".") + ".test_model"),
        ):
            # Python 3.11 leaves with 0 where it found no test.
            with self.subTest(arguments):
                self.assertRegex(self.check(*arguments, path=""), r"Ran [1-9]\d* tests? in")

    def test_the_long_name_runs_as_a_program(self) -> None:
        self.assertIn("my_model", self.check("-m", "src.inference_pio", "models", path=""))
        for extra in ("", "\n\nif __name__ == '__main__':\n    unittest.main()\n"):
            test = self.copy.models / "my_model" / "tests" / "test_model.py"
            text = test.read_text(encoding="utf-8")
            self.addCleanup(test.write_text, text, encoding="utf-8")
            test.write_text(text + extra, encoding="utf-8")
            out = self.check("-m", TESTS.replace("/", ".") + ".test_model", path="")
            if extra:
                self.assertRegex(out, r"Ran [1-9]\d* tests? in")

    def test_one_class_whichever_name_comes_first(self) -> None:
        names = ("inference_pio", "src.inference_pio")
        for first, second in (names, names[::-1], names[:1] * 2, names[1:] * 2):
            with self.subTest(first=first, second=second):
                # With src on the path both names resolve by themselves; from the root alone only the long one.
                code = SAME_CLASSES.format(first=first, second=second)
                self.check("-c", code, path="src")
                if first.startswith("src."):
                    self.check("-c", code, path="")


class OwnGuide(GuideTests, unittest.TestCase):
    guide = OWN_GUIDE


@unittest.skipUnless(os.environ.get("PIO_GUIDE"), "PIO_GUIDE names no file")
class GivenGuide(GuideTests, unittest.TestCase):
    guide = Path(os.environ.get("PIO_GUIDE", ""))


if __name__ == "__main__":
    unittest.main()
