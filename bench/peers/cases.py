# SPDX-License-Identifier: Apache-2.0
"""The list of cases: what is measured, on which model. A new one is a line here."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from engine import Kind, Work
from models import QWEN3, SMOLLM2

START_PROMPT = 8  # tokens, of the cases of first token and memory


@dataclass(frozen=True)
class Case:
    """A row of the tables. `repetitions` are those of one round; fewer where one takes long."""

    name: str
    model: str  # as in models.py
    label: str
    kind: Kind
    work: Work = Work()
    repetitions: int = 3

    @property
    def unit(self) -> str:
        """What its numbers count."""
        return {Kind.SPEED: "tok/s", Kind.FIRST_TOKEN: "ms", Kind.MEMORY: "MiB"}[self.kind]

    @property
    def more_is_better(self) -> bool:
        """Of speeds."""
        return self.kind is Kind.SPEED


def speed(model: str, work: Work, repetitions: int = 3) -> Case:
    """The case of a speed, named after what it does: "qwen3-q4_0-tg32-d4096-q8kv"."""
    tokens = f"pp{work.prompt}" if work.prompt > 0 else f"tg{work.generate}"
    name, label = tokens, tokens
    if work.parallel > 1:
        name = f"b{work.parallel}"
        label = f"{tokens} x {work.parallel} behind {work.depth}"
    elif work.depth > 0:
        name = f"{tokens}-d{work.depth}"
        label = f"{tokens} behind {work.depth}"
    if work.kv != "f16":
        name, label = f"{name}-{work.kv}kv", f"{label}, {work.kv} cache"
    return Case(f"{model}-{name}", model, label, Kind.SPEED, work, repetitions)


def start(model: str) -> list[Case]:
    """The cases of a process that starts and gives one token."""
    return [
        Case(f"{model}-start", model, "start to first token", Kind.FIRST_TOKEN, repetitions=2),
        Case(f"{model}-memory", model, "peak memory", Kind.MEMORY, repetitions=1),
    ]


def of_any_model(model: str) -> list[Case]:
    """What is measured of a file that the user names."""
    return [speed(model, Work(prompt=512)), speed(model, Work(generate=128)), *start(model)]


_SMALL, _QWEN = SMOLLM2.name, "qwen3-q4_0"
CASES = [
    speed(_SMALL, Work(prompt=512)),
    speed(_SMALL, Work(generate=128)),
    *(speed(model.name, work) for model in QWEN3 for work in (Work(prompt=512), Work(generate=64))),
    speed(_QWEN, Work(prompt=2048), 1),
    speed(_QWEN, Work(generate=32, depth=4096), 1),
    speed(_QWEN, Work(generate=32, depth=4096, kv="q8"), 1),
    *(speed(_SMALL, Work(generate=64, depth=128, parallel=count), 1) for count in (8, 32)),
    *(speed(_QWEN, Work(generate=32, depth=128, parallel=count), 1) for count in (8, 32)),
    *start(_SMALL),
    *start(_QWEN),
    *(start(model.name)[1] for model in QWEN3[1:]),
]


def chosen(patterns: Sequence[str], cases: Sequence[Case]) -> list[Case]:
    """The cases whose names match one of `patterns` ("qwen3-*-pp512"); all without patterns.

    Raises:
        ValueError: a pattern matches none.
    """
    for pattern in patterns:
        if not any(fnmatchcase(case.name, pattern) for case in cases):
            names = ", ".join(case.name for case in cases)
            raise ValueError(f'"{pattern}" matches no case; they are {names}')
    return [c for c in cases if not patterns or any(fnmatchcase(c.name, p) for p in patterns)]
