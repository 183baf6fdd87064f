# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share: calling it, and reading what it writes.

PIO_BINARY is the program; PIO_TEST_MODEL, where set, the SmolLM2 GGUF that the top-level goldens were made from.
"""

import json
import os
import signal
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "src/inference_pio/models/llama/tests/golden"
TIED = GOLDEN / "llama_tied"  # a folder without a tokenizer
GGUF = GOLDEN / "gguf_mixed/llama_mixed.q4_1.gguf"
BINARY = os.environ.get("PIO_BINARY", "")
MODEL = os.environ.get("PIO_TEST_MODEL", "")
VOCAB, HIDDEN, LAYERS, CONTEXT = 256, 64, 3, 256  # of TIED


def environment(**env):
    """An environment without settings of its own for the program."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIO_", "INFERENCE_PIO_"))}
    return {**kept, "PIO_PIN": "0", "INFERENCE_PIO_CACHE": "/nonexistent", **env}


def call(*args, stdin="", **env):
    """Runs the program."""
    command = [BINARY, *map(str, args)]
    return subprocess.run(command, input=stdin.encode(), capture_output=True, env=environment(**env), timeout=60)


def joined(ids):
    return ",".join(map(str, ids))


def read_safetensors(path):
    """Name -> (dtype, shape, bytes)."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    out = {}
    for name, info in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in info["data_offsets"])
            out[name] = (info["dtype"], info["shape"], data[begin:end])
    return out


def rows_of(tensor):
    dtype, (rows, cols), data = tensor
    assert dtype == "F32"
    flat = struct.unpack(f"<{rows * cols}f", data)
    return [flat[i * cols : (i + 1) * cols] for i in range(rows)]


class CliTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tmp = Path(folder.name)

    def ok(self, *args, **env):
        done = call(*args, **env)
        self.assertEqual(done.returncode, 0, (args, done.stderr))
        return done.stdout.decode()

    def fails(self, code, message, *args, **env):
        with self.subTest(args=[str(a)[:60] for a in args], **env):
            done = call(*args, **env)
            error = done.stderr.decode()
            self.assertEqual(done.returncode, code, error)
            self.assertEqual(done.stdout, b"")
            self.assertEqual(error.count("\n"), 1, error)
            self.assertTrue(error.startswith("error: ") and error.endswith("\n"), error)
            for part in [message] if isinstance(message, str) else message:
                self.assertIn(part, error)


def start(*args, **env):
    """Starts the program with pipes and comes back once it takes note of Ctrl-C."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([BINARY, *map(str, args)], env=environment(**env), bufsize=0, **pipes)
    while process.poll() is None and not catches_interrupt(process.pid):
        time.sleep(0.001)
    return process


def catches_interrupt(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)


def read_until(stream, wanted):
    """What comes before and with `wanted`, or all until the end."""
    out = b""
    while not out.endswith(wanted):
        byte = stream.read(1)
        if not byte:
            break
        out += byte
    return out
