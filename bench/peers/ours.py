# SPDX-License-Identifier: Apache-2.0
"""Inference-PIO as an Engine: its commands `bench` and `run`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import CONTEXT, Sample, times
from process import Failure, json_of, output_of, time_to_first_output

TEXT = "The capital of France is a city on the river Seine, and its oldest bridge is the new one."


@dataclass(frozen=True)
class Ours:
    """The program `binary` with the file `model`."""

    binary: Path
    model: Path
    threads: int
    name: str = "inference-pio"

    def version(self) -> str:
        """What --version says, and the commit of the tree that the binary lies in."""
        version = output_of([self.binary, "--version"]).strip()
        describe: list[str | Path] = [
            "git",
            "-C",
            self.binary.resolve().parent,
            "describe",
            "--always",
            "--dirty",
        ]
        try:
            return f"{version} (tree {output_of(describe).strip()})"
        except Failure:  # not in a checkout
            return version

    def prompt_speed(self, tokens: int, repetitions: int) -> Sample:
        """See Engine."""
        return self._bench(repetitions, "-p", tokens, "-n", 0)

    def decode_speed(self, tokens: int, repetitions: int) -> Sample:
        """See Engine. The head and greedy sampling are in the time."""
        return self._bench(repetitions, "-p", 0, "-n", tokens)

    def first_token(self, text: str, tokens: int, repetitions: int) -> Sample:
        """See Engine."""
        if (count := self._count(text)) != tokens:
            raise Failure(f'"{text}" comes to {count} tokens, wanted {tokens}')
        command: list[str | Path] = [
            self.binary,
            "run",
            self.model,
            text,
            "--raw",
            "-n",
            "1",
            "--temp",
            "0",
        ]
        command += ["--ignore-eos", "-c", str(CONTEXT), "-t", str(self.threads)]
        return times([time_to_first_output(command)[0] * 1000 for _ in range(repetitions)])

    def prompt_of(self, tokens: int) -> str:
        """The beginning of a text that comes to `tokens` tokens."""
        words = TEXT.split()
        for count in range(1, len(words) + 1):
            text = " ".join(words[:count])
            if self._count(text) == tokens:
                return text
        raise Failure(f"no beginning of the example text comes to {tokens} tokens")

    def _count(self, text: str) -> int:
        return len(json_of([self.binary, "tokenize", self.model, "--text", text, "--json"])["ids"])

    def _bench(self, repetitions: int, *arguments: str | int) -> Sample:
        command: list[str | Path] = [self.binary, "bench", self.model, *map(str, arguments)]
        command += ["-t", str(self.threads), "-r", str(repetitions), "--json"]
        (test,) = json_of(command)
        return Sample(test["median"], test["best"])


def find_model(binary: Path, name: str) -> Path:
    """The file `name`, or that of the checkpoint that `inference-pio models` lists as `name`."""
    if Path(name).is_file():
        return Path(name)
    listed: list[dict[str, Any]] = json_of([binary, "models", "--json"])["checkpoints"]
    for checkpoint in listed:
        if checkpoint["name"] == name and Path(checkpoint["path"]).is_file():
            return Path(checkpoint["path"])
    raise Failure(f'no model "{name}": not a file, and not one that `inference-pio models` lists')
