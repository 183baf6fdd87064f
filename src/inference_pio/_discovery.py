# SPDX-License-Identifier: Apache-2.0
"""Finds model folders written in Python and makes the engine know them."""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import sys
import threading
from pathlib import Path
from types import ModuleType

from . import _pio
from ._alias import alias_package
from ._config_class import config_class, defined_subclasses
from ._model_folders import MANIFEST, OWN, Candidate, candidates, one_line

MODELS = "inference_pio.models"
# A folder that uses the factory while it is imported comes here again, on the same thread.
_lock = threading.RLock()
_begun = False


def discover() -> None:
    """Register every Python model folder, once per process; broken ones with their reasons."""
    global _begun
    with _lock:
        if _begun:
            return
        _begun = True
        # What folders print while they are imported is no command's answer.
        with contextlib.redirect_stdout(sys.stderr):
            for candidate in candidates():
                _register(candidate)


def _register(candidate: Candidate) -> None:
    name, language = candidate.name, "python"
    try:
        if candidate.fault:
            raise _pio.LoadError(candidate.fault)
        folder = Path(candidate.place)
        if _printable(candidate.place) != candidate.place:
            raise _pio.LoadError("the path is not UTF-8: rename the folder")
        source = f"{folder}/{MANIFEST}"
        text = _manifest_text(folder)
        manifest = _pio._manifest(text, source)
        name, language = manifest["name"], _language(manifest["language"], folder)
        if language == "cpp":
            _check_built_in(name, folder)
            return
        if not (folder / "plugin.py").is_file():
            raise _pio.LoadError(f"there is no plugin.py in {folder}")
        module = importlib.import_module(_package(folder, candidate.package) + ".plugin")
        plugin_class = _entry_point(module, candidate.plugin_class or manifest["entry_point"])
        config_class(plugin_class)
        _pio._register_folder(text, source, str(folder), plugin_class)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a folder that calls sys.exit() takes no other down either
        reason = _printable(_reason(error, Path(candidate.place)))
        _pio._register_broken(_printable(name), _printable(candidate.place), reason, language)


def _printable(text: str) -> str:
    """The text as UTF-8: what a file's name has else is escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _manifest_text(folder: Path) -> str:
    file = folder / MANIFEST
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _pio.LoadError(f"there is no {MANIFEST} in {folder}") from None
    except UnicodeDecodeError as error:
        raise _pio.LoadError(
            f"{file}: is not UTF-8: {error.reason} at byte {error.start}"
        ) from None


def _language(declared: str, folder: Path) -> str:
    """What the manifest says, else what the folder's files say: a package has C++ folders without their code."""
    return declared or ("cpp" if (folder / "plugin.cpp").is_file() else "python")


def _check_built_in(name: str, folder: Path) -> None:
    if not _pio._is_built_in(name):
        way = (
            "build again"
            if folder.parent == OWN
            else f"build it in with -DPIO_EXTRA_MODELS={folder}"
        )
        raise _pio.LoadError(f"C++, and not in this build: {way}")


def _package(folder: Path, installed_as: str) -> str:
    """The name of a folder's package, imported: one from elsewhere is put under inference_pio.models too."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file) == folder / "__init__.py" and not name.startswith("src."):
            return name
    if "." in folder.name:
        raise _pio.LoadError(
            f'"{folder.name}" holds a dot, as no package\'s name may: rename the folder'
        )
    package = f"{MODELS}.{folder.name}"
    if folder.parent == OWN:
        return package
    if package in sys.modules or importlib.util.find_spec(package) is not None:
        raise _pio.LoadError(f"there is a model folder {folder.name} already")
    init = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        package, init if init.is_file() else None, submodule_search_locations=[str(folder)]
    )
    if spec is None:
        spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
    module = importlib.util.module_from_spec(spec)
    sys.modules[package] = module
    if installed_as:
        alias_package(installed_as, package)
    try:
        if spec.loader is not None:
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[package]
        raise
    setattr(importlib.import_module(MODELS), folder.name, module)
    return package


def _entry_point(module: ModuleType, name: str) -> type:
    """The plugin class: the one that the manifest names, or the only one that plugin.py defines."""
    if name:
        value = getattr(module, name.rpartition(":")[2], None)
        if not isinstance(value, type) or not issubclass(value, _pio.ModelPluginInterface):
            raise _pio.LoadError(f'plugin.py has no plugin class "{name}" (key "entry_point")')
        return value
    found = defined_subclasses(module, _pio.ModelPluginInterface)
    if len(found) != 1:
        what = ", ".join(cls.__name__ for cls in found) or "no subclass of ModelPluginInterface"
        raise _pio.LoadError(f"plugin.py defines {what}, expected exactly one")
    return found[0]


def _reason(error: BaseException, folder: Path) -> str:
    """One line: the kind of the error, its text, and the line of the folder where it came from."""
    where = ""
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if folder in file.parents:
            where = f" ({file.relative_to(folder)}, line {trace.tb_lineno})"
        trace = trace.tb_next
    text = " ".join(str(error).split()) if isinstance(error, _pio.Error) else one_line(error)
    return text + where
