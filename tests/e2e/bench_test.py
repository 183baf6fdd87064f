# SPDX-License-Identifier: Apache-2.0
"""bench: what is timed, and what it refuses."""

import json
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

from cli_support import TIED, CliTest, call


class Bench(CliTest):
    def rows(self, *args):
        return json.loads(self.ok("bench", TIED, "-t", 1, "--json", "--no-limits", *args))

    def test_a_context_that_is_too_small(self):
        self.fails(1, ["-p 100", "--ctx is 50"], "bench", TIED, "-p", 100, "-n", 0, "--ctx", 50)
        self.fails(1, ["129", "128"], "bench", TIED, "-p", 0, "-n", 100, "-d", 28, "--ctx", 128)
        self.rows("-p", 100, "-n", 0, "-r", 1, "--ctx", 101)
        self.rows("-p", 0, "-n", 100, "-d", 28, "-r", 1, "--ctx", 129)

    def test_parallel_prompts_share_one_clock(self):
        # One after the other on one thread: four prompts take four times as long, so that the speed stays.
        alone = self.rows("-p", 512, "-n", 0, "-r", 3)[0]["best"]
        four = self.rows("-p", 512, "-n", 0, "-r", 3, "--parallel", 4)[0]
        self.assertEqual((four["parallel"], four["test"]), (4, "pp512"))
        self.assertLess(four["best"], alone * 2)

    def test_answers_are_not_timed_with_a_neighbours_prompt(self):
        # Prompts of 500 tokens each take far longer than four tokens of answer.
        rates = [self.rows("-p", 0, "-n", 8, "-d", 500, "-r", 3, "--parallel", n)[0]["best"] for n in (1, 4)]
        self.assertGreater(rates[1], rates[0] * 0.5)

    def test_the_depth_is_not_timed(self):
        # A prompt of one token is a step like one of the answer; timed with the 64 before it, it would seem far faster.
        prompt, answer = self.rows("-p", 1, "-n", 8, "-d", 64, "-r", 20)
        self.assertEqual((prompt["test"], prompt["depth"], prompt["n_prompt"]), ("pp1@d64", 64, 1))
        self.assertLess(prompt["best"], answer["best"] * 3)

    def test_text(self):
        done = call("bench", TIED, "-p", 8, "-n", 4, "-r", 1, "--no-limits")
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()], [b"pp8", b"tg4"])

    def test_a_profile_beside_the_limits(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder, "p.svg")
            args = ["-p", 8, "-n", 4, "-r", 2, "--profile", "--profile-svg", picture]
            prompt, answer = json.loads(self.ok("bench", TIED, "--json", *args))
            self.assertEqual(ElementTree.parse(picture).getroot().tag, "{http://www.w3.org/2000/svg}svg")
        for row in (prompt, answer):
            self.assertTrue(all(value > 0 for value in row["limits"].values()), row["limits"])
            self.assertGreater(row["share"]["f32"], 0)
            self.assertEqual(row["share"]["int8"], 0)  # a model of floats
        # Every token of the two repetitions reads all weights but the embedding's other rows.
        kernels = {entry["kernel"]: entry for entry in answer["profile"]}
        self.assertEqual(kernels["attention"]["calls"] % (2 * 4), 0)
        self.assertEqual(kernels["sample"]["calls"], 2 * 4)
        weights = sum(entry["weight_bytes"] for entry in answer["profile"]) / (2 * 4)
        seconds = 4 / answer["tokens_per_s"]
        bytes_read = answer["share"]["read"] * answer["limits"]["read_gb_s"] * 1e9 * seconds / 4
        self.assertGreater(bytes_read, weights)  # the cache comes on top
        self.assertLess(bytes_read, weights * 1.5)

    def test_a_profile_needs_the_limits(self):
        self.fails(2, ["--no-limits", "--profile"], "bench", TIED, "--profile", "--no-limits")


if __name__ == "__main__":
    unittest.main()
