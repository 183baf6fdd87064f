# SPDX-License-Identifier: Apache-2.0
"""Runs the unit tests that lie in a model folder, for check-model."""

from __future__ import annotations

import importlib
import io
import unittest
from pathlib import Path

from ._pio import LoadError


def run_unit_tests(plugin_class: type) -> str:
    """Run the unit tests of a plugin's folder; says how many passed. Errors: LoadError naming what failed."""
    package = plugin_class.__module__.rpartition(".")[0] + ".tests"
    try:
        tests = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise LoadError(f"there is no package {package}") from None
    names = [
        f"{package}.{file.stem}"
        for p in tests.__path__
        for file in sorted(Path(p).glob("test*.py"))
    ]
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(
        loader.loadTestsFromModule(importlib.import_module(n)) for n in names
    )
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    if result.testsRun == 0:
        raise LoadError(f"{package} holds no tests")
    for test, trace in result.failures + result.errors:
        raise LoadError(f"{test.id()}: {trace.strip().splitlines()[-1]}")
    return f"{result.testsRun} passed"
