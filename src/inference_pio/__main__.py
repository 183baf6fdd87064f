# SPDX-License-Identifier: Apache-2.0
"""The command line, with the models written in Python: `python -m inference_pio`."""

from __future__ import annotations

import contextlib
import sys

from ._pio import main as _main


def main() -> int:
    """Run the command that the process's arguments name; returns its exit code."""
    # What a model folder's code prints is no command's answer, which stdout is for.
    with contextlib.redirect_stdout(sys.stderr):
        return _main(["inference-pio", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
