# SPDX-License-Identifier: Apache-2.0
"""Inference-PIO as an Engine: its commands `bench` and `run`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import CONTEXT, Kind, Sample, Work
from process import Command, Failure, Start, json_of, output_of, start_of

NAME = "inference-pio"
TEXT = "The capital of France is a city on the river Seine, and its oldest bridge is the new one."


@dataclass(frozen=True)
class Ours:
    """The program `binary`. `environment` is set for it, as PIO_ISA."""

    binary: Path
    threads: int
    environment: dict[str, str] = field(default_factory=dict)
    name: str = NAME
    flags: str = ""

    def version(self) -> str:
        """What --version says, and the commit of the tree that the binary lies in."""
        version = output_of([self.binary, "--version"]).strip()
        git: list[str | Path] = ["git", "-C", self.binary.resolve().parent]
        try:
            return (
                f"{version} (tree {output_of([*git, 'describe', '--always', '--dirty']).strip()})"
            )
        except Failure:  # not in a checkout
            return version

    def covers(self, kind: Kind, work: Work) -> bool:
        """See Engine."""
        return True

    def speed(self, model: Path, work: Work, repetitions: int) -> Sample:
        """See Engine. The head and greedy sampling are in the time of generating."""
        command: list[str | Path] = [self.binary, "bench", model, "-p", str(work.prompt)]
        command += ["-n", str(work.generate), "-d", str(work.depth)]
        command += ["--parallel", str(work.parallel), "--kv", work.kv]
        command += ["-t", str(self.threads), "-r", str(repetitions), "--json"]
        (test,) = json_of(command, self.environment)
        share = test.get("share")
        return Sample(
            test["median"], test["best"], share if isinstance(share, int | float) else None
        )

    def start(self, model: Path, text: str, tokens: int) -> Start:
        """See Engine."""
        command: list[str | Path] = [self.binary, "run", model, text, "--raw", "-n", "1"]
        command += ["--temp", "0", "--ignore-eos", "-c", str(CONTEXT), "-t", str(self.threads)]
        return start_of(command, self.environment)

    def prompt_of(self, model: Path, tokens: int) -> str:
        """The beginning of a text that comes to `tokens` tokens in the vocabulary of `model`."""
        words = TEXT.split()
        beginnings = [" ".join(words[:count]) for count in range(1, len(words) + 1)]
        if len(TEXT.encode()) > tokens:  # a vocabulary of bytes: within a word
            beginnings += [TEXT[:length] for length in range(tokens, 4 * tokens)]
        for text in beginnings:
            if self._count(model, text) == tokens:
                return text
        raise Failure(f"no beginning of the example text comes to {tokens} tokens")

    def limits(self, model: Path) -> dict[str, Any]:
        """What `bench` measures of the machine; empty where it does not, or cannot run `model`."""
        command: Command = [self.binary, "bench", model, "-p", "1", "-n", "0", "-r", "1"]
        try:
            (test,) = json_of([*command, "-t", str(self.threads), "--json"], self.environment)
        except Failure:  # its case will say why
            return {}
        limits = test.get("limits")
        return limits if isinstance(limits, dict) else {}

    def _count(self, model: Path, text: str) -> int:
        return len(json_of([self.binary, "tokenize", model, "--text", text, "--json"])["ids"])


def checkpoint(binary: Path, name: str) -> Path:
    """The file of the checkpoint that `inference-pio models` lists as `name`.

    Raises:
        Failure: it lists none.
    """
    listed: list[dict[str, Any]] = json_of([binary, "models", "--json"])["checkpoints"]
    for found in listed:
        if found["name"] == name and Path(found["path"]).is_file():
            return Path(found["path"])
    raise Failure(f'no model "{name}" in what `inference-pio models` lists: run `make model`')
