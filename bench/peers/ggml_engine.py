# SPDX-License-Identifier: Apache-2.0
"""What llama.cpp and its fork share: llama-bench, llama-batched-bench, and a program that answers."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import CONTEXT, Kind, Sample, Work, speeds
from process import Failure, Start, json_of, outputs_of, start_of

CACHES = {"f16": "f16", "q8": "q8_0"}  # our names to theirs


def rates_of_bench(tests: Any, work: Work) -> list[float]:
    """The rates of all repetitions in the JSON of llama-bench.

    Raises:
        Failure: it is not of the one test that `work` is.
    """
    if not isinstance(tests, list) or len(tests) != 1:
        raise Failure("llama-bench told of another number of tests than one")
    rates: list[float] = tests[0]["samples_ts"]
    generated = tests[0]["n_gen"]
    if generated != work.generate:
        raise Failure(f"llama-bench wrote {generated} tokens, wanted {work.generate}")
    return rates


def rates_of_batch(table: str, work: Work) -> list[float]:
    """The rates of generation in the table of llama-batched-bench, a row for every repetition.

    Raises:
        Failure: it has no row of `work`.
    """
    head = re.search(r"^\|\s*PP \|.*$", table, re.MULTILINE)
    names = [cell.strip() for cell in head[0].strip("|").split("|")] if head else []
    rates = []
    for line in re.findall(r"^\|[ \d.|]+\|\s*$", table, re.MULTILINE):
        row = dict(zip(names, line.strip().strip("|").split("|"), strict=False))
        if (int(row["PP"]), int(row["B"])) == (work.depth, work.parallel):
            rates.append(float(row["S_TG t/s"]))
    if not rates:
        raise Failure(f"llama-batched-bench told of no {work.parallel} sequences")
    return rates


@dataclass(frozen=True)
class GgmlEngine:
    """The programs in the folder `bin`, one set of flags of them."""

    bin: Path
    threads: int
    flags: str
    bench_flags: tuple[str, ...]  # of llama-bench
    tool_flags: tuple[str, ...]  # of the others: some are spelled otherwise
    kinds: frozenset[Kind] = frozenset(Kind)
    name: str = ""
    answers: str = ""  # the program that answers a prompt
    answer_flags: tuple[str, ...] = ()  # that make it start quickly, without a chat
    cold_runs: int = 0  # of a prompt, that llama-bench's own warm-up leaves

    def version(self) -> str:
        """See Engine."""
        raise NotImplementedError

    def covers(self, kind: Kind, work: Work) -> bool:
        """See Engine."""
        return kind in self.kinds

    def speed(self, model: Path, work: Work, repetitions: int) -> Sample:
        """See Engine. Logits are computed and nothing is sampled."""
        if work.parallel > 1:
            return self._batched_speed(model, work, repetitions)
        dropped = self.cold_runs if work.prompt > 0 else 0
        command: list[str | Path] = [self.bin / "llama-bench", "-m", model, *self.tests_of(work)]
        command += ["-t", str(self.threads), "-r", str(repetitions + dropped), "-o", "json"]
        command += [*self.bench_flags, *self._cache(work)]
        return speeds(rates_of_bench(json_of(command), work)[dropped:])

    def tests_of(self, work: Work) -> list[str]:
        """The flags of llama-bench for `work`, of one sequence."""
        raise NotImplementedError

    def start(self, model: Path, text: str, tokens: int) -> Start:
        """See Engine."""
        command: list[str | Path] = [self.bin / self.answers, "-m", model, "-t", str(self.threads)]
        command += ["-p", text, "--no-display-prompt", "-n", "1", "--temp", "0", "--ignore-eos"]
        command += ["-c", str(CONTEXT), "--no-warmup", *self.answer_flags, *self.tool_flags]
        start = start_of(command)
        read = re.search(r"prompt eval time =.*?/\s*(\d+) tokens", start.log)
        if read and int(read[1]) != tokens:
            raise Failure(f'{self.name} reads "{text}" as {read[1]} tokens, wanted {tokens}')
        return start

    def _batched_speed(self, model: Path, work: Work, repetitions: int) -> Sample:
        """Generation after prompts of `depth` tokens; every repetition reads its prompts anew."""
        if work.prompt > 0:
            raise Failure("no test of several prompts at once")
        command: list[str | Path] = [self.bin / "llama-batched-bench", "-m", model]
        command += ["-t", str(self.threads), "-npp", str(work.depth), "-ntg", str(work.generate)]
        command += ["-npl", ",".join([str(work.parallel)] * repetitions), *self.tool_flags]
        command += ["-c", str(work.parallel * (work.depth + work.generate)), *self._cache(work)]
        with tempfile.TemporaryDirectory() as folder:  # the fork leaves a log where it runs
            return speeds(rates_of_batch("\n".join(outputs_of(command, folder=Path(folder))), work))

    def _cache(self, work: Work) -> list[str]:
        return ["-ctk", CACHES[work.kv], "-ctv", CACHES[work.kv]]
