# SPDX-License-Identifier: Apache-2.0
"""Makes one package another name of a second one, so that each of its classes exists once."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

PACKAGE = "inference_pio"


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds `alias` and the modules below it as those of `canonical`."""

    def __init__(self, alias: str, canonical: str) -> None:
        self.alias = alias
        self.canonical = canonical

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.alias and not fullname.startswith(self.alias + "."):
            return None
        own = importlib.util.find_spec(self._canonical(fullname))
        if own is None:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=own.origin)
        # Of a module that is run as a program, this becomes __file__ and sys.argv[0].
        spec.has_location = own.has_location
        spec.submodule_search_locations = own.submodule_search_locations
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._canonical(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has set the alias's spec on the module: it keeps its own.
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state

    def is_package(self, fullname: str) -> bool:
        return self._loader(fullname).is_package(self._canonical(fullname))

    def get_code(self, fullname: str) -> CodeType | None:
        return self._loader(fullname).get_code(self._canonical(fullname))

    def get_source(self, fullname: str) -> str | None:
        return self._loader(fullname).get_source(self._canonical(fullname))

    def _canonical(self, fullname: str) -> str:
        return self.canonical + fullname[len(self.alias) :]

    def _loader(self, fullname: str) -> importlib.abc.InspectLoader:
        spec = importlib.util.find_spec(self._canonical(fullname))
        if spec is None or not isinstance(spec.loader, importlib.abc.InspectLoader):
            raise ImportError(f"{fullname} has no code", name=fullname)
        return spec.loader


def alias_package(alias: str, canonical: str) -> None:
    """Let `alias`, a dotted name that is not imported yet, stand for the package `canonical`."""
    sys.meta_path.insert(0, _Alias(alias, canonical))


def install(alias: str) -> None:
    """Import the engine's package under its own name and make `alias`, which is being imported, stand for it."""
    source = str(Path(__file__).resolve().parents[1])
    if source not in sys.path:
        sys.path.append(source)
    sys.modules[alias] = importlib.import_module(PACKAGE)
    alias_package(alias, PACKAGE)
