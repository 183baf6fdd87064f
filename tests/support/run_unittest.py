# SPDX-License-Identifier: Apache-2.0
"""Runs one unittest file and fails when it holds no tests (Python 3.11 exits 0 there)."""

import importlib.util
import sys
import unittest
from pathlib import Path


def main(path: str) -> int:
    sys.path.insert(0, str(Path(path).parent))  # for what the tests of a folder share
    spec = importlib.util.spec_from_file_location("test_file", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["test_file"] = module
    spec.loader.exec_module(module)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.testsRun == 0:
        print("no tests ran", file=sys.stderr)
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
