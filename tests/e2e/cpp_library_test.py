# SPDX-License-Identifier: Apache-2.0
"""The engine as a C++ library: installed, moved, found by find_package, and the example built and run with it.

PIO_BUILD_DIR is the build that is installed from.
"""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from cli_support import GGUF, ROOT, TIED, CliTest

BUILD = os.environ.get("PIO_BUILD_DIR", "")


class CppLibrary(CliTest):
    def command(self, *args):
        done = subprocess.run(list(map(str, args)), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, (args, done.stdout, done.stderr))
        return done.stdout

    def test_the_example_is_built_and_answers(self):
        installed, prefix = self.tmp / "installed", self.tmp / "moved"
        self.command("cmake", "--install", BUILD, "--prefix", installed, "--component", "library")
        installed.rename(prefix)  # what is installed knows no absolute path
        for file in prefix.rglob("*.cmake"):
            self.assertNotIn(str(ROOT), file.read_text(), file)
            self.assertNotIn(str(installed), file.read_text(), file)
        names = {file.name for file in prefix.rglob("*.h")}
        self.assertIn("model_factory.h", names)
        self.assertEqual({name for name in names if "_test" in name}, set())
        source = Path(shutil.copytree(ROOT / "examples/cpp_library", self.tmp / "source"))
        build = self.tmp / "build"
        self.command("cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
                     "-DCMAKE_CXX_FLAGS=-O0 -Wall -Wextra -Werror")  # fmt: skip
        self.command("cmake", "--build", build)
        answer = build / "answer"
        expected = self.ok("run", GGUF, "The cat", "-n", 8, "--temp", 0)
        done = subprocess.run([answer, GGUF, "The cat", "8"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.decode(), expected)
        for args, code, message in [
            ([], 2, "usage: "),
            ([self.tmp / "nowhere", "Hi"], 1, "error: "),
            ([TIED, "Hi"], 1, "error: the checkpoint has no tokenizer"),
        ]:
            done = subprocess.run([answer, *args], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, code)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
