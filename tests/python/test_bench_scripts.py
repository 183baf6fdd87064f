# SPDX-License-Identifier: Apache-2.0
"""The scripts in bench/e2e on programs that only pretend: ratios, bars, exit statuses."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pretending import Pretending

BENCH = Path(__file__).resolve().parents[2] / "bench"

OURS = """#!{python}
import json, sys
command, *rest = sys.argv[1:]
speed = 900.0 if "-p" in rest and rest[rest.index("-p") + 1] != "0" else 300.0
if command == "bench":
    print(json.dumps([{{"median": speed, "best": speed + 100}}]))
else:
    ids, tokens = (rest[rest.index(option) + 1] for option in ("--ids", "-n"))
    print(json.dumps({{
        "prompt_tokens": ids.count(",") + 1,
        "completion_tokens": int(tokens),
        "timings": {{"prompt_tokens_per_s": {run_prompt}, "completion_tokens_per_s": 300.0}},
    }}))
"""


class Pretend(Pretending):
    def setUp(self) -> None:
        super().setUp()
        self.engine = self.write("inference-pio", OURS, run_prompt=900.0)

    def call(self, script: str, *args: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-B", BENCH / script, "--engine", self.engine]
        command += ["--model", self.model, *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


FAKE_PACKAGE = """
class load:
    def __init__(self, path, plugin, parallel):
        self.speed = {"llama": 1.0, "llama_python": 0.9}[plugin]
    def generate(self, request, max_tokens, **sampling):
        self.completion_ms = (max_tokens - 1) / self.speed
        self.prompt_ms = len(request["ids"]) / self.speed
        return self
    def close(self):
        pass
"""


class PythonRatio(unittest.TestCase):
    def test_bar(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "inference_pio.py").write_text(FAKE_PACKAGE)
            for bar, status in [([], 0), (["--bar", "0.89"], 0), (["--bar", "0.95"], 1)]:
                done = subprocess.run(
                    [sys.executable, BENCH / "e2e" / "python_ratio.py", "--rounds", "3", *bar],
                    capture_output=True, text=True, check=False, env={"PYTHONPATH": folder},
                )  # fmt: skip
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertIn("generation ratio, median of 3: 0.900", done.stdout)


class Agreement(Pretend):
    def test_verdicts(self) -> None:
        for prompt_speed, status in [(900.0, 0), (850.0, 0), (800.0, 1), (1000.0, 1)]:
            self.write("inference-pio", OURS, run_prompt=prompt_speed)
            done = self.call("e2e/agreement.py", "--pairs", 3)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)

    def test_failures(self) -> None:
        self.engine = Path("/bin/false")
        done = self.call("e2e/agreement.py")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(done.stderr.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
