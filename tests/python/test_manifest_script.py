# SPDX-License-Identifier: Apache-2.0
"""M10 at configuration: what is wrong with a C++ model folder stops CMake, with its file and the reason."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

CMAKE = Path(__file__).resolve().parents[2] / "cmake"
GOOD = {"name": "mine", "version": "1.0.0", "type": "model", "description": "A model; with a semicolon."}

# A project without a language, and stubs of what makes targets: nothing is compiled.
SCRIPT = """
cmake_minimum_required(VERSION 3.25)
project(models VERSION 0.1.0 LANGUAGES NONE)
list(APPEND CMAKE_MODULE_PATH {cmake})
function(add_library)
endfunction()
function(target_link_libraries)
endfunction()
function(set_target_properties)
endfunction()
include(pio_models)
pio_models({root}/models {extra})
"""


class Manifest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def folder(self, text: str | None, name: str = "mine", below: str = "models") -> Path:
        folder = self.root / below / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plugin.cpp").write_text("")
        if text is not None:
            (folder / "plugin_manifest.json").write_text(text)
        return folder

    def configure(self, extra: str = "") -> subprocess.CompletedProcess[str]:
        script = self.root / "CMakeLists.txt"
        script.write_text(SCRIPT.format(root=self.root, cmake=CMAKE, extra=extra))
        command = ["cmake", "-S", str(self.root), "-B", str(self.root / "out")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def refused(self, *parts: str, extra: str = "") -> None:
        done = self.configure(extra)
        self.assertNotEqual(done.returncode, 0)
        message = " ".join(done.stderr.split())  # CMake breaks lines
        for part in parts:
            self.assertIn(part, message)

    def registered(self) -> str:
        return (self.root / "out" / "register_built_in_models.cpp").read_text()

    def test_a_good_one_is_registered(self) -> None:
        self.folder(json.dumps({**GOOD, "model_types": ["a", "b"], "architectures": [], "min_pio": "0.1"}))
        done = self.configure()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("models::mine::plugin_class()", self.registered())
        self.assertIn("with a semicolon.", self.registered())

    def test_m10_broken_ones_are_named_with_the_reason(self) -> None:
        file = "mine/plugin_manifest.json"
        for text, reason in [
            (None, "there is none"),
            ("", ""),
            ("{", ""),
            ("[]", "is of type ARRAY, expected an object"),
            ("{}", 'key "name" is missing'),
            *((json.dumps({k: v for k, v in GOOD.items() if k != key}), f'key "{key}" is missing') for key in GOOD),
            (json.dumps({**GOOD, "version": 1}), 'key "version" is 1 (NUMBER), expected a text'),
            (json.dumps({**GOOD, "version": ""}), 'key "version" is'),
            (json.dumps({**GOOD, "type": "tool"}), 'key "type" is "tool", expected "model"'),
            (json.dumps({**GOOD, "language": "python"}), 'key "language" is "python" beside a plugin.cpp'),
            (json.dumps({**GOOD, "name": "other"}), "differs from the folder's"),
            (json.dumps({**GOOD, "model_typ": []}), 'unknown key "model_typ"'),
            (json.dumps({**GOOD, "model_types": "a"}), "expected a list of texts"),
            (json.dumps({**GOOD, "architectures": ["a", 1]}), "holds a NUMBER, expected a list of texts"),
            (json.dumps({**GOOD, "min_pio": "9.0"}), "wants inference-pio 9.0 or newer, this is 0.1.0"),
            (json.dumps({**GOOD, "min_pio": "new"}), "expected a version such as"),
            (json.dumps(GOOD)[:-1] + ', "name": "mine"}', "is there twice"),
            (json.dumps(GOOD)[:-1] + "} // mine", "is not JSON"),
        ]:
            with self.subTest(text=text):
                folder = self.folder(text)
                self.refused(file, reason)
                (folder / "plugin_manifest.json").unlink(missing_ok=True)

    def test_a_name_that_is_no_namespace(self) -> None:
        self.folder(json.dumps({**GOOD, "name": "My-Model"}), "My-Model")
        self.refused("My-Model/plugin_manifest.json", "expected a lower-case letter")

    def test_extra_folders(self) -> None:
        self.folder(json.dumps(GOOD))
        self.folder(json.dumps({**GOOD, "name": "one"}), "one", "more")
        self.folder(json.dumps({**GOOD, "name": "two"}), "two", "more")
        single = self.folder(json.dumps({**GOOD, "name": "three"}), "three", "single")
        done = self.configure(f"{self.root}/more {single}")
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("mine", "one", "two", "three"):
            self.assertIn(f"models::{name}::plugin_class()", self.registered())

    def test_m10_a_name_that_is_there_twice(self) -> None:
        self.folder(json.dumps(GOOD))
        self.folder(json.dumps(GOOD), "mine", "more")
        self.refused('name "mine" is taken by', "models/mine", extra=f"{self.root}/more")

    def test_an_extra_folder_without_a_model(self) -> None:
        (self.root / "more" / "python_model").mkdir(parents=True)
        self.refused("is no C++ model folder and holds none", extra=f"{self.root}/more")
        self.refused("is no C++ model folder and holds none", extra=f"{self.root}/nowhere")

    def test_a_python_folder_is_left_to_python(self) -> None:
        self.folder(json.dumps(GOOD))
        (self.root / "models" / "python_model").mkdir()
        self.assertEqual(self.configure().returncode, 0)


if __name__ == "__main__":
    unittest.main()
