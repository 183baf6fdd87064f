# SPDX-License-Identifier: Apache-2.0
"""Finds model folders written in Python and makes the engine know them."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import io
import os
import sys
import threading
import unittest
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from . import _pio

MODELS = "inference_pio.models"
ENTRY_POINTS = "inference_pio.models"
_lock = threading.Lock()
_done = False


def discover() -> None:
    """Register every Python model folder, once per process; broken ones with their reasons."""
    global _done
    with _lock:
        if _done:
            return
        _done = True
        for folder in _folders():
            _register(folder)
        for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
            _register_entry(entry)


def config_class(plugin_class: type) -> type:
    """The BaseConfig subclass that belongs to a plugin: its own, its folder's, or BaseConfig."""
    from .common.config.model_config_base import BaseConfig

    given: type | None = getattr(plugin_class, "config_class", None)
    if given is not None:
        return given
    package = plugin_class.__module__.rpartition(".")[0]
    try:
        module = importlib.import_module(package + ".config") if package else None
    except ModuleNotFoundError:
        module = None
    found = _defined(module, BaseConfig) if module else []
    if len(found) > 1:
        names = ", ".join(cls.__name__ for cls in found)
        raise _pio.InvalidArgumentError(
            f"{package}.config defines {names}: name one as config_class of {plugin_class.__name__}"
        )
    return found[0] if found else BaseConfig


def run_unit_tests(plugin_class: type) -> str:
    """Run the unit tests of a plugin's folder; says how many passed. Errors: LoadError naming what failed."""
    package = plugin_class.__module__.rpartition(".")[0] + ".tests"
    try:
        tests = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise _pio.LoadError(f"there is no package {package}") from None
    names = [f"{package}.{file.stem}" for p in tests.__path__ for file in sorted(Path(p).glob("test*.py"))]
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(loader.loadTestsFromModule(importlib.import_module(n)) for n in names)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    if result.testsRun == 0:
        raise _pio.LoadError(f"{package} holds no tests")
    for test, trace in result.failures + result.errors:
        raise _pio.LoadError(f"{test.id()}: {trace.strip().splitlines()[-1]}")
    return f"{result.testsRun} passed"


def _defined(module: ModuleType, base: type) -> list[type]:
    """The subclasses of `base` that `module` defines itself."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, base)
        and value is not base
        and value.__module__ == module.__name__
    ]


def _folders() -> Iterator[Path]:
    """Folders with a manifest and a plugin.py: this package's, then those of the plugin path."""
    roots = [Path(__file__).parent / "models"]
    roots += [Path(p) for p in os.environ.get("INFERENCE_PIO_PLUGIN_PATH", "").split(":") if p]
    for root in roots:
        if (root / "plugin_manifest.json").is_file():
            yield root.resolve()
            continue
        if not root.is_dir():
            _pio._register_broken(root.name, str(root), "no such folder (INFERENCE_PIO_PLUGIN_PATH)")
            continue
        for folder in sorted(root.iterdir()):
            if (folder / "plugin_manifest.json").is_file() and not (folder / "plugin.cpp").is_file():
                yield folder.resolve()


def _register(folder: Path) -> None:
    name = folder.name
    try:
        source = f"{folder}/plugin_manifest.json"
        text = _manifest_text(folder)
        manifest = _pio._manifest(text, source)
        name = manifest["name"]
        if not (folder / "plugin.py").is_file():
            raise _pio.LoadError(f"there is no plugin.py in {folder}")
        module = importlib.import_module(_package(folder) + ".plugin")
        plugin_class = _entry_point(module, manifest["entry_point"])
        config_class(plugin_class)
        _pio._register_folder(text, source, str(folder), plugin_class)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a folder that calls sys.exit() takes no other down either
        _pio._register_broken(name, str(folder), _reason(error, folder))


def _manifest_text(folder: Path) -> str:
    file = folder / "plugin_manifest.json"
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _pio.LoadError(f"{file}: is not UTF-8: {error.reason} at byte {error.start}") from None


def _register_entry(entry: importlib.metadata.EntryPoint) -> None:
    """An installed package: the entry point names its model folder's package."""
    try:
        module = entry.load()
        folder = Path(getattr(module, "__file__", "")).parent
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _pio._register_broken(entry.name, entry.value, _reason(error, Path(entry.value)))
        return
    _register(folder)


def _package(folder: Path) -> str:
    """The name of a folder's package, imported: one from elsewhere is put under inference_pio.models too."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file) == folder / "__init__.py" and not name.startswith("src."):
            return name
    package = f"{MODELS}.{folder.name}"
    if folder.parent == Path(__file__).resolve().parent / "models":
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
    found = _defined(module, _pio.ModelPluginInterface)
    if len(found) != 1:
        what = ", ".join(cls.__name__ for cls in found) or "no subclass of ModelPluginInterface"
        raise _pio.LoadError(f"plugin.py defines {what}, expected exactly one")
    return found[0]


def _reason(error: BaseException, folder: Path) -> str:
    """One line: the kind of the error, its text, and the line of the folder where it came from."""
    text = " ".join(str(error).split())
    where = ""
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if folder in file.parents:
            where = f" ({file.relative_to(folder)}, line {trace.tb_lineno})"
        trace = trace.tb_next
    if isinstance(error, _pio.Error):
        return text + where
    return f"{type(error).__name__}: {text}{where}"
