# SPDX-License-Identifier: Apache-2.0
"""Writes the results into a Markdown file: between two marks, the rest of the file stays."""

from collections.abc import Sequence
from pathlib import Path

import plot
import report
from process import Failure
from results import Run

BEGIN = "<!-- written by bench/peers/run: begin -->"
END = "<!-- written by bench/peers/run: end -->"
HEAD = """# Performance beside other engines

Measured by `bench/peers/run` (`bench/peers/README.md`), which builds the peers, makes the models and
interleaves all engines round by round; `bench/peers/run --from RESULTS.json --document FILE` writes the
part below. A cell is *median / best*; a peer stands with its best flags of each case. *ours is* says
how many times as fast, or as small, ours is: the median of the rounds' own ratios. Below 1, in bold,
the peer is ahead.

How to read the numbers:

- The Qwen3-0.6B files have random weights: their shape and sizes are real, their text is noise, so the
  quality of what an engine computes is not compared here.
- All engines keep keys and values in f16 where the case or the flags do not say otherwise. OpenVINO
  stands with the better of f16 and the 8 bits that are its default. How exactly a peer computes
  (8-bit activations, other sums) was not matched.
- Ours and OpenVINO sample each token (greedily) within the time; llama.cpp and ik_llama.cpp sample nothing.
- Memory counts the mapped weights and what is resident for a context that may grow to 4096 tokens:
  llama.cpp and ik_llama.cpp take its cache at once, ours and OpenVINO as it fills. OpenVINO's process is
  a Python.
"""


def write(runs: Sequence[Run], file: Path) -> None:
    """Put `runs` into `file`, and a picture of each beside it; a missing file gets a head.

    Raises:
        Failure: the marks are not both in the file, in this order.
    """
    text = file.read_text() if file.is_file() else f"{HEAD}\n{BEGIN}\n{END}\n"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Failure(f'{file} lacks the lines "{BEGIN}" and "{END}"')
    file.parent.mkdir(parents=True, exist_ok=True)
    plots = []
    for index, run in enumerate(runs):
        suffix = f"-{index + 1}" if index > 0 else ""
        picture = file.with_name(f"{file.stem}{suffix}.svg")
        picture.write_text(plot.svg(run))
        plots.append(picture.name)
    file.write_text(f"{before}{BEGIN}\n\n{report.report(runs, plots)}\n\n{END}{after}")
