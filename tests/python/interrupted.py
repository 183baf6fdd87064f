# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C for a Python program under test."""

import signal
import subprocess
import sys
import time


def interrupted(code: str) -> tuple[int, bytes]:
    """Run `code`, which prints ready, and press Ctrl-C; its exit status and stderr. Raises if it does not end."""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        if child.stdout.readline() != b"ready\n":
            raise AssertionError(child.communicate()[1].decode())
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=5)
    finally:
        child.kill()
    return child.returncode, err
