# SPDX-License-Identifier: Apache-2.0
"""The ratios of a run as an SVG picture: a row per case, a dot per peer, a line where both are even."""

import math
from collections.abc import Sequence
from html import escape

from report import label_of
from results import Run

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # told apart by the colour-blind too
LEFT, WIDTH, RIGHT, ROW, TOP, BOTTOM = 330, 440, 30, 22, 64, 40
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def ratios(run: Run) -> list[tuple[str, dict[str, float]]]:
    """Every case with the ratio to each peer's best flags; cases without any are left out."""
    rows = []
    for result in run.results:
        entries = filter(None, map(result.entry_of, result.peers()))
        found = {entry.engine: result.ratio(entry) for entry in entries}
        known = {peer: ratio for peer, ratio in found.items() if ratio is not None}
        if known:
            rows.append((label_of(run, result), known))
    return rows


class Axis:
    """Ratios on a logarithmic scale, from a tick below the least to one above the most; 1 is in."""

    def __init__(self, values: Sequence[float]) -> None:
        least, most = min([0.9, *values]), max([1.1, *values])
        self.first = max((t for t in TICKS if t <= least), default=TICKS[0])
        self.last = min((t for t in TICKS if t >= most), default=TICKS[-1])
        self.ticks = [t for t in TICKS if self.first <= t <= self.last]

    def x(self, ratio: float) -> float:
        """Where `ratio` is; what is outside is put on the border."""
        inside = min(max(ratio, self.first), self.last)
        return LEFT + WIDTH * math.log(inside / self.first) / math.log(self.last / self.first)


def text(x: float, y: float, content: str, anchor: str = "start") -> str:
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def svg(run: Run) -> str:
    """The picture; empty rows only if nothing was compared."""
    rows = ratios(run)
    peers = list(dict.fromkeys(peer for _, found in rows for peer in found))
    colours = {peer: COLOURS[i % len(COLOURS)] for i, peer in enumerate(peers)}
    axis = Axis([ratio for _, found in rows for ratio in found.values()])
    width, bottom = LEFT + WIDTH + RIGHT, TOP + ROW * len(rows)
    title = f"How many times as fast (or small) ours is, {run.threads} threads"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom + BOTTOM}"'
        ' font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        text(10, 20, f"{title}: {run.machine['cpu']}"),
    ]
    for i, peer in enumerate(peers):
        left = LEFT + i * 130
        out.append(f'<circle cx="{left}" cy="40" r="5" fill="{colours[peer]}"/>')
        out.append(text(left + 10, 44, f"beside {peer}"))
    for tick in axis.ticks:
        x = axis.x(tick)
        line = 'stroke="#000000" stroke-width="1.5"' if tick == 1 else 'stroke="#cccccc"'
        out.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom}" {line}/>')
        out.append(text(x, bottom + 16, f"{tick:g}x", "middle"))
    out.append(text(axis.x(1), bottom + 32, "left of this line the peer is ahead", "middle"))
    for i, (label, found) in enumerate(rows):
        y = TOP + ROW * i + ROW / 2
        out.append(text(LEFT - 12, y + 4, label, "end"))
        for peer, ratio in found.items():
            mark = f'<circle cx="{axis.x(ratio):.1f}" cy="{y:.1f}" r="5" fill="{colours[peer]}">'
            out.append(
                f"{mark}<title>{escape(label)}, {escape(peer)}: {ratio:.2f}x</title></circle>"
            )
    return "\n".join([*out, "</svg>"]) + "\n"
