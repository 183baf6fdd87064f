# SPDX-License-Identifier: Apache-2.0
"""Model folders found in every place, and broken ones that take nothing else down."""

import json
import tempfile
import unittest
from pathlib import Path

from package_copy import PackageCopy, write_folder

MANIFEST = {"name": "good", "version": "1.0.0", "type": "model", "description": "A model."}
PLUGIN = """from ...common.interfaces.improved_base_plugin_interface import ModelPluginInterface
from .model import Half


class Plugin(ModelPluginInterface):
    def initialize(self, **kwargs):
        self.model = Half()
"""
MODEL = """from ...core.engine.backend import Module


class Half(Module):
    def forward(self, x):
        return x * 0.5
"""
RUNS = """
import inference_pio
model = inference_pio.ModelFactory.create({name!r}).model
assert model(inference_pio.Tensor([3.0])).to_list() == [1.5]
"""


def model_files(name: str, **changes: str) -> dict[str, str]:
    """A model folder that works, but for `changes` by the file's stem."""
    files = {
        "plugin_manifest.json": json.dumps(MANIFEST | {"name": name}),
        "__init__.py": "",
        "model.py": MODEL,
        "plugin.py": PLUGIN,
    }
    changed = {file: changes.get(Path(file).stem, text) for file, text in files.items()}
    return changed


# Per folder: what is wrong with it, and what its reason has to name.
BROKEN = {
    "bad_json": (
        model_files("bad_json", plugin_manifest='{"name": "bad_json",'),
        ["plugin_manifest.json"],
    ),
    "not_an_object": (model_files("x", plugin_manifest="[1]"), ["array", "expected an object"]),
    "missing_key": (
        model_files("x", plugin_manifest=json.dumps({"name": "missing_key", "type": "model"})),
        ['"version"', "missing"],
    ),
    "unknown_key": (
        model_files(
            "x", plugin_manifest=json.dumps(MANIFEST | {"name": "unknown_key", "colour": "red"})
        ),
        ['"colour"'],
    ),
    "wrong_type": (
        model_files(
            "x", plugin_manifest=json.dumps(MANIFEST | {"name": "wrong_type", "version": 1})
        ),
        ['"version"', "expected a text"],
    ),
    "wrong_list": (
        model_files(
            "x",
            plugin_manifest=json.dumps(MANIFEST | {"name": "wrong_list", "model_types": "llama"}),
        ),
        ['"model_types"', "expected a list of texts"],
    ),
    "import_error": (
        model_files("import_error", plugin="\nimport no_such_module\n"),
        ["ModuleNotFoundError", "no_such_module", "plugin.py, line 2"],
    ),
    "error_in_model": (
        model_files("error_in_model", model="1 / 0\n"),
        ["ZeroDivisionError", "model.py, line 1"],
    ),
    "error_in_init": (
        model_files("error_in_init", __init__="1 / 0\n"),
        ["ZeroDivisionError", "__init__.py, line 1"],
    ),
    "bad_syntax": (
        model_files("bad_syntax", model="def forward(:\n"),
        ["SyntaxError", "model.py, line 1"],
    ),
    "bad_config": (
        model_files("bad_config", model=MODEL + "\nraise RuntimeError('no\\nluck')\n"),
        ["RuntimeError: no luck"],
    ),
    "two_classes": (
        model_files(
            "two_classes", plugin=PLUGIN + "\n\nclass Other(ModelPluginInterface):\n    pass\n"
        ),
        ["Plugin, Other", "expected exactly one"],
    ),
    "no_class": (
        model_files("no_class", plugin="x = 1\n"),
        ["no subclass of ModelPluginInterface"],
    ),
    "no_plugin": (
        {"plugin_manifest.json": json.dumps(MANIFEST | {"name": "no_plugin"})},
        ["no plugin.py"],
    ),
    "wrong_entry": (
        model_files(
            "x",
            plugin_manifest=json.dumps(MANIFEST | {"name": "wrong_entry", "entry_point": "Nobody"}),
        ),
        ['"Nobody"', '"entry_point"'],
    ),
    "exits": (
        model_files("exits", plugin="import sys\nsys.exit(7)\n"),
        ["SystemExit: 7", "plugin.py, line 2"],
    ),
    "exits_in_init": (model_files("exits_in_init", __init__="raise SystemExit\n"), ["SystemExit"]),
    "binary": ({"plugin_manifest.json": "", "plugin.py": PLUGIN}, ["plugin_manifest.json"]),
    "raises_in_initialize": (
        model_files("raises_in_initialize", plugin=PLUGIN + "        raise RuntimeError('no\\nluck')\n"),
        ["RuntimeError: no", "luck", "plugin.py, line 8"],
    ),
    "raises_when_made": (
        model_files(
            "raises_when_made", plugin=PLUGIN + "\n    def __init__(self):\n        raise OSError('no')\n"
        ),
        ["OSError: no", "plugin.py, line 10"],
    ),
    "config_import": (
        model_files("config_import") | {"config.py": "import no_such_module\n"},
        ["ModuleNotFoundError", "no_such_module", "config.py, line 1"],
    ),
    "config_import_inside": (
        model_files("config_import_inside") | {"config.py": "from .sizes import Sizes\n"},
        ["ModuleNotFoundError", "config_import_inside.sizes"],
    ),
    "no_manifest": ({"plugin.py": PLUGIN, "model.py": MODEL}, ["no plugin_manifest.json"]),
    "wrong_language": (
        model_files(
            "x", plugin_manifest=json.dumps(MANIFEST | {"name": "wrong_language", "language": "c"})
        ),
        ['"language" is "c"', '"python"'],
    ),
    "with.dot": (model_files("with.dot"), ['"with.dot" holds a dot', "rename"]),
    "in_cpp": (
        {"plugin_manifest.json": json.dumps(MANIFEST | {"name": "in_cpp"}), "plugin.cpp": ""},
        ["C++", "build again"],
    ),
    "error_without_text": (
        model_files(
            "error_without_text",
            plugin="class Bad(Exception):\n    def __str__(self):\n        raise OSError\n\nraise Bad\n",
        ),
        ["Bad (plugin.py, line 5)"],
    ),
}


class Folders(unittest.TestCase):
    """A copy of the package with one model folder that works."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.copy = PackageCopy()
        cls.addClassCleanup(cls.copy.close)
        write_folder(cls.copy.models / "good", model_files("good"))

    def elsewhere(self) -> Path:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Path(folder.name).resolve()

    def assert_runs(self, name: str, **variables: str) -> None:
        done = self.copy.run("-c", RUNS.format(name=name), **variables)
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_broken(self, entries: list[dict], *parts: str) -> None:
        [entry] = [entry for entry in entries if entry["status"] != "ok"]
        self.assertEqual(entry["status"], "broken")
        self.assertNotIn("\n", entry["reason"])
        for part in parts:
            self.assertIn(part, entry["reason"])


class BrokenFolders(Folders):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for name, (files, _) in BROKEN.items():
            write_folder(cls.copy.models / name, files)
        (cls.copy.models / "binary" / "plugin_manifest.json").write_bytes(b"\xff\xfe{}")
        cls.listed = cls.copy.architectures()

    def test_each_is_listed_with_its_reason(self) -> None:
        for name, (_, parts) in BROKEN.items():
            with self.subTest(name):
                self.assertIn(name, self.listed)
                self.assert_broken(self.listed[name], *parts)
                [entry] = self.listed[name]
                self.assertTrue(Path(entry["path"]).samefile(self.copy.models / name))

    def test_the_others_work(self) -> None:
        for name in ("good", "llama", "llama_plain", "llama_python"):
            [entry] = self.listed[name]
            self.assertEqual(entry["status"], "ok", entry["reason"])
        self.assert_runs("good")

    def test_asking_for_a_broken_one_gives_its_reason(self) -> None:
        code = (
            "import inference_pio\n"
            "try:\n    inference_pio.ModelFactory.create('import_error')\n"
            "except inference_pio.LoadError as error:\n    print(error)\n"
        )
        done = self.copy.run("-c", code)
        self.assertIn("no_such_module", done.stdout, done.stderr)
        done = self.copy.run(
            "-c", "import inference_pio; print(inference_pio.ModelFactory.available())"
        )
        self.assertNotIn("import_error", done.stdout)

    def test_the_table_shows_reasons(self) -> None:
        done = self.copy.run("-m", "inference_pio", "models")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("broken: ModuleNotFoundError", done.stdout)


class OneName(Folders):
    def test_two_folders_of_the_package(self) -> None:
        twin = write_folder(self.copy.models / "twin", model_files("good"))
        self.addCleanup(lambda: [file.unlink() for file in twin.rglob("*.*")])
        entries = self.copy.architectures()["good"]
        self.assertEqual([entry["status"] for entry in entries], ["ok", "broken"])
        self.assert_broken(entries, "good")
        self.assertTrue(Path(entries[1]["path"]).samefile(twin))
        self.assert_runs("good")

    def test_a_folder_of_the_plugin_path(self) -> None:
        other = write_folder(self.elsewhere() / "good", model_files("good"))
        variables = {"INFERENCE_PIO_PLUGIN_PATH": str(other)}
        self.assert_broken(self.copy.architectures(**variables)["good"], "good")
        self.assert_runs("good", **variables)

    def test_the_name_of_a_model_built_in(self) -> None:
        other = write_folder(self.elsewhere() / "llama", model_files("llama"))
        variables = {"INFERENCE_PIO_PLUGIN_PATH": str(other)}
        self.assert_broken(self.copy.architectures(**variables)["llama"], "llama")


class Elsewhere(Folders):
    def test_a_folder_of_folders_and_one_folder(self) -> None:
        many, one = self.elsewhere(), self.elsewhere()
        write_folder(many / "first", model_files("first"))
        write_folder(many / "second", model_files("second"))
        write_folder(many / "broken", model_files("broken", model="1 / 0"))
        write_folder(one / "third", model_files("third"))
        variables = {"INFERENCE_PIO_PLUGIN_PATH": f"{many}:{one / 'third'}"}
        listed = self.copy.architectures(**variables)
        for name, folder in [("first", many), ("second", many), ("third", one)]:
            with self.subTest(name):
                [entry] = listed[name]
                self.assertEqual((entry["status"], entry["path"]), ("ok", str(folder / name)))
                self.assert_runs(name, **variables)
        self.assert_broken(listed["broken"], "ZeroDivisionError")

    def test_a_folder_that_is_not_there(self) -> None:
        variables = {"INFERENCE_PIO_PLUGIN_PATH": str(self.elsewhere() / "nothing")}
        listed = self.copy.architectures(**variables)
        self.assert_broken(listed["nothing"], "INFERENCE_PIO_PLUGIN_PATH")
        self.assertEqual(listed["good"][0]["status"], "ok")

    def test_an_installed_package_by_its_entry_point(self) -> None:
        absolute = PLUGIN.replace("from ...common", "from inference_pio.common")
        model = MODEL.replace("from ...core", "from inference_pio.core")
        files = model_files("packaged", plugin=absolute, model=model)
        write_folder(self.copy.site_packages / "their_models" / "packaged", files)
        write_folder(self.copy.site_packages / "their_models", {"__init__.py": ""})
        entry_points = (
            "[inference_pio.models]\npackaged = their_models.packaged\ngone = their_models.gone\n"
        )
        write_folder(
            self.copy.site_packages / "their_models-1.0.dist-info",
            {
                "METADATA": "Metadata-Version: 2.1\nName: their-models\nVersion: 1.0\n",
                "entry_points.txt": entry_points,
            },
        )
        listed = self.copy.architectures()
        [entry] = listed["packaged"]
        self.assertEqual((entry["status"], entry["reason"]), ("ok", ""))
        self.assertEqual(Path(entry["path"]), self.copy.site_packages / "their_models" / "packaged")
        self.assert_runs("packaged")
        self.assert_broken(listed["gone"], "ModuleNotFoundError", "their_models.gone")


if __name__ == "__main__":
    unittest.main()
