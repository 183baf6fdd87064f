# SPDX-License-Identifier: Apache-2.0
"""Writes that fail, and errors that stay in one line."""

import os
import subprocess
import unittest

from cli_support import BINARY, GGUF, TIED, CliTest, environment

COMMANDS = [
    ["run", TIED, "--ids", "1,2", "-n", "4"],
    ["run", TIED, "--ids", "1,2", "-n", "4", "--json"],
    ["run", GGUF, "hello", "--raw", "--ignore-eos"],
    ["bench", TIED, "-p", "8", "-n", "2", "-r", "1"],
    ["bench", TIED, "-p", "8", "-n", "2", "-r", "1", "--json"],
    ["models"],
    ["tokenize", GGUF, "--text", "a"],
    ["doctor"],
    ["--version"],
    ["--help"],
]


class FailingStdout(CliTest):
    def check(self, command, redirection, **more):
        shell = f'"$@" {redirection}'
        done = subprocess.run(["sh", "-c", shell, "sh", BINARY, *map(str, command)], env=environment(), timeout=60,
                              stderr=subprocess.PIPE, **more)
        with self.subTest(command=list(map(str, command)), redirection=redirection):
            error = done.stderr.decode()
            self.assertEqual(done.returncode, 1, error)
            lines = [line for line in error.splitlines() if not line.startswith(("note: ", "warning: "))]
            self.assertEqual(len(lines), 1, error)
            self.assertTrue(lines[0].startswith("error: cannot write to stdout"), error)

    def test_a_full_device(self):
        for command in COMMANDS:
            self.check(command, ">/dev/full")

    def test_a_closed_stdout(self):
        for command in COMMANDS:
            self.check(command, ">&-")

    def test_a_closed_pipe(self):
        for command in COMMANDS:
            read, write = os.pipe()
            os.close(read)
            self.check(command, "", stdout=write)
            os.close(write)

    def test_generation_stops(self):
        self.check(["run", GGUF, "hello", "--raw", "--ignore-eos", "--ctx", 1_000_000], ">/dev/full")
        template = self.tmp / "t.jinja"
        template.write_text("{{ messages[-1].content }}")
        chat = [BINARY, "chat", GGUF, "--template", template, "--ctx", "1000000", "--ignore-eos"]
        with open("/dev/full", "wb") as full:
            done = subprocess.run(chat, input=b"a\nb\n", stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=60)
        self.assertEqual((done.returncode, done.stderr.count(b"error: ")), (1, 1), done.stderr)


class OneLine(CliTest):
    def test_control_characters_are_escaped(self):
        self.fails(3, r"a\nb\x1b[31m", "run", "a\nb\x1b[31m", "x")
        self.fails(3, r"/none\n", "run", "/none\n", "x")
        self.fails(2, r"x\ny", "run", "a", "b", "x\ny")
        self.fails(2, r"x\n", "--x\n")
        path = self.tmp / "a\nb.gguf"
        path.write_bytes(b"GGUF")
        self.fails(3, r"a\nb.gguf", "run", path, "x")
        self.fails(3, r"a\nb.gguf", "tokenize", path, "--text", "x")

    def test_other_characters_are_not(self):
        path = self.tmp / "m\u00fc\u2713.gguf"
        path.write_bytes(b"GGUF")
        self.fails(3, "m", "run", path, "x")


if __name__ == "__main__":
    unittest.main()
