# SPDX-License-Identifier: Apache-2.0
"""llama.cpp as an Engine: llama-bench for the speeds, llama-completion for the first token."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from build_llama_cpp import BIN, TARGETS
from engine import CONTEXT, Sample, speeds, times
from process import Failure, json_of, output_of, time_to_first_output

NAME = "llama.cpp"


@dataclass(frozen=True)
class LlamaCpp:
    """The programs in the folder `bin` with the file `model`."""

    bin: Path
    model: Path
    threads: int
    name: str = NAME

    def version(self) -> str:
        """As llama-bench says it: "0.5.0-dev (build 1, commit 0c1e570)"."""
        text = output_of([self.bin / "llama-bench", "--version"], with_stderr=True)
        return text.strip().partition("\n")[0].removeprefix("version: ")

    def prompt_speed(self, tokens: int, repetitions: int) -> Sample:
        """See Engine."""
        return self._bench(repetitions, "-p", tokens, "-n", 0)

    def decode_speed(self, tokens: int, repetitions: int) -> Sample:
        """See Engine. llama-bench computes the logits and samples nothing."""
        return self._bench(repetitions, "-p", 0, "-n", tokens)

    def first_token(self, text: str, tokens: int, repetitions: int) -> Sample:
        """See Engine."""
        command: list[str | Path] = [
            self.bin / "llama-completion",
            "-m",
            self.model,
            "-t",
            str(self.threads),
        ]
        command += ["-p", text, "-no-cnv", "--no-display-prompt", "-n", "1", "--temp", "0"]
        command += ["--ignore-eos", "-c", str(CONTEXT), "-fa", "on"]
        # Its quickest start: without the empty run before the first, and without the trial of what
        # fits into a device's memory.
        command += ["--no-warmup", "-fit", "off"]
        milliseconds = []
        for _ in range(repetitions):
            seconds, log = time_to_first_output(command)
            read = re.search(r"prompt eval time =.*?/\s*(\d+) tokens", log)
            if read and int(read[1]) != tokens:
                raise Failure(f'{NAME} reads "{text}" as {read[1]} tokens, wanted {tokens}')
            milliseconds.append(seconds * 1000)
        return times(milliseconds)

    def _bench(self, repetitions: int, *arguments: str | int) -> Sample:
        command: list[str | Path] = [
            self.bin / "llama-bench",
            "-m",
            self.model,
            *map(str, arguments),
        ]
        command += ["-t", str(self.threads), "-fa", "1", "-r", str(repetitions), "-o", "json"]
        (test,) = json_of(command)
        return speeds(test["samples_ts"])


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that only this peer has."""
    parser.add_argument(
        "--llama-bin",
        type=Path,
        default=BIN,
        metavar="DIR",
        help=f"folder with {' and '.join(TARGETS)} (default: where build_llama_cpp.py puts them)",
    )


def open_engine(options: argparse.Namespace, model: Path) -> LlamaCpp:
    """The engine that `options` name.

    Raises:
        Failure: a program is missing.
    """
    for program in TARGETS:
        if not (options.llama_bin / program).is_file():
            builder = Path(__file__).with_name("build_llama_cpp.py").name
            raise Failure(
                f"no {options.llama_bin / program}: run {builder}, or name it by --llama-bin"
            )
    return LlamaCpp(options.llama_bin, model, options.threads)
