# SPDX-License-Identifier: Apache-2.0
"""Measure Inference-PIO beside other engines, interleaved in one run: what bench/peers/run calls."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import document
import llama_cpp
import report
import results
from cases import CASES, START_PROMPT, Case, chosen, of_any_model
from engine import Engine, Kind
from machine import load, this_machine
from models import MODELS, prepare
from ours import NAME as OURS
from ours import Ours, checkpoint
from peers import PEERS
from process import Failure
from rounds import run_rounds
from source_build import ROOT, build

OWN_MODEL = "model"  # the name, in cases, of the file that --model names


def requirement(text: str) -> tuple[str, float]:
    """CASE=RATIO as --require takes it."""
    name, _, ratio = text.partition("=")
    try:
        return name, float(ratio)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}": wanted CASE=RATIO') from None


def positive(text: str) -> int:
    """An option's integer, 1 or more."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f'"{text}": wanted a number of 1 or more')
    return int(text)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends with status 2 on a wrong one."""
    parser = argparse.ArgumentParser(
        prog="run",
        description="Speed beside other engines: builds them, makes the models, measures all in turn.",
        epilog="Exit status: 0; 1 if a ratio is below what --require asks; 2 if something is missing"
        " or ours failed in a case.",
    )
    add = parser.add_argument
    cpus = len(os.sched_getaffinity(0))
    binary = ROOT / "build/release/bin/inference-pio"
    add("--engine", type=Path, default=binary, metavar="FILE", help="the inference-pio program")
    add("--build-dir", type=Path, default=ROOT / "build/peers", metavar="DIR", help="of the peers, the models and the results (default: build/peers)")  # fmt: skip
    add("--case", action="append", default=[], metavar="GLOB", help="only these; see --list")
    add("--peer", action="append", choices=list(PEERS), help="only these (default: all)")
    add("--model", metavar="FILE", help="measure this .gguf, or checkpoint, instead of the list's")
    add("--isa", choices=("native", "avx2"), default="native", help="avx2: of ours and the peers' builds")  # fmt: skip
    add("--rounds", type=positive, default=7, help="over all engines (default: 7)")
    add("--settle", type=positive, default=0, metavar="N", help="after N rounds only the best flags of each peer in a case (default: all flags in all rounds)")  # fmt: skip
    add("--threads", type=positive, default=cpus, help=f"of every engine (default: {cpus})")
    add("--jobs", type=positive, default=cpus, help=f"compilers at once (default: {cpus})")
    add("--json", type=Path, metavar="OUT", help="the results (default: results.json in --build-dir)")  # fmt: skip
    add("--document", type=Path, metavar="FILE", help="also put tables and a plot there")
    add("--require", type=requirement, nargs="+", default=[], metavar="CASE=RATIO", help="of every peer that runs the case")  # fmt: skip
    add("--from", dest="saved", type=Path, nargs="+", metavar="JSON", help="measure nothing: report these")  # fmt: skip
    add("--prepare", action="store_true", help="only build the peers and make the models")
    add("--list", action="store_true", help="only print the names of the cases")
    options = parser.parse_args(arguments)
    # Some programs run in another folder.
    options.engine, options.build_dir = options.engine.resolve(), options.build_dir.resolve()
    try:
        cases = of_any_model(OWN_MODEL) if options.model else CASES
        options.cases = chosen(options.case, cases)
    except ValueError as error:
        parser.error(str(error))
    for name, _ in options.require:
        if not any(case.name == name for case in options.cases):
            parser.error(f"--require {name}: no such case is measured")
    return options


def model_files(options: argparse.Namespace) -> dict[str, Path]:
    """The files of all cases; made where they are missing. Raises Failure."""
    if options.model:
        file = Path(options.model)
        return {OWN_MODEL: file if file.is_file() else checkpoint(options.engine, options.model)}

    def quantize() -> Path:
        folder = build(llama_cpp.SOURCE, options.build_dir, options.isa, options.jobs)
        return folder / llama_cpp.QUANTIZE

    names = [case.model for case in options.cases]
    return prepare(names, options.build_dir / "models", options.engine, quantize)


def label_of(name: str, file: Path) -> str:
    """A model's name for people."""
    return MODELS[name].label if name in MODELS else file.name


def measure(options: argparse.Namespace) -> results.Run | None:
    """Prepare and measure; None with --prepare. The results are written after every round."""
    if not options.engine.is_file():
        raise Failure(f"no {options.engine}: run `make release`, or name it by --engine")
    environment = {} if options.isa == "native" else {"PIO_ISA": options.isa}
    ours = Ours(options.engine, options.threads, environment)
    engines: list[Engine] = [ours]
    for name, open_peer in PEERS.items():
        if not options.peer or name in options.peer:
            engines += open_peer(options.build_dir, options.isa, options.threads, options.jobs)
    models = model_files(options)
    if options.prepare:
        return None
    cases: list[Case] = options.cases
    starting = {case.model for case in cases if case.kind is not Kind.SPEED}
    texts = {name: ours.prompt_of(models[name], START_PROMPT) for name in sorted(starting)}
    run = results.Run(
        date=date.today().isoformat(),
        isa=options.isa,
        machine=asdict(this_machine()),
        threads=options.threads,
        rounds=options.rounds,
        load=[load(), load()],
        versions={engine.name: engine.version() for engine in engines},
        models={
            name: {"label": label_of(name, file), "file": file.name, "bytes": file.stat().st_size}
            for name, file in models.items()
        },
        results=[],
        limits=ours.limits(models[cases[0].model]),
    )

    def keep(so_far: list[results.Result]) -> None:
        run.results, run.load[1] = so_far, load()
        results.save(run, options.json or options.build_dir / "results.json")

    run_rounds(cases, engines, models, texts, options.rounds, keep, options.settle)
    return run


def missed(run: results.Run, required: Sequence[tuple[str, float]]) -> list[str]:
    """A line for every peer that ours does not beat by the required ratio."""
    lines = []
    for name, wanted in required:
        (result,) = [result for result in run.results if result.name == name]
        entries = list(filter(None, map(result.entry_of, result.peers())))
        if not entries or not result.ours.ran:
            lines.append(f"{name}: nothing to compare, required {wanted:g}")
        for entry in entries:
            ratio = result.ratio(entry)
            if ratio is not None and ratio < wanted:
                peer = f"{entry.engine} {entry.flags}".strip()
                lines.append(f"{name}: {ratio:.3f} times {peer}, required {wanted:g}")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; see its epilog for the status."""
    options = parse_arguments(arguments)
    if options.list:
        print("\n".join(f"{case.name:28}{case.unit:6} {case.label}" for case in options.cases))
        return 0
    failures: list[str] = []
    try:
        if options.saved:
            runs = results.merged([results.load(file) for file in options.saved])
        else:
            run = measure(options)
            if run is None:
                return 0
            runs = [run]
            failures = missed(run, options.require)
        print(report.report(runs))
        if options.document:
            document.write(runs, options.document)
    except (Failure, OSError) as error:
        print(f"run: {error}", file=sys.stderr)
        return 2
    for line in failures:
        print(f"run: {line}", file=sys.stderr)
    broken = [r.name for run in runs for r in run.results if r.ours.error]
    if broken and not options.saved:
        print(f"run: {OURS} failed in {', '.join(broken)}", file=sys.stderr)
        return 2
    return 1 if failures else 0
