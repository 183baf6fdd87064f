# SPDX-License-Identifier: Apache-2.0
"""bench/peers: what it calls and reads, and its command line, on programs that only pretend."""

import contextlib
import io
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/peers"))

import compare  # noqa: E402
import ggml_engine  # noqa: E402
import openvino  # noqa: E402
import results  # noqa: E402
import source_build  # noqa: E402
from engine import Kind, Sample, Unsupported, Work  # noqa: E402
from ik_llama_cpp import IkLlamaCpp  # noqa: E402
from llama_cpp import LlamaCpp  # noqa: E402
from pretending import Pretending  # noqa: E402
from process import Failure, start_of  # noqa: E402

# As both llama-batched-bench print it, with other lines around.
BATCHED = """
main: n_kv_max = 1280, n_batch = 2048

|    PP |     TG |    B |   N_KV |   T_PP s | S_PP t/s |   T_TG s | S_TG t/s |      T s |    S t/s |
|-------|--------|------|--------|----------|----------|----------|----------|----------|----------|
|   128 |     32 |    8 |   1280 |    4.357 |   235.02 |    2.783 |    91.99 |    7.140 |   179.27 |
|   128 |     32 |    8 |   1280 |    4.301 |   238.08 |    2.700 |    94.81 |    7.001 |   182.83 |

llama_perf_context_print: load time = 1.0 ms
"""
OURS = """#!{python}
import json, sys
command, *rest = sys.argv[1:]
option = lambda name: rest[rest.index(name) + 1]
if command == "--version":
    print("9.8.7")
elif command == "models":
    print('{{"checkpoints": []}}')
elif command == "tokenize":
    print(json.dumps({{"ids": option("--text").split()}}))
elif command == "bench":
    speed = 900.0 if option("-p") != "0" else 300.0
    print(json.dumps([{{"median": speed, "best": speed + 100, "share": 0.5, "limits": {{"int8": 1}}}}]))
else:
    print("token")
"""
LLAMA_BENCH = """#!{python}
import json, sys
if "--version" in sys.argv:
    sys.exit(print("version: 5.4.3", file=sys.stderr))
with open({calls!r}, "a") as calls:
    print(*sys.argv[1:], file=calls)
option = lambda name: sys.argv[sys.argv.index(name) + 1]
generate = int(option("-gp").split(",")[1] if "-gp" in sys.argv else option("-n"))
speed = 150.0 if generate else 300.0
rates = [speed] * (int(option("-r")) - 1) + [speed + 10]
print(json.dumps([{{"n_gen": generate, "samples_ts": rates}}]))
"""
LLAMA_COMPLETION = """#!{python}
import sys
print("prompt eval time = 1.0 ms /", {tokens}, "tokens", file=sys.stderr)
print("token")
"""


class Pretend(Pretending):
    def setUp(self) -> None:
        super().setUp()
        self.engine = self.write("inference-pio", OURS)
        self.write("llama-bench", LLAMA_BENCH)
        self.write("llama-completion", LLAMA_COMPLETION, tokens=8)

    def calls(self) -> list[str]:
        return (self.root / "calls").read_text().splitlines()

    def llama(self, flags: str = "-fa 1") -> LlamaCpp:
        return LlamaCpp(self.root, 2, flags, tuple(flags.split()), ("-fa", "on"))


class Peers(Pretend):
    def test_llama_bench(self) -> None:
        tests = [{"n_prompt": 0, "n_gen": 64, "samples_ts": [35.1, 36.2]}]
        work = Work(generate=64)
        self.assertEqual(ggml_engine.rates_of_bench(tests, work), [35.1, 36.2])
        for wrong in ([], tests * 2, [{"n_gen": 0, "samples_ts": [1.0]}], {}):
            with self.assertRaises(Failure):
                ggml_engine.rates_of_bench(wrong, work)

    def test_batched_bench(self) -> None:
        work = Work(generate=32, depth=128, parallel=8)
        self.assertEqual(ggml_engine.rates_of_batch(BATCHED, work), [91.99, 94.81])
        for table in ("", BATCHED.replace("|    8 |", "|    4 |")):
            with self.assertRaises(Failure):
                ggml_engine.rates_of_batch(table, work)

    def test_flags(self) -> None:
        work = Work(generate=32, depth=4096, kv="q8")
        sample = self.llama().speed(self.model, work, 2)
        self.assertEqual(sample, Sample(155.0, 160.0))
        fork = IkLlamaCpp(self.root, 2, "-rtr 1", ("-rtr", "1"), ())
        fork.speed(self.model, work, 2)
        theirs, forks = self.calls()
        self.assertIn("-p 0 -n 32 -d 4096 -t 2 -r 2 -o json -fa 1 -ctk q8_0 -ctv q8_0", theirs)
        self.assertIn("-p 0 -n 0 -gp 4096,32 -t 2 -r 2 -o json -rtr 1", forks)
        with self.assertRaises(Unsupported):
            fork.speed(self.model, Work(prompt=8, depth=8), 1)
        self.assertFalse(self.llama("-fa 0").covers(Kind.SPEED, work))
        self.write(
            "llama-batched-bench", "#!/bin/sh\ntouch llama.log; cat << .\n" + BATCHED + ".\n"
        )
        together = Work(generate=32, depth=128, parallel=8)
        self.assertEqual(self.llama().speed(self.model, together, 2), Sample(93.4, 94.81))
        self.assertTrue(IkLlamaCpp(self.root, 2, "-fa 0", (), ()).covers(Kind.SPEED, together))
        self.assertFalse(IkLlamaCpp(self.root, 2, "-fa 0", (), ()).covers(Kind.SPEED, work))
        self.assertFalse(Path("llama.log").exists())

    def test_cold_run_is_dropped(self) -> None:
        self.write("llama-bench", LLAMA_BENCH.replace("[speed] *", "[9.0] + [speed] *"))
        fork = IkLlamaCpp(self.root, 2, "", (), ())
        sample = fork.speed(self.model, Work(prompt=512), 1)
        self.assertEqual(sample, Sample(305.0, 310.0))
        self.assertIn("-r 2", self.calls()[0])

    def test_another_prompt(self) -> None:
        with self.assertRaisesRegex(Failure, "as 8 tokens, wanted 7"):
            self.llama().start(self.model, "a b", 7)

    def test_openvino(self) -> None:
        text = (
            '#!{python}\nimport json, sys\nprint(json.dumps([20.0, sys.argv.index("-I"), 30.0]))\n'
        )
        engine = openvino.OpenVino(self.write("python", text), 2, "u8", "KV u8")
        sample = engine.speed(self.model, Work(generate=4, depth=16), 3)
        self.assertEqual(sample, Sample(20.0, 30.0))
        with self.assertRaises(Unsupported):
            engine.speed(self.model, Work(prompt=4, depth=16), 3)

    def test_start(self) -> None:
        code = "import sys; sys.stdout.write('x'); sys.stdout.flush(); a = bytearray(100 << 20)"
        done = start_of([sys.executable, "-c", code])
        self.assertGreater(done.peak_bytes, 100 << 20)
        self.assertLess(done.peak_bytes, 300 << 20)
        for code, reason in [
            ("import sys; print('x'); sys.exit('why')", "status 1: why"),
            ("import sys; sys.exit('/a/./b/c.h:7: ASSERT(S)\\nstack')", "status 1: c.h:7: ASSERT"),
            ("pass", "printed nothing"),
            ("import os; print('x', flush=True); os.kill(os.getpid(), 6)", "by SIGABRT"),
        ]:
            with self.assertRaisesRegex(Failure, reason):
                start_of([sys.executable, "-c", code])

    def test_checksum(self) -> None:
        what = source_build.SourcePackage("p", "p", "1", "0" * 64, "p-1/v", (), (), (), ("x",))

        def pip(command: list[object]) -> None:
            (Path(str(command[command.index("--dest") + 1])) / "p-1.tar.gz").write_bytes(b"no")

        with mock.patch.object(source_build, "run", pip), self.assertRaisesRegex(Failure, "sha256"):
            source_build.build(what, self.root / "builds", "native", 1)
        self.assertFalse((self.root / "builds/p-source").exists())


class Command(Pretend):
    def call(self, *args: object) -> tuple[int, str, str]:
        """Status, stdout and stderr of `run` with llama.cpp as its only peer."""
        self.out = self.root / "out.json"
        command = ["--engine", self.engine, "--model", self.model, "--rounds", 2]
        command += ["--threads", 2, "--json", self.out, *args]
        peers = {"llama.cpp": lambda folder, isa, threads, jobs: [self.llama()]}
        out, errors = io.StringIO(), io.StringIO()
        with mock.patch.object(compare, "PEERS", peers):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
                try:
                    status = compare.main([str(part) for part in command])
                except SystemExit as leaving:
                    status = int(leaving.code or 0)
        return status, out.getvalue(), errors.getvalue()

    def test_ratios(self) -> None:
        status, out, errors = self.call()
        self.assertEqual(status, 0, errors)
        self.assertIn("- llama.cpp: 5.4.3", out)
        self.assertIn("int8 1.0", out)
        run = results.load(self.out)
        ratios = {r.name: r.ratio(r.entries[1]) for r in run.results}
        self.assertEqual((ratios["model-pp512"], ratios["model-tg128"]), (3.0, 2.0))
        self.assertEqual([len(r.ours.samples) for r in run.results], [2, 2, 2, 2])
        document = self.root / "performance.md"
        status, again, _ = self.call("--from", self.out, "--document", document)
        self.assertEqual((status, again), (0, out))
        self.assertIn("pp512", document.read_text())

    def test_requirements(self) -> None:
        speeds = ("--case", "model-[pt]*")
        self.assertEqual(self.call(*speeds, "--require", "model-pp512=3", "model-tg128=2")[0], 0)
        status, _, errors = self.call(*speeds, "--require", "model-tg128=2.1")
        self.assertEqual(status, 1)
        last = "run: model-tg128: 2.000 times llama.cpp -fa 1, required 2.1"
        self.assertEqual(errors.splitlines()[-1], last)

    def test_nothing_to_measure(self) -> None:
        for arguments, message in [
            (["--engine", self.root / "none"], "make release"),
            (["--model", self.root / "none"], "no model"),
            (["--case", "other"], "matches no case"),
            (["--require", "model-tg64=1"], "no such case"),
            (["--from", self.model], "not a result"),
        ]:
            status, _, errors = self.call(*arguments)
            self.assertEqual(status, 2, arguments)
            self.assertIn(message, errors.splitlines()[-1])

    def test_ours_fails(self) -> None:
        broken = OURS.replace(
            "    speed = 900.0", '    sys.exit("no such model")\n    speed = 900.0'
        )
        self.write("inference-pio", broken)
        status, out, errors = self.call("--case", "model-pp512")
        self.assertEqual(status, 2)
        self.assertIn("inference-pio failed in model-pp512", errors)
        self.assertIn("no such model", out)


if __name__ == "__main__":
    unittest.main()
