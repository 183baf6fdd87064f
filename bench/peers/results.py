# SPDX-License-Identifier: Apache-2.0
"""What was measured: every round of every case on every engine, and what they come to."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from cases import Case
from engine import Sample
from process import Failure

FORMAT = 1  # of the file


@dataclass
class Entry:
    """One engine with one set of flags in one case: a sample per round, or why there is none."""

    engine: str
    flags: str
    samples: list[Sample] = field(default_factory=list)
    error: str = ""

    @property
    def ran(self) -> bool:
        """Whether it has numbers."""
        return not self.error and bool(self.samples)

    @property
    def median(self) -> float:
        """The median of the rounds' medians."""
        return median(sample.median for sample in self.samples)

    @property
    def share(self) -> float | None:
        """Of the machine's limit, the median of the rounds; None where it is not told."""
        shares = [sample.share for sample in self.samples if sample.share is not None]
        return median(shares) if shares else None


@dataclass
class Result:
    """One case. The first entry is ours."""

    name: str
    model: str
    label: str
    unit: str
    more_is_better: bool
    entries: list[Entry]

    @property
    def ours(self) -> Entry:
        """Our entry."""
        return self.entries[0]

    def best(self, entry: Entry) -> float:
        """The best repetition of all rounds."""
        return (max if self.more_is_better else min)(sample.best for sample in entry.samples)

    def entry_of(self, peer: str) -> Entry | None:
        """The peer's set of flags with the best median, of those in most rounds; None: no numbers."""
        ran = [entry for entry in self.entries[1:] if entry.engine == peer and entry.ran]
        most = max((len(entry.samples) for entry in ran), default=0)
        ran = [entry for entry in ran if len(entry.samples) == most]
        order = max if self.more_is_better else min
        return order(ran, key=lambda entry: entry.median) if ran else None

    def peers(self) -> list[str]:
        """The names of the peers, each once."""
        return list(dict.fromkeys(entry.engine for entry in self.entries[1:]))

    def ratio(self, theirs: Entry) -> float | None:
        """How many times as good ours is: the median of the rounds' own ratios.

        What drifts from round to round drops out of it. Above 1: ours is faster, or smaller.
        """
        if not self.ours.ran or not theirs.ran:
            return None
        pairs = zip(self.ours.samples, theirs.samples, strict=False)
        ratios = [ours.median / their.median for ours, their in pairs]
        return median(ratios if self.more_is_better else [1 / ratio for ratio in ratios])


@dataclass
class Run:
    """One call of `run`: where, when, with what, and its results."""

    date: str
    isa: str  # "native" or "avx2"
    machine: dict[str, Any]
    threads: int
    rounds: int
    load: list[float]  # average before and after
    versions: dict[str, str]  # by engine
    models: dict[str, dict[str, Any]]  # label, file and bytes, by name
    results: list[Result]
    limits: dict[str, Any] = field(default_factory=dict)  # of the machine, as ours tells them


def result_of(case: Case) -> Result:
    """An empty result."""
    return Result(case.name, case.model, case.label, case.unit, case.more_is_better, [])


def save(run: Run, file: Path) -> None:
    """Write `run` as JSON, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.write_text(json.dumps({"format": FORMAT, **asdict(run)}, indent=1) + "\n")
    part.rename(file)


def load(file: Path) -> Run:
    """Read what save wrote.

    Raises:
        Failure: it is no such file.
    """
    try:
        content = json.loads(file.read_text())
        if content.pop("format") != FORMAT:
            raise Failure(f"{file}: written by another version")
        results = [
            Result(**{**result, "entries": [_entry(entry) for entry in result["entries"]]})
            for result in content.pop("results")
        ]
        return Run(**content, results=results)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise Failure(f"{file}: not a result of bench/peers/run ({error})") from error


def merged(runs: Sequence[Run]) -> list[Run]:
    """Runs of the same engines on the same machine as one; a later result of a case replaces."""
    out: dict[str, Run] = {}
    for run in runs:
        like = json.dumps([run.isa, run.machine, run.threads, run.versions], sort_keys=True)
        if like not in out:
            out[like] = replace(run)
            continue
        before = out[like]
        results = {result.name: result for result in [*before.results, *run.results]}
        out[like] = replace(
            before,
            date=before.date if run.date in before.date else f"{before.date}, {run.date}",
            rounds=min(before.rounds, run.rounds),
            load=[max(pair) for pair in zip(before.load, run.load, strict=True)],
            models={**before.models, **run.models},
            results=list(results.values()),
            limits=run.limits or before.limits,
        )
    return list(out.values())


def _entry(content: dict[str, Any]) -> Entry:
    return Entry(**{**content, "samples": [Sample(**sample) for sample in content["samples"]]})
