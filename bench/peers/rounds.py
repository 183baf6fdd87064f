# SPDX-License-Identifier: Apache-2.0
"""The rounds, which interleave the cases over the engines: a busy machine slows all of them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from cases import START_PROMPT, Case
from engine import Engine, Kind, Sample, Unsupported, starts
from process import Failure
from results import Entry, Result, result_of

Item = TypeVar("Item")


def rotated(items: Sequence[Item], number: int) -> list[Item]:
    """`items` in the order of round `number`: another comes first in each."""
    first = number % max(len(items), 1)
    return [*items[first:], *items[:first]]


def measure(engine: Engine, case: Case, model: Path, text: str) -> Sample:
    """One case on one engine, once. Raises Failure."""
    if case.kind is Kind.SPEED:
        return engine.speed(model, case.work, case.repetitions)
    return starts(lambda: engine.start(model, text, START_PROMPT), case.kind, case.repetitions)


def taking_part(result: Result, settled: bool) -> list[Entry]:
    """The entries to measure in a round: those that have not failed; settled: each peer's best."""
    best = [result.entry_of(peer) for peer in result.peers()] if settled else result.entries
    return [one for one in [*result.entries[:1], *filter(None, best)] if not one.error]


def run_rounds(
    cases: Sequence[Case],
    engines: Sequence[Engine],
    models: Mapping[str, Path],
    texts: Mapping[str, str],
    rounds: int,
    after_round: Callable[[list[Result]], None],
    settle: int = 0,
) -> list[Result]:
    """Every case on every engine, one at a time, `rounds` times.

    engines: ours is the first. models and texts: the file and the prompt of the starts, by model.
    An engine that fails in a case is not tried in it again; its entry says why. After `settle`
    rounds, if any, a peer goes on in a case with its best flags alone. after_round is called with
    all results so far.
    """
    results = [result_of(case) for case in cases]
    pairs: list[list[tuple[Engine, Entry]]] = []
    for case, result in zip(cases, results, strict=True):
        pairs.append(
            [(e, Entry(e.name, e.flags)) for e in engines if e.covers(case.kind, case.work)]
        )
        result.entries = [entry for _, entry in pairs[-1]]
    for number in range(rounds):
        for case, result, entries in zip(cases, results, pairs, strict=True):
            in_it = taking_part(result, settled=0 < settle <= number)
            for engine, entry in rotated(entries, number):
                if not any(entry is one for one in in_it):
                    continue
                try:
                    sample = measure(engine, case, models[case.model], texts.get(case.model, ""))
                except Failure as error:
                    entry.error = str(error)
                    said = "not supported" if isinstance(error, Unsupported) else "FAILED"
                    outcome = f"{said}: {error}"
                else:
                    entry.samples.append(sample)
                    outcome = f"{sample.median:10.1f} {case.unit}"
                name = f"{engine.name} {engine.flags}".strip()
                print(
                    f"round {number + 1}/{rounds}  {case.name:26} {name:28} {outcome}",
                    file=sys.stderr,
                    flush=True,
                )
        after_round(results)
    return results
