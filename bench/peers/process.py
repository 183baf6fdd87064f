# SPDX-License-Identifier: Apache-2.0
"""Run a program for its text, its JSON, or its start and memory; failures are one line."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Command = Sequence[str | Path]
Environment = Mapping[str, str]  # set on top of ours
LIMIT_S = 1800  # a program that takes longer hangs


class Failure(Exception):
    """Nothing can be measured; the message is one line for the user."""


@dataclass(frozen=True)
class Start:
    """A process that has ended well."""

    seconds: float  # from its start to its first byte on stdout
    peak_bytes: int  # the most that was resident, files that it maps included
    log: str  # its stderr


def output_of(command: Command, environment: Environment | None = None) -> str:
    """What `command` prints on stdout.

    Raises:
        Failure: it could not be started, hangs, or ended with another status than 0.
    """
    return outputs_of(command, environment)[0]


def outputs_of(
    command: Command, environment: Environment | None = None, folder: Path | None = None
) -> tuple[str, str]:
    """What `command` prints on stdout and on stderr, in `folder`; raises as output_of does."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{Path(command[0]).name} took more than {LIMIT_S} s") from error
    if done.returncode != 0:
        raise Failure(_what_failed(command, done.returncode, done.stderr))
    return done.stdout, done.stderr


def json_of(command: Command, environment: Environment | None = None) -> Any:
    """The JSON value that `command` prints on stdout; raises as output_of does."""
    text = output_of(command, environment)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Failure(f"{Path(command[0]).name} printed no JSON: {error}") from error


def start_of(command: Command, environment: Environment | None = None) -> Start:
    """Run `command`; time its first byte on stdout, and see how much memory it took.

    Raises:
        Failure: as output_of, or it printed nothing.
    """
    # A file, not a pipe: a program that logs much must not wait for a reader.
    with tempfile.TemporaryFile() as log:
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **(environment or {})},
            )
        except OSError as error:
            raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
        with process:
            assert process.stdout is not None
            first = process.stdout.read(1)
            seconds = time.perf_counter() - begin
            while process.stdout.read(65536):
                pass
            # wait4, not wait: it tells what this one process used. This Python's own few MiB are
            # its floor, as the kernel counts what stood in the process before it became another.
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        errors = log.read().decode(errors="replace")
    if process.returncode != 0:
        raise Failure(_what_failed(command, process.returncode, errors))
    if not first:
        raise Failure(f"{Path(command[0]).name} ended well and printed nothing")
    return Start(seconds, usage.ru_maxrss * 1024, errors)


def _what_failed(command: Command, status: int, errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    # An assertion says more than the stack that some programs print behind it.
    asserted = [line for line in lines if "ASSERT" in line]
    reason = (asserted or lines or ["no message"])[-1]
    reason = re.sub(
        r"(?<!\S)['\"]?/(?:[^\s/:]+/)+", "", reason
    )  # files without this machine's folders
    how = f"with status {status}" if status > 0 else f"by {signal.Signals(-status).name}"
    return f"{Path(command[0]).name} ended {how}: {reason}"
