# SPDX-License-Identifier: Apache-2.0
"""Run a program for its text, its JSON or the time to its first byte; failures are one line."""

import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Command = Sequence[str | Path]


class Failure(Exception):
    """Nothing can be measured; the message is one line for the user."""


def output_of(command: Command, with_stderr: bool = False) -> str:
    """What `command` prints on stdout; `with_stderr`, then what it prints there.

    Raises:
        Failure: it could not be started, or ended with another status than 0.
    """
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
        )
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        raise Failure(_what_failed(command, done.returncode, done.stderr))
    return done.stdout + (done.stderr if with_stderr else "")


def json_of(command: Command) -> Any:
    """The JSON value that `command` prints on stdout."""
    text = output_of(command)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Failure(f"{Path(command[0]).name} printed no JSON: {error}") from error


def time_to_first_output(command: Command) -> tuple[float, str]:
    """Seconds from starting `command` to its first byte on stdout, and all of its stderr."""
    # A file, not a pipe: a program that logs much must not wait for a reader.
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
            )
        except OSError as error:
            raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
        with process:
            assert process.stdout is not None
            first = process.stdout.read(1)
            seconds = time.perf_counter() - start
            process.communicate()
        log.seek(0)
        errors = log.read().decode(errors="replace")
    if process.returncode != 0:
        raise Failure(_what_failed(command, process.returncode, errors))
    if not first:
        raise Failure(f"{Path(command[0]).name} ended well and printed nothing")
    return seconds, errors


def _what_failed(command: Command, status: int, errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    reason = lines[-1] if lines else "no message"
    return f"{Path(command[0]).name} ended with status {status}: {reason}"
