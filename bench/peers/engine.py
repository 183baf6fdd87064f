# SPDX-License-Identifier: Apache-2.0
"""What compare.py asks of an engine, ours and every peer alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

# Tokens, in the first-token test. A model's whole context may be long, and clearing a cache of that
# size would take most of the time.
CONTEXT = 4096


@dataclass(frozen=True)
class Sample:
    """The repetitions of one test in one round, in the test's unit."""

    median: float
    best: float


def speeds(rates: Sequence[float]) -> Sample:
    """A sample of tokens per second: more is better."""
    return Sample(median(rates), max(rates))


def times(milliseconds: Sequence[float]) -> Sample:
    """A sample of durations: less is better."""
    return Sample(median(milliseconds), min(milliseconds))


class Engine(Protocol):
    """One engine with one model, a number of threads and nothing else running."""

    @property
    def name(self) -> str:
        """As tables call it."""
        ...

    def version(self) -> str:
        """The version, with the commit where the program knows it."""
        ...

    def prompt_speed(self, tokens: int, repetitions: int) -> Sample:
        """Tokens per second of reading `tokens` random tokens, logits of the last one computed."""
        ...

    def decode_speed(self, tokens: int, repetitions: int) -> Sample:
        """Tokens per second of generating `tokens` tokens one by one, from an empty context."""
        ...

    def first_token(self, text: str, tokens: int, repetitions: int) -> Sample:
        """Milliseconds from the start of a process to the token it prints behind the prompt `text`.

        The prompt is taken as it is, without a chat template, and must come to `tokens` tokens.
        """
        ...
