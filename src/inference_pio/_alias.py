# SPDX-License-Identifier: Apache-2.0
"""Makes `src.inference_pio` another name of `inference_pio`, so that each class exists once."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

CANONICAL = "inference_pio"


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules below `prefix` as the canonical ones."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(self.prefix + "."):
            return None
        canonical = CANONICAL + fullname[len(self.prefix) :]
        try:
            module = importlib.import_module(canonical)
        except ModuleNotFoundError as error:
            if error.name == canonical:
                return None
            raise
        spec = importlib.machinery.ModuleSpec(fullname, self)
        spec.loader_state = (module, module.__spec__)
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module: ModuleType = spec.loader_state[0]
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has set the alias's spec on the module: it keeps its own.
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state[1]


def install(alias: str) -> None:
    """Import the package under its own name and make `alias` stand for it."""
    source = str(Path(__file__).resolve().parents[1])
    if source not in sys.path:
        sys.path.append(source)
    module = importlib.import_module(CANONICAL)
    sys.meta_path.insert(0, _Alias(alias))
    sys.modules[alias] = module
