# SPDX-License-Identifier: Apache-2.0
"""The outcome as a table for people and as JSON for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from machine import Machine
from rounds import Comparison, Series

COLUMNS = ["test", "unit", "ours best", "median", "peer", "best", "median"]
COLUMNS += ["ratio of medians", "of bests", "of rounds"]


def table(comparisons: Sequence[Comparison]) -> str:
    """A Markdown table, one row per test and peer."""
    rows = [COLUMNS]
    for c in comparisons:
        row = [c.ours.test.label, c.ours.test.unit, f"{c.ours.best:.1f}", f"{c.ours.median:.1f}"]
        row += [c.theirs.engine, f"{c.theirs.best:.1f}", f"{c.theirs.median:.1f}"]
        row += [f"{ratio:.2f}" for ratio in (c.of_medians, c.of_bests, c.of_rounds)]
        rows.append(row)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows)


def heading(
    machine: Machine,
    model: Path,
    versions: Mapping[str, str],
    threads: int,
    loads: tuple[float, float],
) -> str:
    """What stands above the table: where, with what, and how busy the machine was."""
    lines = [f"machine: {machine}"]
    lines += [f"threads: {threads}; load average {loads[0]:.1f} before, {loads[1]:.1f} after"]
    lines += [f"model: {model.name}, {model.stat().st_size / 1e6:.1f} MB"]
    lines += [f"{name}: {version}" for name, version in versions.items()]
    return "\n".join(lines)


def as_json(
    machine: Machine,
    model: Path,
    versions: Mapping[str, str],
    settings: Mapping[str, Any],
    loads: tuple[float, float],
    comparisons: Sequence[Comparison],
) -> dict[str, Any]:
    """Everything that was measured, every round of it."""
    return {
        "machine": asdict(machine),
        "load": {"before": loads[0], "after": loads[1]},
        "model": {"file": model.name, "bytes": model.stat().st_size},
        "versions": dict(versions),
        "settings": dict(settings),
        "tests": [
            {
                "name": c.ours.test.name,
                "test": c.ours.test.label,
                "unit": c.ours.test.unit,
                "peer": c.theirs.engine,
                "ours": _series(c.ours),
                "theirs": _series(c.theirs),
                "ratio": {"medians": c.of_medians, "bests": c.of_bests, "rounds": c.of_rounds},
            }
            for c in comparisons
        ],
    }


def _series(series: Series) -> dict[str, Any]:
    rounds = [asdict(sample) for sample in series.samples]
    return {"best": series.best, "median": series.median, "rounds": rounds}
