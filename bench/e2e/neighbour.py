#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed beside a busy neighbour: what is left of it, and the longest wait for a token.

  PYTHONPATH=src python bench/e2e/neighbour.py [MODEL] [--rounds 7] [--bar 0.4] [--stall 50]

Each round measures three times, interleaved: alone, beside a process that spins on one of the CPUs, and two engines at
once, of which the slower counts. Speeds are in tokens per second.

Exit status: 0; 1 if a median share of the speed alone is below --bar, or a median of the rounds' longest waits is above
--stall milliseconds.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

import inference_pio

TOKENS = 256
WHAT = ("prompt", "generation")


def measure(model_name):
    """Prompt and generation speed of one request, and the longest wait between two of its pieces in ms."""
    prompt = [i * 131 % 251 + 3 for i in range(512)]
    with inference_pio.load(model_name, parallel=1) as model:
        request = {"ids": prompt}
        model.generate(request, max_tokens=8, temperature=0, ignore_eos=True)  # warms up
        begin = last = time.perf_counter()
        first, longest, pieces = None, 0.0, 0
        for _ in model.stream_generate(request, max_tokens=TOKENS, temperature=0, ignore_eos=True):
            now = time.perf_counter()
            if first is None:
                first = now
            else:
                longest = max(longest, now - last)
            last = now
            pieces += 1
    return {
        "prompt": len(prompt) / (first - begin),
        "generation": (TOKENS - 1) / (last - first),
        "wait_ms": longest * 1000,
    }


def spin(cpu):
    """Keep `cpu` busy for ever."""
    os.sched_setaffinity(0, {cpu})
    while True:
        pass


def processes(model_name, count):
    """`measure` in `count` processes at once."""
    command = [sys.executable, __file__, model_name, "--once"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    out = [json.loads(process.communicate()[0]) for process in running]
    if any(process.returncode for process in running):
        sys.exit(2)
    return out


def round_of(model_name):
    """Alone, beside a spinner, and two at once: the worst of the processes each."""
    alone = processes(model_name, 1)
    spinner = multiprocessing.Process(
        target=spin, args=(max(os.sched_getaffinity(0)),), daemon=True
    )
    spinner.start()
    beside = processes(model_name, 1)
    spinner.kill()
    spinner.join()
    two = processes(model_name, 2)
    return [
        {what: min(one[what] for one in each) for what in WHAT}
        | {"wait_ms": max(one["wait_ms"] for one in each)}
        for each in (alone, beside, two)
    ]


def main():
    """Measure and print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="SmolLM2-135M-Instruct.Q4_1")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--bar", type=float, default=0.4, help="least share of the speed alone that will do"
    )
    parser.add_argument(
        "--stall", type=float, default=50, help="longest wait that will do, in milliseconds"
    )
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.once:
        print(json.dumps(measure(args.model)))
        return 0
    rounds = [round_of(args.model) for _ in range(args.rounds)]
    good = True
    for i, name in enumerate(("alone", "beside a spinner", "two engines")):
        wait = statistics.median(r[i]["wait_ms"] for r in rounds)
        line = f"{name:18}"
        for what in WHAT:
            share = statistics.median(r[i][what] / r[0][what] for r in rounds)
            line += (
                f"{what} {statistics.median(r[i][what] for r in rounds):8.1f} t/s ({share:4.2f})   "
            )
            good = good and share >= args.bar
        print(f"{line}longest wait {wait:6.1f} ms")
        good = good and wait <= args.stall
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
