#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that `bench` tells the speed that `run` has: medians of interleaved pairs within a limit.

  python3 bench/e2e/agreement.py --engine build/release/bin/inference-pio --model F.gguf

Each pair is one `run --ids ... --json` of a random prompt, and `bench` of the same work: the prompt
alone, and an answer behind as many tokens as the prompt has (`-d`): a longer context makes slower
tokens. The ratio of the medians over all pairs decides. The median of the pairs' own ratios stands
beside it: where the two are far apart, the machine was too busy to tell.

Exit status: 0; 1 if a ratio of medians is outside the limit; 2 if something is missing or failed.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_MODEL = "SmolLM2-135M-Instruct.Q4_1"
IDS = 256  # ids below it are in every vocabulary


class Failure(Exception):
    """Nothing can be compared; the message is one line for the user."""


@dataclass
class Test:
    """One speed, in tokens per second, as both commands tell it."""

    label: str
    run: list[float] = field(default_factory=list)
    bench: list[float] = field(default_factory=list)

    @property
    def of_medians(self) -> float:
        """The median of `bench` by that of `run`."""
        return median(self.bench) / median(self.run)

    @property
    def of_pairs(self) -> float:
        """The median of the pairs' ratios."""
        return median(b / r for b, r in zip(self.bench, self.run, strict=True))


class Program:
    """The inference-pio program with one model."""

    def __init__(self, binary: Path, model: str, threads: int | None) -> None:
        self.binary, self.model = binary, model
        self.threads = ["-t", str(threads)] if threads else []

    def call(self, command: str, *arguments: str | int) -> Any:
        """The JSON that `command` prints."""
        line = [
            str(self.binary),
            command,
            self.model,
            *map(str, arguments),
            *self.threads,
            "--json",
        ]
        try:
            done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        except OSError as error:
            raise Failure(f"cannot run {self.binary}: {error.strerror}") from error
        if done.returncode != 0:
            last = done.stderr.strip().rpartition("\n")[2] or "no message"
            raise Failure(f"{command} ended with status {done.returncode}: {last}")
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError as error:
            raise Failure(f"{command} printed no JSON: {error}") from error

    def run(self, ids: Sequence[int], tokens: int) -> tuple[float, float]:
        """Tokens per second of the prompt `ids` and of an answer of `tokens`."""
        prompt = ",".join(map(str, ids))
        out = self.call("run", "--ids", prompt, "-n", tokens, "--ignore-eos", "--temp", "0")
        if (out["prompt_tokens"], out["completion_tokens"]) != (len(ids), tokens):
            raise Failure(f"run generated {out['completion_tokens']} tokens, wanted {tokens}")
        return out["timings"]["prompt_tokens_per_s"], out["timings"]["completion_tokens_per_s"]

    def bench(self, repetitions: int, prompt: int, tokens: int) -> tuple[float, float]:
        """The same from `bench`, the median of its repetitions."""
        (read,) = self.call("bench", "-p", prompt, "-n", 0, "-r", repetitions)
        # A generation test starts from one token more than its depth.
        (written,) = self.call("bench", "-p", 0, "-n", tokens, "-d", prompt - 1, "-r", repetitions)
        return read["median"], written["median"]


def measure(program: Program, options: argparse.Namespace) -> list[Test]:
    """All pairs, the two commands in alternating order."""
    tests = [Test(f"pp{options.prompt}"), Test(f"tg{options.generate}@d{options.prompt}")]
    numbers = random.Random(42)

    def of_run() -> None:
        ids = [numbers.randrange(IDS) for _ in range(options.prompt)]
        for test, speed in zip(tests, program.run(ids, options.generate), strict=True):
            test.run.append(speed)

    def of_bench() -> None:
        speeds = program.bench(options.repetitions, options.prompt, options.generate)
        for test, speed in zip(tests, speeds, strict=True):
            test.bench.append(speed)

    for pair in range(options.pairs):
        for command in (of_run, of_bench) if pair % 2 == 0 else (of_bench, of_run):
            command()
        for test in tests:
            print(
                f"pair {pair + 1}/{options.pairs}  {test.label:12}"
                f"  run {test.run[-1]:8.1f}  bench {test.bench[-1]:8.1f}",
                file=sys.stderr,
                flush=True,
            )
    return tests


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends with status 2 on a wrong one."""

    def positive(text: str) -> int:
        if not text.isdecimal() or int(text) == 0:
            raise argparse.ArgumentTypeError(f'"{text}": wanted a number of 1 or more')
        return int(text)

    parser = argparse.ArgumentParser(description="Does bench agree with the timings of run?")
    add = parser.add_argument
    binary = ROOT / "build/release/bin/inference-pio"
    add("--engine", type=Path, default=binary, metavar="FILE", help="the inference-pio program")
    add("--model", default=DEFAULT_MODEL, help="whatever the program takes as MODEL")
    add("--pairs", type=positive, default=9, help="default: 9")
    add("--repetitions", type=positive, default=1, help="of bench in a pair (default: 1)")
    add("--threads", type=positive, help="default: the program's own")
    add("-p", dest="prompt", type=positive, default=512, help="prompt tokens (default: 512)")
    add("-n", dest="generate", type=positive, default=128, help="generated tokens (default: 128)")
    add("--limit", type=float, default=7, metavar="PERCENT", help="default: 7")
    options = parser.parse_args(arguments)
    if options.generate < 2:
        parser.error("-n: one token is no speed, wanted 2 or more")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; see the head of this file for the status."""
    options = parse_arguments(arguments)
    try:
        if not options.engine.is_file():
            raise Failure(f"no {options.engine}: run `make release`, or name it by --engine")
        tests = measure(Program(options.engine, options.model, options.threads), options)
    except Failure as error:
        print(f"{Path(__file__).name}: {error}", file=sys.stderr)
        return 2
    agreed = True
    print("test          median of run  of bench   bench / run: of medians  of pairs")
    for test in tests:
        within = abs(test.of_medians - 1) * 100 <= options.limit
        agreed = agreed and within
        print(
            f"{test.label:12}{median(test.run):15.1f}{median(test.bench):10.1f}"
            f"{test.of_medians:26.3f}{test.of_pairs:10.3f}"
            f"{'' if within else f'   more than {options.limit:g} % apart'}"
        )
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
