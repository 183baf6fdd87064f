# SPDX-License-Identifier: Apache-2.0
"""The tests, the rounds that interleave them over the engines, and what the rounds come to."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from engine import Engine, Sample


@dataclass(frozen=True)
class Test:
    """One thing measured on every engine."""

    name: str  # as in --require
    label: str
    unit: str
    more_is_better: bool
    measure: Callable[[Engine], Sample]


@dataclass(frozen=True)
class Series:
    """The samples of one engine in one test, one per round."""

    test: Test
    engine: str
    samples: list[Sample]

    @property
    def best(self) -> float:
        """The best repetition of all rounds."""
        return (max if self.test.more_is_better else min)(sample.best for sample in self.samples)

    @property
    def median(self) -> float:
        """The median of the rounds' medians."""
        return median(sample.median for sample in self.samples)


@dataclass(frozen=True)
class Comparison:
    """Two series of one test. A ratio says how many times as fast ours is, for times too."""

    ours: Series
    theirs: Series

    @property
    def of_medians(self) -> float:
        """From the medians over all rounds."""
        return self._ratio(self.ours.median, self.theirs.median)

    @property
    def of_bests(self) -> float:
        """From the best repetitions."""
        return self._ratio(self.ours.best, self.theirs.best)

    @property
    def of_rounds(self) -> float:
        """The median of the rounds' own ratios: what drifts from round to round drops out."""
        pairs = zip(self.ours.samples, self.theirs.samples, strict=True)
        return median(self._ratio(ours.median, theirs.median) for ours, theirs in pairs)

    def _ratio(self, ours: float, theirs: float) -> float:
        return ours / theirs if self.ours.test.more_is_better else theirs / ours


def tests_of(prompt: int, generate: int, first: tuple[str, int], repetitions: int) -> list[Test]:
    """All tests; a prompt or a generation of 0 tokens leaves its test out.

    `first` is the prompt of the first-token test, and how many tokens it comes to.
    """
    text, tokens = first

    def read(engine: Engine) -> Sample:
        return engine.prompt_speed(prompt, repetitions)

    def write(engine: Engine) -> Sample:
        return engine.decode_speed(generate, repetitions)

    def start(engine: Engine) -> Sample:
        return engine.first_token(text, tokens, repetitions)

    tests = [
        (prompt, Test("prompt", f"pp{prompt}", "tok/s", True, read)),
        (generate, Test("decode", f"tg{generate}", "tok/s", True, write)),
        (tokens, Test("ttft", f"ttft{tokens}", "ms", False, start)),
    ]
    return [test for count, test in tests if count > 0]


def run_rounds(
    tests: Sequence[Test], ours: Engine, peers: Sequence[Engine], rounds: int
) -> list[Comparison]:
    """Every test on every engine, one at a time; who comes first changes from round to round."""
    engines = [ours, *peers]
    series = {(t.name, e.name): Series(t, e.name, []) for t in tests for e in engines}
    for number in range(rounds):
        first = number % len(engines)
        for test in tests:
            for engine in [*engines[first:], *engines[:first]]:
                sample = test.measure(engine)
                series[test.name, engine.name].samples.append(sample)
                print(
                    f"round {number + 1}/{rounds}  {test.label:8} {engine.name:14}"
                    f" {sample.median:10.1f} {test.unit}",
                    file=sys.stderr,
                    flush=True,
                )
    return [
        Comparison(series[test.name, ours.name], series[test.name, peer.name])
        for test in tests
        for peer in peers
    ]
