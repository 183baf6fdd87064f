#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed of a model written in Python beside the same in C++: interleaved rounds in one process.

  PYTHONPATH=src python bench/e2e/python_ratio.py [MODEL] [--plugins llama llama_python] [--rounds 15] [--bar 0.95]

Prints tokens per second, best and median, and the median of the rounds' ratios, for generation and for prompts.

Exit status: 0; 1 if one of the two ratios is below --bar.
"""

import argparse
import statistics
import sys

import inference_pio


def speeds(model, tokens, prompt):
    """Generated and prompt tokens per second of one request."""
    result = model.generate({"ids": prompt}, max_tokens=tokens, temperature=0, ignore_eos=True)
    return (tokens - 1) / result.completion_ms * 1000, len(prompt) / result.prompt_ms * 1000


def main():
    """Measure and print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="SmolLM2-135M-Instruct.Q4_1")
    parser.add_argument("--plugins", nargs=2, default=["llama", "llama_python"])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--bar", type=float, default=0.0, help="least ratio that will do (default: any)")
    args = parser.parse_args()
    prompt = [i * 131 % 251 + 3 for i in range(args.prompt)]
    models = [inference_pio.load(args.model, plugin=name, parallel=1) for name in args.plugins]
    rounds = []
    for i in range(args.rounds + 1):
        order = (0, 1) if i % 2 else (1, 0)
        found = [None, None]
        for k in order:
            found[k] = speeds(models[k], args.tokens, prompt)
        if i:  # the first warms up
            rounds.append(found)
    ratios = []
    for what, title in enumerate(("generation", "prompt")):
        for k, name in enumerate(args.plugins):
            values = [r[k][what] for r in rounds]
            print(f"{title:10} {name:14} best {max(values):8.1f} t/s  median {statistics.median(values):8.1f} t/s")
        ratios.append(statistics.median(r[1][what] / r[0][what] for r in rounds))
        print(f"{title:10} ratio, median of {len(rounds)}: {ratios[-1]:.3f}")
    for model in models:
        model.close()
    return 0 if min(ratios) >= args.bar else 1


if __name__ == "__main__":
    sys.exit(main())
