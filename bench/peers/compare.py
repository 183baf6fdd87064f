#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure Inference-PIO beside other engines, interleaved in one run, and print a table of ratios.

  python3 bench/peers/compare.py --engine build/release/bin/inference-pio --model F.gguf
  python3 bench/peers/compare.py --require decode=1.5 prompt=3 ttft=1

Exit status: 0; 1 if a ratio is below what --require asks; 2 if something is missing or failed.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import report
from engine import Engine
from machine import load, this_machine
from ours import Ours, find_model
from peers import PEERS
from process import Failure
from rounds import Comparison, run_rounds, tests_of

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_MODEL = "SmolLM2-135M-Instruct.Q4_1"
FIRST_TOKEN_PROMPT = 10  # tokens
TEST_NAMES = ("prompt", "decode", "ttft")


def requirement(text: str) -> tuple[str, float]:
    """NAME=RATIO as --require takes it."""
    name, _, ratio = text.partition("=")
    if name not in TEST_NAMES:
        raise argparse.ArgumentTypeError(f'"{text}": the tests are {", ".join(TEST_NAMES)}')
    try:
        return name, float(ratio)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}": wanted a number, as in {name}=1.5') from None


def count(text: str) -> int:
    """An option's integer, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f'"{text}": wanted a number of 0 or more')
    return int(text)


def positive(text: str) -> int:
    """An option's integer, 1 or more."""
    if count(text) == 0:
        raise argparse.ArgumentTypeError('"0": wanted a number of 1 or more')
    return int(text)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends with status 2 on a wrong one."""
    parser = argparse.ArgumentParser(description="Speed beside other engines, in one run.")
    add = parser.add_argument
    binary = ROOT / "build/release/bin/inference-pio"
    add("--engine", type=Path, default=binary, metavar="FILE", help="the inference-pio program")
    add("--model", default=DEFAULT_MODEL, help=".gguf file, or a checkpoint's name")
    add("--rounds", type=positive, default=7, help="rounds over all engines (default: 7)")
    add("--repetitions", type=positive, default=3, help="of a test in a round (default: 3)")
    cpus = len(os.sched_getaffinity(0))
    add("--threads", type=positive, default=cpus, help=f"of every engine (default: {cpus})")
    add("-p", dest="prompt", type=count, default=512, help="prompt tokens (default: 512); 0: none")
    add("-n", dest="generate", type=count, default=128, help="generated (default: 128); 0: none")
    add("--json", type=Path, metavar="OUT", help="also write every number to this file")
    add("--require", type=requirement, nargs="+", default=[], metavar="TEST=RATIO")
    names = [peer.name for peer in PEERS]
    add("--peer", choices=names, action="append", help="default: all in peers.py")
    for peer in PEERS:
        peer.add_options(parser)
    options = parser.parse_args(arguments)
    left_out = {"prompt": options.prompt == 0, "decode": options.generate == 0}
    for name, _ in options.require:
        if left_out.get(name):
            parser.error(f"--require {name}: that test is left out")
    return options


def missed(comparisons: Sequence[Comparison], required: Sequence[tuple[str, float]]) -> list[str]:
    """A line for every comparison whose round-wise ratio is below the required one."""
    return [
        f"{c.ours.test.label}: {c.of_rounds:.3f} times {c.theirs.engine}, required {ratio:g}"
        for name, ratio in required
        for c in comparisons
        if c.ours.test.name == name and c.of_rounds < ratio
    ]


def compare(options: argparse.Namespace) -> list[Comparison]:
    """Run all rounds; print the table and write the JSON."""
    if not options.engine.is_file():
        raise Failure(f"no {options.engine}: run `make release`, or name it by --engine")
    model = find_model(options.engine, options.model)
    chosen = [peer for peer in PEERS if not options.peer or peer.name in options.peer]
    ours = Ours(options.engine, model, options.threads)
    peers = [peer.open_engine(options, model) for peer in chosen]

    text = ours.prompt_of(FIRST_TOKEN_PROMPT)
    engines: list[Engine] = [ours, *peers]
    for engine in engines:  # uncounted: brings files into the page cache, shows what fails
        engine.first_token(text, FIRST_TOKEN_PROMPT, 1)
    before = load()
    tests = tests_of(
        options.prompt, options.generate, (text, FIRST_TOKEN_PROMPT), options.repetitions
    )
    comparisons = run_rounds(tests, ours, peers, options.rounds)
    loads = (before, load())

    machine = this_machine()
    versions = {engine.name: engine.version() for engine in engines}
    print(report.heading(machine, model, versions, options.threads, loads))
    print(f"rounds: {options.rounds} of {options.repetitions} repetitions\n")
    print(report.table(comparisons))
    if options.json:
        names = ("rounds", "repetitions", "threads", "prompt", "generate")
        settings = {name: getattr(options, name) for name in names}
        content = report.as_json(machine, model, versions, settings, loads, comparisons)
        options.json.write_text(json.dumps(content, indent=1) + "\n")
    return comparisons


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; see the head of this file for the status."""
    options = parse_arguments(arguments)
    try:
        failures = missed(compare(options), options.require)
    except (Failure, OSError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 2
    for line in failures:
        print(f"compare.py: {line}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
