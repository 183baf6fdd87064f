# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C in every phase of the commands that generate."""

import os
import signal
import time
import unittest

from cli_support import GGUF, TIED, CliTest, joined, read_until, start

LONG = ["--ctx", 100_000, "--ignore-eos"]  # an answer of minutes


def drain(stream):
    """Takes what is there."""
    os.set_blocking(stream.fileno(), False)
    while stream.read(65536):
        pass
    os.set_blocking(stream.fileno(), True)


class CtrlC(CliTest):
    def interrupt(self, process, code=130):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, code, err)
        self.assertNotIn(b"error", err)
        return out

    def test_during_the_load(self):
        self.assertEqual(self.interrupt(start("run", TIED, "--ids", "1,2", *LONG)), b"")

    def test_during_the_prompt(self):
        ids = joined([1] * 60_000)
        process = start("run", TIED, "--ids", ids, "--chunk", 64, *LONG)
        time.sleep(0.5)
        begin = time.monotonic()
        self.assertEqual(self.interrupt(process), b"")
        self.assertLess(time.monotonic() - begin, 20)

    def test_during_the_answer(self):
        process = start("run", GGUF, "hello", "--raw", *LONG)
        first = process.stdout.read(1)
        self.assertTrue(first)
        self.interrupt(process)

    def test_json_is_whole_or_not_there(self):
        process = start("run", GGUF, "hello", "--raw", "--json", *LONG)
        time.sleep(0.3)
        self.assertEqual(self.interrupt(process), b"")

    def test_bench(self):
        for options in [("-p", 200), ("-p", 0, "-n", 200), ("--parallel", 4, "-d", 50)]:
            process = start("bench", TIED, "-r", 1000, "--json", *options)
            time.sleep(0.3)
            self.assertEqual(self.interrupt(process), b"", options)

    def test_the_second_one_ends_the_program(self):
        # A single step of many seconds, in which nobody looks.
        process = start("bench", TIED, "-p", 8192, "-d", 50_000, "--chunk", 8192, "-t", 1)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, (130, -signal.SIGINT))  # 130: the first was seen before


class CtrlCInChat(CliTest):
    def setUp(self):
        super().setUp()
        self.template = self.tmp / "t.jinja"
        self.template.write_text("{{ messages[-1].content }}")

    def chat(self, *args):
        process = start("chat", GGUF, "--template", self.template, *args)
        self.assertIn(b"> ", read_until(process.stderr, b"> "))
        return process

    def test_at_the_prompt_it_ends(self):
        process = self.chat()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        self.assertEqual(process.returncode, 130)
        process.communicate()

    def test_in_an_answer_the_prompt_comes_back(self):
        process = self.chat(*LONG)
        for _ in range(2):
            process.stdin.write(b"hello\n")
            self.assertTrue(process.stdout.read(1))
            process.send_signal(signal.SIGINT)
            self.assertEqual(read_until(process.stderr, b"> "), b"> ")
            drain(process.stdout)
        process.stdin.write(b"/bye\n")
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_what_there_is_of_an_answer_is_kept(self):
        self.template.write_text("{% for m in messages %}{{ m.role[0] }}{% endfor %}")
        process = self.chat(*LONG)
        process.stdin.write(b"hello\n")
        self.assertTrue(process.stdout.read(3))
        process.send_signal(signal.SIGINT)
        read_until(process.stderr, b"> ")
        process.stdin.write(b"/undo\n/undo\n/regen\n/bye\n")
        _, err = process.communicate(timeout=60)
        self.assertIn(b"no message to answer", err)


if __name__ == "__main__":
    unittest.main()
