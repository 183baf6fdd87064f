# SPDX-License-Identifier: Apache-2.0
"""Results as Markdown: the tables of docs/performance.md."""

from collections.abc import Iterable, Sequence
from typing import Any

from results import Entry, Result, Run

TABLES = {
    "tok/s": "Tokens per second (more is better)",
    "ms": "Milliseconds from the start of a process to its first token (less is better)",
    "MiB": "Peak resident memory in MiB (less is better)",
}
SETS = {
    "native": "All that the processor has",
    "avx2": "AVX2 only",
}


def table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is its head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [list(rows[0]), ["-" * width for width in widths], *map(list, rows[1:])]
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)


def number(value: float) -> str:
    """Three digits or more."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def both(result: Result, entry: Entry) -> str:
    """Median and best: "321 / 330"."""
    return f"{number(entry.median)} / {number(result.best(entry))}"


def times(ratio: float | None) -> str:
    """A ratio, in bold where ours is behind."""
    if ratio is None:
        return "-"
    return f"{ratio:.2f}x" if ratio >= 1 else f"**{ratio:.2f}x**"


def label_of(run: Run, result: Result) -> str:
    """Model and test."""
    model = run.models.get(result.model, {}).get("label", result.model)
    return f"{model}, {result.label}"


def comparison(run: Run, results: Sequence[Result]) -> str:
    """A row per case: ours, and each peer with its best flags."""
    peers = list(dict.fromkeys(peer for result in results for peer in result.peers()))
    shares = any(result.ours.share is not None for result in results)
    head = ["case", "ours", *(["of the limit"] if shares else [])]
    rows = [[*head, *(cell for peer in peers for cell in (peer, "ours is"))]]
    for result in results:
        share = result.ours.share
        row = [label_of(run, result), both(result, result.ours) if result.ours.ran else "-"]
        row += [f"{share:.0%}" if share is not None else "-"] if shares else []
        for peer in peers:
            entry = result.entry_of(peer)
            if entry is None:
                row += ["-", "-"]
                continue
            flags = f" ({entry.flags})" if entry.flags else ""
            row += [both(result, entry) + flags, times(result.ratio(entry))]
        rows.append(row)
    return table(rows)


def behind(run: Run) -> list[str]:
    """A line for each case and peer where ours is behind, the worst first."""
    lost: list[tuple[float, str]] = []
    for result in run.results:
        for entry in filter(None, map(result.entry_of, result.peers())):
            ratio = result.ratio(entry)
            if ratio is not None and ratio < 1:
                flags = f" ({entry.flags})" if entry.flags else ""
                lost.append((ratio, f"{label_of(run, result)}: {entry.engine}{flags}"))
    return [f"- {name}: ours is {ratio:.2f}x" for ratio, name in sorted(lost)]


def not_run(run: Run) -> list[str]:
    """A line for every engine that gave nothing in a case, with its reason."""
    return [
        f"- {label_of(run, result)}: {f'{entry.engine} {entry.flags}'.strip()}: {entry.error}"
        for result in run.results
        for entry in result.entries
        if entry.error
    ]


def all_flags(run: Run) -> str:
    """A row for every engine and set of flags."""
    rows = [["case", "engine", "flags", "median", "best", "unit", "ours is"]]
    for result in run.results:
        for entry in filter(lambda entry: entry.ran, result.entries):
            row = [label_of(run, result), entry.engine, entry.flags or "-"]
            row += [number(entry.median), number(result.best(entry)), result.unit]
            rows.append([*row, "" if entry is result.ours else times(result.ratio(entry))])
    return table(rows)


def conditions(run: Run) -> list[str]:
    """Where, when and with what."""
    machine = run.machine
    usable = f"{machine['usable_cpus']} of {machine['cpus']} CPUs usable"
    lines = [
        f"- {run.date}; {machine['cpu']}, {usable}; {' '.join(machine['flags'])}",
        f"- {run.threads} threads for every engine; {run.rounds} rounds; load average"
        f" {run.load[0]:.1f} before, {run.load[1]:.1f} after",
    ]
    lines += [f"- {name}: {version}" for name, version in run.versions.items()]
    files = (f"{m['label']} {m['bytes'] / 1e6:.1f} MB" for m in run.models.values())
    lines.append(f"- model files: {', '.join(files)}")
    if run.limits:
        lines.append(f"- limits of the machine, as `bench` measures them: {_pairs(run.limits)}")
    return lines


def section(run: Run, heading: str = "##") -> str:
    """All of one run."""
    parts = [f"{heading} {SETS.get(run.isa, run.isa)}", "\n".join(conditions(run))]
    for unit, title in TABLES.items():
        results = [result for result in run.results if result.unit == unit]
        if results:
            parts += [f"{heading}# {title}", comparison(run, results)]
    lost = behind(run) or ["- In no case of this run."]
    parts += [f"{heading}# Where ours is behind", "\n".join(lost)]
    if failed := not_run(run):
        parts += [f"{heading}# Not measured", "\n".join(failed)]
    parts += [f"{heading}# Every set of flags", all_flags(run)]
    return "\n\n".join(parts)


def report(runs: Iterable[Run], plots: Sequence[str] = ()) -> str:
    """All of `runs`, one section each; plots: the files of their pictures, as links."""
    out = []
    for index, run in enumerate(runs):
        text = section(run)
        if index < len(plots):
            heading, _, rest = text.partition("\n")
            text = f"{heading}\n\n![How many times as fast ours is]({plots[index]})\n{rest}"
        out.append(text)
    return "\n\n".join(out)


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {number(value) if isinstance(value, int | float) else value}"
        for name, value in values.items()
    )
