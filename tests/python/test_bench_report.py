# SPDX-License-Identifier: Apache-2.0
"""bench/peers: rounds and ratios, the tables and the plot of them, the cases and the model files."""

import contextlib
import io
import struct
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/peers"))

import document  # noqa: E402
import plot  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import rounds  # noqa: E402
import synthetic_gguf  # noqa: E402
from cases import CASES, Case, chosen, speed, start  # noqa: E402
from engine import Kind, Sample, Work  # noqa: E402
from process import Failure  # noqa: E402


class Fake:
    """An engine that notes its calls and gives what it is told."""

    def __init__(self, name: str, calls: list[str], rate: float, error: Failure | None = None):
        self.name, self.flags, self.calls, self.rate, self.error = name, "", calls, rate, error

    def covers(self, kind: Kind, work: Work) -> bool:
        return kind is Kind.SPEED

    def speed(self, model: Path, work: Work, repetitions: int) -> Sample:
        self.calls.append(self.name)
        if self.error:
            raise self.error
        return Sample(self.rate, self.rate)


class Rounds(unittest.TestCase):
    def run_them(self, engines: list[Fake], count: int, settle: int = 0) -> list[results.Result]:
        self.after: list[int] = []
        with contextlib.redirect_stderr(io.StringIO()):
            return rounds.run_rounds(
                [speed("m", Work(prompt=4)), *start("m")],
                engines,
                {"m": Path("m.gguf")},
                {"m": ""},
                count,
                lambda so_far: self.after.append(len(so_far[0].entries[0].samples)),
                settle,
            )

    def test_order(self) -> None:
        self.assertEqual(rounds.rotated("abc", 4), ["b", "c", "a"])
        calls: list[str] = []
        self.run_them([Fake(name, calls, 1.0) for name in "abc"], 4)
        self.assertEqual("".join(calls), "abcbcacababc")
        self.assertEqual(self.after, [1, 2, 3, 4])

    def test_settled(self) -> None:
        calls: list[str] = []
        engines = [Fake("ours", calls, 9.0), *(Fake("a", calls, rate) for rate in (2.0, 3.0, 1.0))]
        for engine, flags in zip(engines[1:], "xyz", strict=True):
            engine.flags = flags
        result, *_ = self.run_them(engines, 5, settle=2)
        rounds_of = {entry.flags: len(entry.samples) for entry in result.entries}
        self.assertEqual(rounds_of, {"": 5, "x": 2, "y": 5, "z": 2})
        result.entries[1].samples = [Sample(7.0, 7.0)] * 2  # fewer rounds do not count beside more
        best = result.entry_of("a")
        assert best is not None
        self.assertEqual(best.flags, "y")

    def test_failures(self) -> None:
        calls: list[str] = []
        broken = Fake("broken", calls, 1.0, Failure("aborted"))
        done, *others = self.run_them([Fake("ours", calls, 3.0), broken], 3)
        self.assertEqual(calls.count("broken"), 1)
        self.assertEqual(done.entries[1].error, "aborted")
        self.assertIsNone(done.entry_of("broken"))
        self.assertEqual([result.entries for result in others], [[], []])


def run_of(*rows: results.Result, **fields: object) -> results.Run:
    machine = {"cpu": "A <CPU>", "flags": ["avx2"], "usable_cpus": 2, "cpus": 4}
    values = {"isa": "native", "versions": {"ours": "1"}, "limits": {}, **fields}
    models = {"m": {"label": "M & N", "file": "m", "bytes": 5e6}}
    return results.Run("2026-01-02", values.pop("isa"), machine, 2, 2, [0.5, 1.0],
                       values.pop("versions"), models, list(rows), **values)  # fmt: skip


def row(ours: list[float], *peers: tuple[str, str, list[float]], case: Case | None = None) -> results.Result:  # fmt: skip
    result = results.result_of(case or speed("m", Work(prompt=512)))
    for name, flags, values in [("ours", "", ours), *peers]:
        samples = [Sample(value, value + 1, 0.25 if name == "ours" else None) for value in values]
        result.entries.append(results.Entry(name, flags, samples))
    return result


class Outcome(unittest.TestCase):
    def setUp(self) -> None:
        self.fast = row([300.0, 100.0], ("a", "-x 0", [100.0, 50.0]), ("a", "-x 1", [90.0, 80.0]))
        self.slow = row([10.0, 11.0], ("b", "", [20.0, 22.0]), case=speed("m", Work(generate=64)))
        self.time = row([50.0, 50.0], ("a", "", [100.0, 125.0]), case=start("m")[0])

    def test_ratios(self) -> None:
        best = self.fast.entry_of("a")
        assert best is not None
        self.assertEqual(best.flags, "-x 1")  # median 85 beside 75
        self.assertAlmostEqual(self.fast.ratio(best) or 0, (300 / 90 + 100 / 80) / 2)
        self.assertEqual(self.fast.best(self.fast.ours), 301.0)
        (theirs,) = self.time.entries[1:]
        self.assertEqual(self.time.ratio(theirs), 2.25)  # less time is a higher ratio
        self.assertEqual(self.time.best(theirs), 101.0)
        self.fast.ours.error = "aborted"
        self.assertIsNone(self.fast.ratio(best))

    def test_file(self) -> None:
        run = run_of(self.fast, self.time)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "new/results.json"
            results.save(run, file)
            self.assertEqual(results.load(file), run)
            for content in ("[]", '{"format": 1}', '{"format": 9}', "{"):
                file.write_text(content)
                with self.assertRaises(Failure):
                    results.load(file)

    def test_merged(self) -> None:
        again = row([1.0], ("a", "", [1.0]))
        other = run_of(self.time, isa="avx2")
        runs = [run_of(self.fast, self.slow), other, run_of(again, self.time)]
        first, second = results.merged(runs)
        self.assertEqual(first.results, [again, self.slow, self.time])
        self.assertEqual(second, other)

    def test_report(self) -> None:
        self.slow.entries.append(results.Entry("c", "-y", error="no Q4_K"))
        text = report.report([run_of(self.fast, self.slow, self.time, limits={"int8": 1493.2})])
        lines = text.splitlines()
        self.assertIn("- limits of the machine, as `bench` measures them: int8 1493", lines)
        self.assertIn("- M & N, tg64: b: ours is 0.50x", lines)
        self.assertIn("- M & N, tg64: c -y: no Q4_K", lines)
        self.assertEqual(sum("ours is 0." in line for line in lines), 1)
        (tg,) = (line for line in lines if line.startswith("| M & N, tg64") and "25%" in line)
        self.assertIn("**0.50x**", tg)
        (pp,) = (line for line in lines if line.startswith("| M & N, pp512") and "25%" in line)
        self.assertIn("85.0 / 91.0 (-x 1)", pp)
        self.assertNotIn("-x 0", pp)
        self.assertEqual(sum("-x 0" in line for line in lines), 1)  # in the table of all flags
        self.assertIn("In no case of this run.", report.report([run_of(self.fast)]))

    def test_plot(self) -> None:
        picture = ElementTree.fromstring(plot.svg(run_of(self.fast, self.slow, self.time)))
        space = "{http://www.w3.org/2000/svg}"
        dots = [dot for dot in picture.iter(space + "circle") if len(dot)]
        self.assertEqual(len(dots), 3)
        even = next(
            float(text.get("x", 0)) for text in picture.iter(space + "text") if text.text == "1x"
        )
        places = [float(dot.get("cx", 0)) for dot in dots]
        self.assertEqual([place > even for place in places], [True, False, True])
        ElementTree.fromstring(plot.svg(run_of()))

    def test_axis(self) -> None:
        axis = plot.Axis([0.6, 3.0])
        self.assertEqual(axis.ticks, [0.5, 1, 2, 5])
        self.assertEqual((axis.x(0.5), axis.x(5)), (plot.LEFT, plot.LEFT + plot.WIDTH))
        self.assertEqual(plot.Axis([0.01, 900]).x(900), plot.LEFT + plot.WIDTH)

    def test_document(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "docs/performance.md"
            runs = [run_of(self.fast), run_of(self.slow, isa="avx2")]
            document.write(runs, file)
            file.write_text(file.read_text() + "\nBy hand.\n")
            document.write(runs[1:], file)
            text = file.read_text()
            self.assertTrue(text.startswith("# Performance"))
            self.assertTrue(text.endswith("By hand.\n"))
            self.assertNotIn("pp512", text)
            self.assertIn("![How many times as fast ours is](performance.svg)", text)
            self.assertTrue(file.with_name("performance-2.svg").is_file())
            file.write_text(text.replace(document.END, ""))
            with self.assertRaises(Failure):
                document.write(runs, file)


class Models(unittest.TestCase):
    def test_cases(self) -> None:
        names = [case.name for case in CASES]
        self.assertEqual(len(set(names)), len(names))
        self.assertEqual([c.name for c in chosen(["*-b8"], CASES)], ["smollm2-b8", "qwen3-q4_0-b8"])
        with self.assertRaisesRegex(ValueError, "matches no case"):
            chosen(["none"], CASES)

    def test_synthetic_file(self) -> None:
        self.assertEqual(len(set(synthetic_gguf.byte_tokens())), 256)
        shape = synthetic_gguf.Shape(1, 32, 48, 2, 1, 16, vocab=300, context=64)
        files = []
        for _ in range(2):
            out = io.BytesIO()
            synthetic_gguf.write(out, shape, seed=3)
            files.append(out.getvalue())
        self.assertEqual(files[0], files[1])
        content = files[0]
        self.assertEqual(content[:4], b"GGUF")
        self.assertEqual(struct.unpack("<I", content[4:8]), (3,))
        sizes = [s for _, s in shape.tensors()]
        data = sum(s[0] * s[1] * 2 if len(s) == 2 else s[0] * 4 for s in sizes)
        self.assertEqual(len(content), len(synthetic_gguf.header(shape)) + data)
        normal = synthetic_gguf.Normal(0.02, 1)
        bits = struct.unpack("<1000H", normal.bytes_of(1000))
        values = [struct.unpack("<f", struct.pack("<I", b << 16))[0] for b in bits]
        self.assertLess(abs(sum(values) / 1000), 0.003)
        self.assertAlmostEqual(sum(v * v for v in values) / 1000, 0.0004, delta=0.00006)


if __name__ == "__main__":
    unittest.main()
