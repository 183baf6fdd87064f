# SPDX-License-Identifier: Apache-2.0
"""The scripts in bench/ on programs that only pretend: ratios, order, requirements, exit statuses."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"

# Every program notes its call; the numbers are chosen for ratios of 3 and 2.
OURS = """#!{python}
import json, sys
command, *rest = sys.argv[1:]
with open({calls!r}, "a") as calls:
    print("ours", command, file=calls)
speed = 900.0 if "-p" in rest and rest[rest.index("-p") + 1] != "0" else 300.0
if command == "--version":
    print("9.8.7")
elif command == "tokenize":
    print(json.dumps({{"ids": rest[rest.index("--text") + 1].split()}}))
elif command == "bench":
    print(json.dumps([{{"median": speed, "best": speed + 100}}]))
elif "--json" in rest:
    ids, tokens = (rest[rest.index(option) + 1] for option in ("--ids", "-n"))
    print(json.dumps({{
        "prompt_tokens": ids.count(",") + 1,
        "completion_tokens": int(tokens),
        "timings": {{"prompt_tokens_per_s": {run_prompt}, "completion_tokens_per_s": 300.0}},
    }}))
else:
    print("token")
"""
LLAMA_BENCH = """#!{python}
import json, sys
if "--version" in sys.argv:
    sys.exit(print("version: 5.4.3", file=sys.stderr))
with open({calls!r}, "a") as calls:
    print("llama", file=calls)
speed = 300.0 if sys.argv[sys.argv.index("-p") + 1] != "0" else 150.0
print(json.dumps([{{"samples_ts": [speed - 50, speed, speed + 10]}}]))
"""
LLAMA_COMPLETION = """#!{python}
import sys
print("prompt eval time = 1.0 ms /", {tokens}, "tokens", file=sys.stderr)
print("token")
"""


class Pretend(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.calls = self.root / "calls"
        self.model = self.root / "model.gguf"
        self.model.write_bytes(b"GGUF")
        self.engine = self.write("inference-pio", OURS, run_prompt=900.0)
        self.write("llama-bench", LLAMA_BENCH)
        self.write("llama-completion", LLAMA_COMPLETION, tokens=10)

    def write(self, name: str, text: str, **values: object) -> Path:
        program = self.root / name
        program.write_text(text.format(python=sys.executable, calls=str(self.calls), **values))
        program.chmod(0o755)
        return program

    def call(self, script: str, *args: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-B", BENCH / script, "--engine", self.engine]
        command += ["--model", self.model, *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


class Compare(Pretend):
    def compare(self, *args: object) -> subprocess.CompletedProcess[str]:
        arguments = ["--llama-bin", self.root, "--rounds", 2, "--repetitions", 1, *args]
        return self.call("peers/compare.py", *arguments)

    def test_ratios(self) -> None:
        out = self.root / "out.json"
        done = self.compare("--json", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("llama.cpp: 5.4.3", done.stdout)
        content = json.loads(out.read_text())
        prompt, decode, ttft = content["tests"]
        self.assertEqual(prompt["ratio"], {"medians": 3.0, "bests": 1000 / 310, "rounds": 3.0})
        self.assertEqual(decode["ratio"], {"medians": 2.0, "bests": 400 / 160, "rounds": 2.0})
        by_time = ttft["theirs"]["best"] / ttft["ours"]["best"]  # less time is a higher ratio
        self.assertEqual(ttft["ratio"]["bests"], by_time)
        self.assertEqual([len(t["ours"]["rounds"]) for t in content["tests"]], [2, 2, 2])

    def test_order_alternates(self) -> None:
        self.compare("-n", 0)
        calls = self.calls.read_text().splitlines()
        speeds = [call for call in calls if call in ("ours bench", "llama")]
        self.assertEqual(speeds, ["ours bench", "llama", "llama", "ours bench"])

    def test_requirements(self) -> None:
        self.assertEqual(self.compare("--require", "decode=2", "prompt=3", "ttft=0").returncode, 0)
        missed = self.compare("--require", "decode=2.1")
        self.assertEqual(missed.returncode, 1)
        self.assertEqual(
            missed.stderr.splitlines()[-1],
            "compare.py: tg128: 2.000 times llama.cpp, required 2.1",
        )

    def test_nothing_to_compare(self) -> None:
        for arguments, message in [
            (["--engine", self.root / "none"], "make release"),
            (["--llama-bin", self.root / "none"], "build_llama_cpp.py"),
            (["-p", 0, "--require", "prompt=1"], "left out"),
            (["--require", "size=1"], "prompt, decode, ttft"),
        ]:
            done = self.compare(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(message, done.stderr.splitlines()[-1])

    def test_another_prompt(self) -> None:
        self.write("llama-completion", LLAMA_COMPLETION, tokens=11)
        done = self.compare()
        self.assertEqual(done.returncode, 2)
        self.assertIn("11 tokens, wanted 10", done.stderr)


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
