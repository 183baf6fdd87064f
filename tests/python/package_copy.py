# SPDX-License-Identifier: Apache-2.0
"""A repository root with the package alone, and a fresh virtual environment without packages to run it in."""

import fnmatch
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Any

PACKAGE = Path(importlib.util.find_spec("inference_pio").origin).parent
EXTENSION = Path(importlib.util.find_spec("inference_pio._pio").origin)
GOLDEN = PACKAGE / "models" / "llama" / "tests" / "golden"
PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
EXCLUDED = SETTINGS["tool"]["scikit-build"]["wheel"]["exclude"]


class PackageCopy:
    """src/inference_pio as a wheel has it, and the built extension, in a temporary folder."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pio-package-")
        self.root = Path(self._folder.name) / "repository"
        self.package = self.root / "src" / "inference_pio"
        self.models = self.package / "models"
        shutil.copytree(PACKAGE, self.package, ignore=_left_out)
        shutil.copy2(EXTENSION, self.package)
        environment = Path(self._folder.name) / "venv"
        venv.create(environment, symlinks=True, with_pip=False)
        self.python = environment / "bin" / "python"
        [self.site_packages] = environment.glob("lib/python*/site-packages")

    def close(self) -> None:
        """Remove it all."""
        self._folder.cleanup()

    def run(
        self, *arguments: object, path: str = "src", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the environment's Python from the root; `path` is PYTHONPATH, "" for none."""
        own = ("PYTHON", "INFERENCE_PIO_", "VIRTUAL_ENV")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(own)}
        clean |= {"INFERENCE_PIO_CACHE": str(self.root / "cache")} | variables
        if path:
            clean["PYTHONPATH"] = path
        command = [str(self.python), *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=self.root,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def architectures(self, **variables: str) -> dict[str, list[dict[str, Any]]]:
        """What `models --json` lists, by name."""
        done = self.run("-m", "inference_pio", "models", "--json", **variables)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        out: dict[str, list[dict[str, Any]]] = {}
        for entry in json.loads(done.stdout)["architectures"]:
            out.setdefault(entry["name"], []).append(entry)
        return out


def write_folder(folder: Path, files: dict[str, str]) -> Path:
    """Write `files`, by their paths in `folder`."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What the wheel does not have (pyproject.toml's wheel.exclude), and what was built."""
    below = Path(folder).relative_to(PACKAGE.parent)
    return {
        name
        for name in names
        if name in ("__pycache__", EXTENSION.name)
        or any(fnmatch.fnmatch(str(below / name), pattern) for pattern in EXCLUDED)
    }
