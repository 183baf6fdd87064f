# SPDX-License-Identifier: Apache-2.0
"""Where model folders may lie: in this package, on the plugin path, in installed packages. Imports none of them."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

OWN = Path(__file__).resolve().parent / "models"
PLUGIN_PATH = "INFERENCE_PIO_PLUGIN_PATH"
ENTRY_POINTS = "inference_pio.models"
MANIFEST = "plugin_manifest.json"
# Any of these makes a folder one that wants to be a model.
FILES = (MANIFEST, "plugin.py", "plugin.cpp")


@dataclass(frozen=True)
class Candidate:
    """A folder that wants to be a model, or a place where none is, and why."""

    name: str
    """How to call it until its manifest is read."""
    place: str
    """Its folder, or what named it."""
    fault: str = ""
    """Why it cannot be used; empty if it may be tried."""
    package: str = ""
    """The name that it is installed under; empty: none."""
    plugin_class: str = ""
    """The class that an entry point names; empty: the manifest's, or the only one."""


def candidates() -> Iterator[Candidate]:
    """All of them; what cannot be read is among them, with the reason, and hides no other."""
    yield from _in_root(OWN)
    for root in os.environ.get(PLUGIN_PATH, "").split(":"):
        if root:
            yield from _in_root(Path(root))
    yield from _installed()


def one_line(error: BaseException) -> str:
    """The kind of an error and its text."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # an exception class of the folder's own, broken too
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _in_root(root: Path) -> Iterator[Candidate]:
    """The folder itself, or those that it holds."""
    try:
        if _wants_to_be_a_model(root):
            yield _candidate(root)
            return
        if not root.is_dir():
            yield Candidate(root.name or str(root), str(root), f"no such folder ({PLUGIN_PATH})")
            return
        folders = sorted(root.iterdir())
    except OSError as error:
        yield Candidate(root.name or str(root), str(root), f"{one_line(error)} ({PLUGIN_PATH})")
        return
    for folder in folders:
        try:
            if _wants_to_be_a_model(folder):
                yield _candidate(folder)
        except OSError as error:
            yield Candidate(folder.name, str(folder), one_line(error))


def _wants_to_be_a_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in FILES)


def _candidate(folder: Path) -> Candidate:
    found = folder.resolve()
    return Candidate(found.name, str(found))


def _installed() -> Iterator[Candidate]:
    """What entry points of installed packages name."""
    try:
        entries = list(importlib.metadata.entry_points(group=ENTRY_POINTS))
    except Exception:  # one package with a broken list of them: the others are asked one by one
        entries = []
        for distribution in importlib.metadata.distributions():
            try:
                entries += distribution.entry_points.select(group=ENTRY_POINTS)
            except Exception as error:
                place = str(getattr(distribution, "_path", "?"))
                yield Candidate(Path(place).stem, place, f"entry_points.txt: {one_line(error)}")
    for entry in entries:
        try:
            yield _installed_folder(entry)
        except Exception as error:
            yield Candidate(entry.name, entry.value, one_line(error))


def _installed_folder(entry: importlib.metadata.EntryPoint) -> Candidate:
    """The folder of the package that an entry point names, or of the package that its module lies in."""
    spec = _spec_without_import(entry.module)
    if spec.origin is None or not spec.has_location:
        fault = f"{entry.module} is no file: an entry point names the package of a model folder"
        return Candidate(entry.name, entry.value, fault)
    is_package = spec.submodule_search_locations is not None
    package = entry.module if is_package else entry.module.rpartition(".")[0]
    folder = Path(spec.origin).parent.resolve()
    if not package or not (folder / MANIFEST).is_file():
        fault = f"there is no {MANIFEST} beside {entry.module} ({folder})"
        return Candidate(entry.name, entry.value, fault)
    return Candidate(folder.name, str(folder), "", package, entry.attr)


def _spec_without_import(module: str) -> ModuleSpec:
    """What import would find: a folder's relative imports lead out of its package only under ours."""
    path, name, spec = None, "", None
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        specs = (finder.find_spec(name, path) for finder in sys.meta_path)
        try:
            spec = next((found for found in specs if found is not None), None)
        except KeyError:  # a namespace package in another, which would have to be imported
            spec = None
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        path = spec.submodule_search_locations or []
    assert spec is not None
    return spec
