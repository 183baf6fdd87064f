# SPDX-License-Identifier: Apache-2.0
"""Discovery under hostile folders, paths and entry points: each takes down itself alone, and no code runs unasked."""

import json
import os
import tempfile
import unittest
from pathlib import Path

from package_copy import PackageCopy, write_folder
from test_plugin_folders import MANIFEST, MODEL, PLUGIN, model_files

# Waits at import, so that a second thread comes in between.
SLOW = "import time\ntime.sleep(0.5)\n"
TWO_THREADS = """
import threading, inference_pio
found = []
threads = [
    threading.Thread(target=lambda: found.append("slow" in inference_pio.ModelFactory.available()))
    for _ in range(2)
]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert found == [True, True], found
"""
REGISTERS = """
from inference_pio import ModelFactory
ModelFactory.register("by_hand", Plugin)
assert "by_hand" in ModelFactory.available()
"""
# As root every folder can be read: the refusal is made here.
UNREADABLE = """
import pathlib, inference_pio
is_file, iterdir = pathlib.Path.is_file, pathlib.Path.iterdir
def refuse(self):
    if "locked" in self.parts: raise PermissionError(13, "Permission denied", str(self))
    return is_file(self)
def refuse_list(self):
    if self.name == "closed": raise PermissionError(13, "Permission denied", str(self))
    return iterdir(self)
pathlib.Path.is_file, pathlib.Path.iterdir = refuse, refuse_list
import inference_pio.__main__ as program, sys
sys.argv[1:] = ["models", "--json"]
sys.exit(program.main())
"""


class Discovery(unittest.TestCase):
    def setUp(self) -> None:
        self.copy = PackageCopy()
        self.addCleanup(self.copy.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        write_folder(self.folder / "good", model_files("good"))

    def listed(self, *path: object) -> dict[str, list[dict]]:
        joined = ":".join(str(item) for item in (*path, self.folder))
        listed = self.copy.architectures(INFERENCE_PIO_PLUGIN_PATH=joined)
        self.assertEqual(listed["good"][0]["status"], "ok", listed["good"][0]["reason"])
        return listed

    def assert_broken(self, entries: list[dict], *parts: str) -> None:
        [entry] = entries
        self.assertEqual(entry["status"], "broken")
        for part in parts:
            self.assertIn(part, entry["reason"])

    def install(self, entry_points: str | bytes, name: str = "theirs") -> Path:
        """An installed distribution with these entry points; returns the folder of packages."""
        folder = self.copy.site_packages / f"{name}-1.0.dist-info"
        write_folder(folder, {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"})
        text = entry_points.encode() if isinstance(entry_points, str) else entry_points
        (folder / "entry_points.txt").write_bytes(text)
        return self.copy.site_packages

    def test_a_folder_that_registers_itself(self) -> None:
        write_folder(self.folder / "selfmade", model_files("selfmade", plugin=PLUGIN + REGISTERS))
        listed = self.listed()
        for name in ("selfmade", "by_hand"):
            self.assertEqual(listed[name][0]["status"], "ok", listed[name][0]["reason"])

    def test_a_second_thread_waits_for_the_whole(self) -> None:
        write_folder(self.folder / "slow", model_files("slow", plugin=SLOW + PLUGIN))
        done = self.copy.run("-c", TWO_THREADS, INFERENCE_PIO_PLUGIN_PATH=str(self.folder))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_path_that_is_too_long(self) -> None:
        name = "a" * 300
        self.assert_broken(
            self.listed(self.folder / name)[name], "too long", "INFERENCE_PIO_PLUGIN_PATH"
        )

    def test_names_that_are_not_utf8(self) -> None:
        for name, manifest in [
            (b"bad\xff", "{"),
            (b"fine\xfe", json.dumps(MANIFEST | {"name": "fine"})),
        ]:
            folder = Path(os.fsdecode(os.fsencode(self.folder) + b"/" + name))
            write_folder(folder, model_files("x", plugin_manifest=manifest))
        listed = self.listed()
        self.assert_broken(listed["bad\\udcff"], "not UTF-8")
        self.assert_broken(listed["fine\\udcfe"], "not UTF-8")

    def test_folders_that_may_not_be_read(self) -> None:
        write_folder(self.folder / "locked", model_files("locked"))
        (self.folder / "closed").mkdir()
        path = f"{self.folder / 'closed'}:{self.folder}"
        done = self.copy.run("-c", UNREADABLE, INFERENCE_PIO_PLUGIN_PATH=path)
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = {entry["name"]: entry for entry in json.loads(done.stdout)["architectures"]}
        self.assertEqual(listed["good"]["status"], "ok")
        for name in ("locked", "closed"):
            self.assert_broken([listed[name]], "PermissionError", "Permission denied")

    def test_what_the_plugin_path_cannot_use_is_told(self) -> None:
        cpp = {"plugin_manifest.json": json.dumps(MANIFEST | {"name": "in_cpp"}), "plugin.cpp": ""}
        folder = write_folder(self.folder / "in_cpp", cpp)
        write_folder(self.folder / "bare", {"plugin.py": PLUGIN, "model.py": MODEL})
        write_folder(self.folder / "my.model", model_files("my_model"))
        write_folder(self.folder / "notes", {"README.md": ""})
        listed = self.listed()
        self.assert_broken(listed["in_cpp"], "C++", f"-DPIO_EXTRA_MODELS={folder}")
        self.assertEqual(listed["in_cpp"][0]["language"], "cpp")
        self.assert_broken(listed["bare"], "no plugin_manifest.json")
        self.assert_broken(listed["my_model"], '"my.model" holds a dot')
        self.assertNotIn("notes", listed)
        # Named itself, and one whose C++ is in this build.
        self.assert_broken(self.listed(self.folder / "bare")["bare"][:1], "no plugin_manifest.json")
        built_in = {
            "plugin_manifest.json": json.dumps(MANIFEST | {"name": "llama"}),
            "plugin.cpp": "",
        }
        write_folder(self.folder / "llama", built_in)
        [entry] = self.listed()["llama"]
        self.assertEqual(entry["status"], "ok")

    def test_what_folders_print_is_no_answer(self) -> None:
        noisy = 'print("imported")\n' + PLUGIN + '        print("initialized")\n'
        write_folder(self.folder / "noisy", model_files("noisy", plugin=noisy))
        self.assertEqual(self.listed()["noisy"][0]["status"], "ok")
        code = "import inference_pio; inference_pio.ModelFactory.available(); print('mine')"
        done = self.copy.run("-c", code, INFERENCE_PIO_PLUGIN_PATH=str(self.folder))
        self.assertEqual((done.stdout, done.stderr), ("mine\n", "imported\n"))

    def test_an_entry_point_that_is_no_folder_runs_nothing(self) -> None:
        write_folder(self.copy.root, model_files("here", plugin="open('ran', 'w')\n"))
        write_folder(self.copy.site_packages / "spaces" / "inner", {"a.txt": ""})
        entries = {
            "klass": "argparse:ArgumentParser",
            "built_in": "sys:path",
            "space": "spaces",
            "inner": "spaces.inner",
            "gone": "no_such_package.model",
            "below": "argparse.inner",
            "nonsense": "a b c",
        }
        self.install(
            "[inference_pio.models]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items())
        )
        listed = self.listed()
        self.assert_broken(listed["klass"], "no plugin_manifest.json beside argparse")
        self.assert_broken(listed["built_in"], "sys is no file")
        self.assert_broken(listed["space"], "spaces is no file")
        self.assert_broken(listed["inner"], "ModuleNotFoundError", "spaces.inner")
        self.assert_broken(listed["gone"], "ModuleNotFoundError", "no_such_package")
        self.assert_broken(listed["below"], "ModuleNotFoundError", "argparse.inner")
        self.assert_broken(listed["nonsense"])
        self.assertFalse((self.copy.root / "ran").exists())

    def test_an_entry_point_may_name_the_class(self) -> None:
        two = PLUGIN + "\n\nclass Other(Plugin):\n    pass\n"
        packages = self.install("[inference_pio.models]\nx = pack.two.plugin:Other\n")
        write_folder(packages / "pack" / "two", model_files("two", plugin=two))
        [entry] = self.listed()["two"]
        self.assertEqual((entry["status"], entry["reason"]), ("ok", ""))
        code = (
            "import inference_pio\nplugin = inference_pio.ModelFactory.create('two')\n"
            "import pack.two.plugin, inference_pio.models.two.plugin as ours\n"
            "assert type(plugin) is pack.two.plugin.Other is ours.Other\n"
        )
        done = self.copy.run("-c", code)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_broken_list_of_entry_points(self) -> None:
        self.install(b"[inference_pio.models]\n\xff = \xff\n", "unreadable")
        packages = self.install("[inference_pio.models]\nx = pack.model\n")
        write_folder(packages / "pack" / "model", model_files("model"))
        listed = self.listed()
        self.assertEqual(listed["model"][0]["status"], "ok", listed["model"][0]["reason"])
        self.assert_broken(listed["unreadable-1.0"], "entry_points.txt", "UnicodeDecodeError")


if __name__ == "__main__":
    unittest.main()
