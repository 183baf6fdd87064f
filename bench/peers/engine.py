# SPDX-License-Identifier: Apache-2.0
"""What is asked of an engine, ours and every peer alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from statistics import median
from typing import Protocol

from process import Failure, Start

# Tokens, in the tests of the start. A model's whole context may be long, and clearing a cache of
# that size would take most of the time.
CONTEXT = 4096


class Unsupported(Failure):
    """The engine, or this set of its flags, has no such thing: not measured, and not a fault."""


class Kind(Enum):
    """What a case measures."""

    SPEED = "tokens per second"
    FIRST_TOKEN = "first token"
    MEMORY = "memory"


@dataclass(frozen=True)
class Work:
    """What a speed is the speed of: `prompt` tokens read, or `generate` tokens written one by one.

    One of the two is 0. `depth` random tokens are in the cache before. The rate counts the tokens
    of all `parallel` sequences. `kv` is the cache's type, "f16" or "q8".
    """

    prompt: int = 0
    generate: int = 0
    depth: int = 0
    parallel: int = 1
    kv: str = "f16"


@dataclass(frozen=True)
class Sample:
    """The repetitions of one case in one round, in the case's unit."""

    median: float
    best: float
    share: float | None = None  # of the machine's limit, 0..1, where the engine tells it


def speeds(rates: Sequence[float]) -> Sample:
    """A sample of tokens per second: more is better."""
    return Sample(median(rates), max(rates))


def amounts(values: Sequence[float]) -> Sample:
    """A sample of durations or sizes: less is better."""
    return Sample(median(values), min(values))


class Engine(Protocol):
    """One engine with one set of flags and a number of threads."""

    @property
    def name(self) -> str:
        """As tables call it; the sets of flags of one engine share it."""
        ...

    @property
    def flags(self) -> str:
        """The flags that tell this set from the engine's others."""
        ...

    def version(self) -> str:
        """The version, with the commit where the program knows it."""
        ...

    def covers(self, kind: Kind, work: Work) -> bool:
        """Whether these flags are worth a trial in such a case."""
        ...

    def speed(self, model: Path, work: Work, repetitions: int) -> Sample:
        """Tokens per second of `work`, behind a warm-up that is dropped."""
        ...

    def start(self, model: Path, text: str, tokens: int) -> Start:
        """One process from its start to its end, with one token behind the prompt `text`.

        The prompt is taken as it is, without a chat template, and must come to `tokens` tokens; the
        context may grow to CONTEXT.
        """
        ...


def starts(once: Callable[[], Start], kind: Kind, repetitions: int) -> Sample:
    """A sample of `kind` from starts, behind one that brings the files into the page cache.

    FIRST_TOKEN: milliseconds to the token; MEMORY: MiB, the most that was resident.
    """
    measured = [once() for _ in range(repetitions + 1)][1:]
    if kind is Kind.FIRST_TOKEN:
        return amounts([start.seconds * 1000 for start in measured])
    return amounts([start.peak_bytes / 2**20 for start in measured])
